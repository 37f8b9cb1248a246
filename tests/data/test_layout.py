"""The layout of a folder: which sub-folders are splits, which are classes, and which pictures have no label."""

import numpy as np
import pytest

from tests.data.pictures import both, save
from tfgan_models.data.layout import may_have_layout, read_layout
from tfgan_models.errors import InputError

SPLITS = [
    ("train", "test", None),
    ("Training", "VALIDATION", None),
    ("train_images", "Test Images", None),
    ("trainset", "dev", "unlabelled"),
    ("train", "valid", "unsup"),
    ("photos/train", "photos/val", "photos/Unlabeled_Data"),
]


@pytest.mark.parametrize(("train", "held_out", "unlabeled"), SPLITS)
def test_splits_are_not_classes(train, held_out, unlabeled):
    pictures = [f"{split}/{name}/{i}.png" for split in (train, held_out) for name in ("cats", "dogs") for i in range(2)]
    pictures += [f"{unlabeled}/{i}.png" for i in range(3)] if unlabeled else []
    layout = read_layout(tuple(pictures))
    assert layout.classes == ("cats", "dogs")
    assert layout.held_out == {path for path in pictures if path.startswith(f"{held_out}/")}
    assert layout.labels == {path: path.split("/")[-2] for path in pictures[:8]}
    assert repr(held_out.rpartition("/")[2]) in layout.notes[0]
    assert may_have_layout(pictures)


def test_test_and_validation_are_both_held_out():
    layout = read_layout(("train/1.png", "val/2.png", "test/3.png"))
    assert layout.held_out == {"val/2.png", "test/3.png"}
    assert layout.classes == ()


@pytest.mark.parametrize(("pictures", "masks"), [("images", "masks"), ("JPEGImages", "SegmentationClass")])
def test_a_class_of_masks_is_said(pictures, masks):
    (note,) = read_layout((f"{pictures}/1.png", f"{masks}/1.png")).notes
    assert note.startswith(f"{masks!r} counts as a class; if its pictures are masks of the others, ")
    assert not read_layout(("cats/1.png", "dogs/1.png")).notes


def test_each_class_may_have_its_splits():
    layout = read_layout(("cats/train/1.png", "dogs/train/2.png", "cats/test/3.png"))
    assert layout.classes == ("cats", "dogs")
    assert layout.labels["cats/test/3.png"] == "cats"
    assert layout.held_out == {"cats/test/3.png"}


def test_held_out_folders_beside_classes():
    for test in ("test/cats/3.png", "test/3.png"):
        layout = read_layout(("cats/1.png", "dogs/2.png", test))
        assert layout.held_out == {test}
        assert layout.classes == ("cats", "dogs")
    assert read_layout(("cats/1.png", "dogs/2.png", "test/3.png")).labels.keys() == {"cats/1.png", "dogs/2.png"}


@pytest.mark.parametrize("names", [("train", "car", "bus"), ("valid", "invalid"), ("test", "control")])
def test_classes_that_are_named_like_splits(names):
    layout = read_layout(tuple(f"{name}/1.png" for name in names))
    assert layout.classes == tuple(sorted(names))
    assert not layout.held_out
    assert layout.notes == (f"{names[0]!r} counts as a class, like the folders next to it",)


def test_a_training_folder_alone_is_not_a_class():
    layout = read_layout(("train/cats/1.png", "train/dogs/2.png"))
    assert layout.classes == ("cats", "dogs")
    assert not layout.held_out


def test_every_folder_is_a_class_where_that_is_wanted():
    layout = read_layout(("train/cats/1.png", "test/cats/2.png"), "classes")
    assert layout.classes == ("test", "train")
    assert not layout.held_out


@pytest.mark.parametrize("files", [("1.png", "2.png"), ("cats/1.png", "readme.txt"), ("cats/1.png", "dogs/2.png")])
def test_ordinary_folders_keep_their_key(files):
    assert not may_have_layout(files)
    layout, classes = read_layout(files[:1]), read_layout(files[:1], "classes")
    assert layout == classes


def test_the_splits_are_read_as_they_are_laid_out(tmp_path, capsys):
    root = tmp_path / "pets"
    for split, count in (("train", 12), ("test", 3), ("val", 2)):
        for i in range(count):
            save(root / split / "cats" / f"{i}.png", "white")
            save(root / split / "dogs" / f"{i}.png", "black")
    save(root / "unlabelled" / "1.png", "gray")
    save(root / "overview.png", "red")
    train, test = both(f"folder:{root}", tmp_path / "cache")
    assert (len(train.images), len(test.images)) == (25, 10)
    assert train.label_names == test.label_names == ("cats", "dogs")
    for data in (train, test):
        expected = np.select([data.images[:, 0, 0, 0] == 255, data.images[:, 0, 0, 0] == 0], [0, 1], -1)
        np.testing.assert_array_equal(data.labels, expected)
    said = capsys.readouterr().err
    assert "pets: train: 'train' (24 pictures), held out: 'test', 'val' (10 pictures), unlabeled: 'unlabelled'" in said
    assert "1 outside the folders of the splits (first: 'overview.png')" in said
    both(f"folder:{root}", tmp_path / "cache")
    assert capsys.readouterr().err == said  # also of a set that is in the cache


def test_loose_pictures_beside_classes_have_no_label(tmp_path, capsys):
    root = tmp_path / "in"
    for i in range(5):
        save(root / "a" / f"{i}.png", "black")
        save(root / "b" / f"{i}.png", "white")
        save(root / f"{i}.png", "red")
    train, test = both(f"folder:{root}", tmp_path / "cache")
    assert len(train.images) + len(test.images) == 15
    assert train.label_names == ("a", "b")
    assert max(test.labels) >= 0  # something to measure an error with
    red = train.images[:, 0, 0, 0] != train.images[:, 0, 0, 1]
    np.testing.assert_array_equal(train.labels == -1, red)
    assert "5 of 15 pictures have no label" in capsys.readouterr().err
    train, _ = both(f"folder:{root}", tmp_path / "cache", layout="classes")
    assert train.labels is None


def test_held_out_pictures_are_never_trained_on(tmp_path):
    root = tmp_path / "in"
    for i in range(4):
        save(root / "test" / f"{i}.png")
        (root / "train").mkdir(exist_ok=True)
        (root / "train" / f"{i}.png").write_bytes((root / "test" / f"{i}.png").read_bytes()[:50])
    with pytest.raises(InputError, match="needs at least two pictures to train on, it has 0; skipped 4 of 8"):
        both(f"folder:{root}", tmp_path / "cache")
