"""The column of a table that names the pictures, where several may."""

import pytest

from tests.data.test_table_file import read
from tfgan_models.errors import InputError


@pytest.mark.parametrize("pictures", [6, 9])
def test_names_with_their_endings_count_more_than_an_index(tmp_path, pictures):
    """The index that pandas writes is 0, 1, …, and pictures may have these names."""
    text = ",filename,label\n" + "".join(f"{i},{5 - i}.png,{'ab'[i % 2]}\n" for i in range(6))
    found = read(tmp_path, text, tuple(f"{i}.png" for i in range(pictures)))
    assert found.classes == {f"{5 - i}.png": "ab"[i % 2] for i in range(6)}


def test_a_usual_name_counts_more_than_an_index(tmp_path):
    text = ",image_id,label\n" + "".join(f"{i},{5 - i},{'ab'[i % 2]}\n" for i in range(6))
    found = read(tmp_path, text, tuple(f"{i}.png" for i in range(6)))
    assert found.classes == {f"{5 - i}.png": "ab"[i % 2] for i in range(6)}


def test_two_columns_that_name_the_pictures_differently_are_refused(tmp_path):
    text = "before,after,label\n" + "".join(f"{i}.png,{5 - i}.png,{'ab'[i % 2]}\n" for i in range(6))
    with pytest.raises(InputError, match=r"the columns 'before' and 'after' of .* both name the pictures"):
        read(tmp_path, text, tuple(f"{i}.png" for i in range(6)))
    same = "name,path,label\n" + "".join(f"{i}.png,x/{i}.png,{'ab'[i % 2]}\n" for i in range(6))
    assert len(read(tmp_path, same, tuple(f"{i}.png" for i in range(6))).classes) == 6
