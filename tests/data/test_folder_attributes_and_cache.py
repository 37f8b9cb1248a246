"""The attributes of a folder's pictures, and when its cache is read again."""

import numpy as np
import pytest

from tests.data.pictures import both, save
from tfgan_models.data import folder as folder_module
from tfgan_models.data.picture import read_picture
from tfgan_models.errors import InputError


def with_attributes(tmp_path, rows):
    for i in range(20):
        save(tmp_path / "in" / f"{i:02}.png", (10 * i, 0, 0))
    (tmp_path / "in" / "readme.txt").write_text("no picture, so it needs no row")
    file = tmp_path / "in" / "list_attr.txt"
    file.write_text(f"{len(rows)}\nBright Even\n" + "".join(f"{row}\n" for row in rows))
    return file


def test_attributes_are_matched_by_name(tmp_path):
    rows = [f"{i:02}.png {1 if i >= 10 else -1} {-1 if i % 2 else 1}" for i in reversed(range(25))]
    file = with_attributes(tmp_path, rows)
    for data in both(f"folder:{tmp_path / 'in'}", tmp_path / "cache", attributes=str(file)):
        number = data.images[:, 0, 0, 0] // 10
        assert data.attribute_names == ("Bright", "Even")
        assert data.attributes.dtype == np.uint8
        np.testing.assert_array_equal(data.attributes, np.stack([number >= 10, number % 2 == 0], 1))


def test_pictures_without_a_row_of_attributes_raise_input_error(tmp_path):
    file = with_attributes(tmp_path, [f"{i:02}.png 1 1" for i in range(17)])
    with pytest.raises(InputError, match=r"3 of 20 pictures have no row .* the first is '17.png'"):
        both(f"folder:{tmp_path / 'in'}", tmp_path / "cache", attributes=str(file))


def test_pictures_are_decoded_once_until_something_changes(tmp_path, monkeypatch):
    decoded = []

    def counting(path, *arguments):
        decoded.append(path.name)
        return read_picture(path, *arguments)

    monkeypatch.setattr(folder_module, "read_picture", counting)
    file = with_attributes(tmp_path, [f"{i:02}.png 1 1" for i in range(20)])

    def count(**options):
        decoded.clear()
        both(f"folder:{tmp_path / 'in'}", tmp_path / "cache", **options)
        # For either split, one picture of both is tried beforehand.
        assert len(decoded) <= len(set(decoded)) + 4
        return len(set(decoded))

    assert count() == 20
    assert count() == 0
    assert count(image_size=16) == 20
    assert count(crop=10) == 20
    assert count(attributes=str(file)) == 20
    assert count(attributes=str(file)) == 0
    file.write_text(file.read_text().replace("00.png 1 1", "00.png 1 -1"))
    assert count(attributes=str(file)) == 20
    save(tmp_path / "in" / "00.png", "white", size=(31, 30))
    assert count() == 20
