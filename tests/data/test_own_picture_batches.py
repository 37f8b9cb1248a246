"""Pictures of files and folders are read batch by batch as those of the training, and counted if they cannot be."""

import numpy as np
import pytest

from tests.data.pictures import cut_jpeg
from tests.data.test_own_pictures import deep, opaque, write
from tfgan_models.data import own_pictures
from tfgan_models.data.own_pictures import OwnPictures, read_like_training
from tfgan_models.data.reading import Reading
from tfgan_models.errors import InputError

MANIFEST = {"image_shape": [12, 12, 1], **Reading(ranges={"uint8": (0, 255)}).manifest()}


def test_batches_of_folders_and_files_are_the_pictures_read_at_once(tmp_path):
    """Of a depth that the training did not have, so that all of them decide on the range of each."""
    paths = [*write(tmp_path / "a", deep, 5), *write(tmp_path / "a" / "below", lambda i: deep(i + 5, 900), 4)]
    single = tmp_path / "single.png"
    deep(20).save(single)
    pictures = OwnPictures([tmp_path / "a", single], MANIFEST)
    batches = list(pictures.batches(4))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert len(pictures) == 10
    expected = read_like_training([*paths, single], MANIFEST)
    np.testing.assert_array_equal(np.concatenate(batches), expected)
    np.testing.assert_array_equal(np.concatenate(list(pictures.batches(4, count=5))), expected[:5])


def test_unreadable_files_of_a_folder_are_skipped_and_counted(tmp_path, capsys):
    write(tmp_path / "in", opaque, 3)
    (tmp_path / "in" / "a.jpg").write_bytes(cut_jpeg())  # Its header is whole.
    (tmp_path / "in" / "b.jpg").write_text("no picture")
    pictures = OwnPictures([tmp_path / "in"], {"image_shape": [8, 8, 3]})
    assert len(pictures) == 4
    (batch,) = pictures.batches(10)
    assert batch.shape == (3, 8, 8, 3)
    assert pictures.skipped().startswith("skipped 2 of 5 files: ")
    assert "1 not pictures (first: " in pictures.skipped() and "1 damaged (first: " in pictures.skipped()
    assert "\n" not in pictures.skipped()


def test_a_file_that_is_named_must_be_a_picture(tmp_path):
    manifest = {"image_shape": [8, 8, 3]}
    write(tmp_path / "in", opaque, 3)
    (tmp_path / "a.jpg").write_bytes(cut_jpeg())
    (tmp_path / "b.jpg").write_text("no picture")
    pictures = OwnPictures([tmp_path / "in", tmp_path / "a.jpg"], manifest)
    with pytest.raises(InputError, match=r"a.jpg' cannot be read as a picture \(damaged\): give another"):
        list(pictures.batches(2))
    for name, reason in (("b.jpg", "not pictures"), ("c.jpg", "there is no such file")):
        with pytest.raises(InputError, match=rf"{name}' cannot be read as a picture \({reason}\): give another"):
            OwnPictures([tmp_path / name], manifest)
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "notes.txt").write_text("no picture")
    with pytest.raises(InputError, match=r"none': there are no pictures that can be read \(skipped 1 of 1 files: "):
        OwnPictures([tmp_path / "none"], manifest)


def test_pictures_are_decoded_only_a_few_ahead(tmp_path, monkeypatch):
    decoded = []
    monkeypatch.setattr(own_pictures, "_AT_ONCE", 4)
    read = own_pictures.read_picture
    monkeypatch.setattr(own_pictures, "read_picture", lambda *args: decoded.append(args) or read(*args))
    write(tmp_path / "in", opaque, 20)
    batches = OwnPictures([tmp_path / "in"], {"image_shape": [8, 8, 3]}).batches(2)
    next(batches)
    assert len(decoded) == 4
    assert sum(map(len, batches)) == 18
