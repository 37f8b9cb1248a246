"""The column of a table that names the pictures, where several may."""

import pytest

from tests.data.pictures import save
from tests.data.test_table_file import read
from tfgan_models.data.folder import plan_folder
from tfgan_models.data.folder_labels import FolderOptions
from tfgan_models.data.plan import Request
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


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("first", [True, False])
def test_an_index_of_a_spreadsheet_s_numbers_names_no_pictures(tmp_path, first, index):
    """Where pandas has read 000001 as 1, both columns fit the names without zeros."""
    rows = [(f"{i + index}", f"{5 - i + index}") for i in range(6)]
    rows = [cells if first else cells[::-1] for cells in rows]
    header = ",image_id" if first else "image_id,"
    text = f"{header},label\n" + "".join(f"{','.join(cells)},{'ab'[i % 2]}\n" for i, cells in enumerate(rows))
    found = read(tmp_path, text, tuple(f"{i + index:06}.png" for i in range(6)))
    assert found.classes == {f"{5 - i + index:06}.png": "ab"[i % 2] for i in range(6)}


def test_an_index_names_no_pictures_although_it_fits_more_of_them(tmp_path):
    text = ",filename,label\n0,5.png,a\n1,9.png,b\n2,8.png,a\n3,12.png,b\n"
    found = read(tmp_path, text, tuple(f"{i}.png" for i in range(10)))
    assert found.classes == {"5.png": "a", "9.png": "b", "8.png": "a"}


def test_an_index_names_pictures_where_nothing_else_does(tmp_path):
    text = "n,label\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(6))
    found = read(tmp_path, text, tuple(f"{i}.png" for i in range(6)))
    assert found.classes == {f"{i}.png": "ab"[i % 2] for i in range(6)}


def test_a_set_with_a_table_of_an_earlier_version_is_read_again(tmp_path):
    for i in range(12):
        save(tmp_path / "in" / f"{i}.png")
    (tmp_path / "t.csv").write_text("file,smile\n" + "".join(f"{i}.png,{i % 2}\n" for i in range(12)))
    request = Request("train", 8, None)
    plan = plan_folder(str(tmp_path / "in"), request, FolderOptions(attributes=str(tmp_path / "t.csv")))
    assert plan.identity["key_column"] == 2 and "key_column" not in plan_folder(str(tmp_path / "in"), request).identity
