"""CelebA's attribute format and what can be wrong with it."""

import numpy as np
import pytest

from tfgan_models.data.attribute_file import read_attributes
from tfgan_models.errors import InputError


def write(tmp_path, text, encoding="utf-8"):
    file = tmp_path / "list_attr.txt"
    file.write_bytes(text.encode(encoding))
    return file


def test_rows_by_name(tmp_path):
    file = write(tmp_path, "2\nMale Young  Smiling \n000001.jpg -1  1  1\nmy photo 2.jpg  1 -1 -1\n\n")
    table = read_attributes(file)
    assert table.names == ("Male", "Young", "Smiling")
    np.testing.assert_array_equal(table.rows["000001.jpg"], [0, 1, 1])
    np.testing.assert_array_equal(table.rows["my photo 2.jpg"], [1, 0, 0])
    assert table.rows["000001.jpg"].dtype == np.uint8


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_other_editors_files(tmp_path, newline):
    text = newline.join(["\ufeff1", "Male", "a.jpg 1", ""])
    assert list(read_attributes(write(tmp_path, text)).rows) == ["a.jpg"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("two\nMale\n", 1),
        ("1\nMale Male\na.jpg 1 1\n", 2),
        ("1\n\na.jpg\n", 2),
        ("2\nMale Young\na.jpg 1 1\nb.jpg 1\n", 4),
        ("1\nMale Young\na.jpg 1 1 1\n", 3),
        ("1\nMale Young\na.jpg 1 0\n", 3),
        ("1\nMale Young\n1 -1\n", 3),
        ("2\nMale\na.jpg 1\na.jpg -1\n", 4),
        ("3\nMale\na.jpg 1\n\nb.jpg 1\n", 4),
    ],
)
def test_malformed_lines_are_named_by_number(tmp_path, text, line):
    with pytest.raises(InputError, match=f"line {line} of") as caught:
        read_attributes(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_wrong_count_names_both(tmp_path):
    with pytest.raises(InputError, match="announces 3 rows in line 1 but has 1"):
        read_attributes(write(tmp_path, "3\nMale\na.jpg 1\n"))


def test_files_that_are_no_text(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_attributes(tmp_path / "absent.txt")
    (tmp_path / "list_attr.txt").write_bytes(b"\xff\x00\xfe\x81")
    with pytest.raises(InputError, match="not a text file"):
        read_attributes(tmp_path / "list_attr.txt")


def test_rows_of_pictures_in_sub_folders(tmp_path):
    file = write(tmp_path, "2\nMale\na.jpg 1\nx/b.jpg -1\n")
    table = read_attributes(file)
    assert [row.tolist() for row in table.rows_of(["x/b.jpg", "y/a.jpg"], file)] == [[0], [1]]
    with pytest.raises(InputError, match=r"2 of 3 pictures have no row .* the first is 'c.jpg'"):
        table.rows_of(["a.jpg", "c.jpg", "d.jpg"], file)
    with pytest.raises(InputError, match=r"2 pictures share the row 'a.jpg'"):
        table.rows_of(["x/a.jpg", "y/a.jpg"], file)
