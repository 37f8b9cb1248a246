"""The layout of webdataset: labels of pictures in the files next to them, in tar archives."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.data.pictures import both
from tests.data.test_archives import png, tar_of, zip_of
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError


def level(data) -> np.ndarray:
    """The number of each picture, which is its level of red."""
    return data.images[:, 0, 0, 0].astype(int)


def samples(**files) -> dict[str, bytes]:
    """Thirty pictures ``000i.png``, and for each ending the content that a function gives for i; None for no file."""
    found = {f"{i:04}.png": png(i) for i in range(30)}
    for ending, content in files.items():
        found |= {f"{i:04}.{ending}": content(i).encode() for i in range(30) if content(i) is not None}
    return found


def test_classes_in_files(tmp_path, capsys):
    files = samples(cls=lambda i: f"{i % 11}\n", txt=lambda i: "a caption")
    for data in both(f"tar:{tar_of(tmp_path / 'a.tar', files)}", tmp_path / "c"):
        assert data.label_names == tuple(map(str, range(11)))  # in the order of the numbers
        np.testing.assert_array_equal(data.labels, level(data) % 11)
        assert data.attributes is None
    assert "skipped" not in capsys.readouterr().err


def test_names_of_classes_and_pictures_without_a_label(tmp_path, capsys):
    files = samples(cls=lambda i: ("cat", "dog", None)[i % 3])
    for data in both(f"tar:{tar_of(tmp_path / 'a.tar', files)}", tmp_path / "c"):
        assert data.label_names == ("cat", "dog")
        np.testing.assert_array_equal(data.labels, np.array([0, 1, -1])[level(data) % 3])
    assert "10 of 30 pictures have no label" in capsys.readouterr().err


def entry(i: int) -> str:
    return json.dumps({"breed": f"b{i % 5}", "class": i % 2, "old": i % 3 == 0, "tags": [1], "width": 10, "id": i})


def test_entries_of_json_files(tmp_path):
    source = f"tar:{tar_of(tmp_path / 'a.tar', samples(json=entry))}"
    for data in both(source, tmp_path / "c"):
        assert data.label_names == ("0", "1") and data.attribute_names == ("old",)
        np.testing.assert_array_equal(data.labels, level(data) % 2)
        np.testing.assert_array_equal(data.attributes[:, 0], level(data) % 3 == 0)
    for data in both(source, tmp_path / "c", label_column="breed", attribute_columns=("class", "old")):
        assert data.label_names == ("b0", "b1", "b2", "b3", "b4") and data.attribute_names == ("class", "old")
        np.testing.assert_array_equal(data.labels, level(data) % 5)
        np.testing.assert_array_equal(data.attributes, np.stack([level(data) % 2, level(data) % 3 == 0], 1))


def test_files_without_labels_leave_the_classes_of_folders(tmp_path):
    files = {f"{('cats', 'dogs')[i % 2]}/{i}.png": png(i) for i in range(20)}
    files |= {path.replace(".png", ".json"): b'{"caption": "a"}' for path in files}
    for data in both(f"tar:{tar_of(tmp_path / 'a.tar', files)}", tmp_path / "c"):
        assert data.label_names == ("cats", "dogs")
        np.testing.assert_array_equal(data.labels, level(data) % 2)


def test_the_files_do_not_move_pictures_to_other_splits(tmp_path):
    plain = both(f"zip:{zip_of(tmp_path / 'a.zip', samples())}", tmp_path / "c")
    labeled = both(f"tar:{tar_of(tmp_path / 'a.tar', samples(cls=lambda i: str(i % 2)))}", tmp_path / "c")
    for one, other in zip(plain, labeled, strict=True):
        assert one.images_digest() == other.images_digest()


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        ({"json": lambda i: "{"}, {}, "cannot read the file '0000.json'"),
        ({"cls": lambda i: "1"}, {"label_column": "breed"}, "label_column breed: .* give one of cls"),
        ({}, {"label_column": "breed"}, "label_column breed: .* give one of none"),
        ({"json": entry}, {"attribute_columns": ("old", "new")}, "attribute_columns new: .* breed, class, id, old"),
        ({"json": entry}, {"attribute_columns": ("breed",)}, "'breed' .* does not hold 0 and 1"),
        ({"json": lambda i: entry(i) if i else None}, {"attribute_columns": ("old",)}, "'old' .* does not hold"),
    ],
)
def test_files_that_do_not_fit_are_refused_in_one_line(tmp_path, files, options, message):
    path = tar_of(tmp_path / "a.tar", samples(**files))
    with pytest.raises(InputError, match=message) as error:
        load(f"tar:{path}", "train", image_size=8, cache_dir=str(tmp_path / "c"), **options)
    assert "\n" not in str(error.value)


def test_columns_without_a_table_are_refused_for_a_zip(tmp_path):
    with pytest.raises(InputError, match="label_column breed: it needs a table"):
        load(f"zip:{tmp_path}/a.zip", "train", image_size=8, label_column="breed")


def test_an_entry_may_be_named_picture(tmp_path):
    files = samples(json=lambda i: json.dumps({"picture": f"p{i % 5}", "old": i % 3 == 0}))
    source = f"tar:{tar_of(tmp_path / 'a.tar', files)}"
    for data in both(source, tmp_path / "c", label_column="picture"):
        assert data.label_names == ("p0", "p1", "p2", "p3", "p4")
        np.testing.assert_array_equal(data.labels, level(data) % 5)
