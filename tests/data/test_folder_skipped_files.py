"""Useless files of a folder are skipped and counted, and each split still has pictures."""

import os
import struct
import zlib

import numpy as np
import pytest

from tests.data.pictures import both, cut_jpeg, save
from tfgan_models.data.folder_files import is_test, select_split
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError


def huge_png() -> bytes:
    """A few bytes that claim 60,000 × 60,000 pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_useless_files_are_skipped_and_counted(tmp_path, capsys):
    root = tmp_path / "in"
    for i in range(20):
        save(root / f"{i:02}.png", (12 * i, 90, 0))
    (root / "cut.jpg").write_bytes(cut_jpeg())
    (root / "text.jpg").write_text("this is not a picture")
    (root / "empty.png").write_bytes(b"")
    (root / "huge.png").write_bytes(huge_png())
    (root / ".hidden.png").write_bytes(b"not looked at")
    os.symlink(root / "nowhere.png", root / "broken-link.png")
    os.mkfifo(root / "pipe.png")
    train, test = both(f"folder:{root}", tmp_path / "cache")
    assert len(train.images) + len(test.images) == 20
    printed = capsys.readouterr().err.strip().splitlines()
    skipped = [int(line.split("skipped ")[1].split()[0]) for line in printed]
    assert sum(skipped) == 5 and len(printed) <= 2
    text = " ".join(printed)
    for reason in (
        "1 damaged (first: 'cut.jpg')",
        "links to files that do not exist (first: 'broken-link.png')",
        "not pictures (first: 'empty.png')",
        "over 100 megapixels (first: 'huge.png')",
    ):
        assert reason in text


def test_a_large_picture_neither_warns_nor_raises(tmp_path):
    # Between one and two times Pillow's own limit it would warn, above it would raise.
    for i in range(4):
        save(tmp_path / "in" / f"{i}.png", 0, mode="L")
    save(tmp_path / "in" / "large.png", 0, mode="1", size=(10_000, 9_500))
    train, test = both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
    assert len(train.images) + len(test.images) == 5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda root: None, "No such file"),
        (lambda root: root.write_text("x"), "Not a directory"),
        (lambda root: root.mkdir(), "is empty"),
        (lambda root: (root.mkdir(), (root / "a.jpg").write_text("x")), "skipped 1 of 1 files: 1 not pictures"),
        (lambda root: save(root / "only.png"), "needs at least two pictures, it has 1"),
    ],
)
def test_folder_without_pictures_raises_input_error(tmp_path, make, message):
    make(tmp_path / "in")
    with pytest.raises(InputError, match=message) as caught:
        both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
    assert "\n" not in str(caught.value) and "folder:PATH" in str(caught.value)
    assert not list((tmp_path / "cache").glob("*"))


def test_skipped_files_are_reported_every_time(tmp_path, capsys):
    for i in range(12):
        save(tmp_path / "in" / f"{i:02}.png")
    (tmp_path / "in" / "cut.jpg").write_bytes(cut_jpeg())
    printed = []
    for _ in range(2):
        both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
        printed.append(capsys.readouterr().err)
    split = "test" if is_test("cut.jpg") else "train"
    assert f"in, {split} split: skipped 1 of" in printed[0] and "1 damaged (first: 'cut.jpg')" in printed[0]
    assert printed[1] == printed[0]


def test_nothing_is_reported_of_a_folder_that_is_fine(tmp_path, capsys):
    for i in range(4):
        save(tmp_path / "in" / f"{i}.png", (60 * i, 90, 0))
    both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
    assert capsys.readouterr().err == ""


def eight(root, damaged):
    """Eight pictures of different levels, some of them cut; the levels of the others."""
    for i in range(8):
        if f"{i}.jpg" in damaged:
            root.mkdir(parents=True, exist_ok=True)
            (root / f"{i}.jpg").write_bytes(cut_jpeg())
        else:
            save(root / f"{i}.jpg", (30 * i,) * 3)
    return [30 * i for i in range(8) if f"{i}.jpg" not in damaged]


EIGHT = tuple(f"{i}.jpg" for i in range(8))
# In the order in which they fall to the test split.
RANKED = [*select_split(EIGHT, "test"), *select_split(EIGHT, "train")]


@pytest.mark.parametrize("damaged", [RANKED[:1], RANKED[:2], RANKED[:6], RANKED[1:7], RANKED[2:]], ids=len)
def test_a_split_whose_pictures_are_all_damaged_gets_others(tmp_path, capsys, damaged):
    root = tmp_path / "in"
    levels = eight(root, damaged)
    sets = both(f"folder:{root}", tmp_path / "cache")
    actual = [[int(level) for level in np.rint(data.images.mean((1, 2, 3)))] for data in sets]
    assert all(actual) and sorted(actual[0] + actual[1]) == levels
    printed = capsys.readouterr().err.splitlines()
    assert sum(int(line.split("skipped ")[1].split()[0]) for line in printed) == len(damaged)


@pytest.mark.parametrize("damaged", [[], RANKED[1:3], RANKED[1:7]], ids=len)
def test_a_split_with_a_readable_picture_stays_as_it_is(tmp_path, damaged):
    eight(tmp_path / "in", damaged)
    train, test = both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
    assert len(test.images) == 1 and len(train.images) == 7 - len(damaged)
    assert round(test.images.mean()) == 30 * EIGHT.index(RANKED[0])


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_readable_pictures_raise_input_error(tmp_path, count):
    eight(tmp_path / "in", RANKED[: 8 - count])
    for split in ("train", "test"):
        with pytest.raises(InputError, match=rf"it has {count}; skipped {8 - count} of 8 files: .* damaged"):
            load(f"folder:{tmp_path / 'in'}", split, image_size=8, cache_dir=str(tmp_path / "cache"))
    assert not list((tmp_path / "cache").glob("*"))
