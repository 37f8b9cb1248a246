"""A folder of pictures: its labels, channels, splits and links."""

import os

import numpy as np
import pytest

from tests.data.pictures import both, save
from tfgan_models import InputError
from tfgan_models.data.folder_files import is_test, list_files, same_file, select_split


def test_sub_folders_are_labels(tmp_path):
    root = tmp_path / "pets"
    for i in range(12):
        save(root / "dogs" / f"{i}.png", "black")
        save(root / "cats" / "deeper" / "still" / f"{i}.png", "white")
    (root / "notes").mkdir()
    (root / "notes" / "about.txt").write_text("no picture here")
    for data in both(f"folder:{root}", tmp_path / "cache"):
        assert data.name == "folder-pets"
        assert data.label_names == ("cats", "dogs")
        np.testing.assert_array_equal(data.labels == 0, data.images[:, 0, 0, 0] == 255)
        assert data.labels.dtype == np.int32 and data.attributes is None


def test_a_label_whose_name_is_no_utf_8_can_be_written_and_drawn(tmp_path):
    root = tmp_path / "in"
    for name in (b"caf\xe9", b"caf\xe8", "caf\u00e9".encode()):
        for i in range(4):
            save(root / os.fsdecode(name) / f"{i}.png")
    train, _ = both(f"folder:{root}", tmp_path / "cache")
    assert sorted(train.label_names) == ["caf\\xe8", "caf\\xe9", "caf\u00e9"]
    assert set(train.labels) == {0, 1, 2}


def test_every_picture_is_in_one_split_and_stays_there(tmp_path):
    paths = tuple(f"{i:04}.jpg" for i in range(2000))
    train, test = select_split(paths, "train"), select_split(paths, "test")
    assert sorted(train + test) == sorted(paths)
    assert abs(len(test) - 200) < 4 * np.sqrt(2000 * 0.1 * 0.9)
    assert set(test) == {path for path in paths if is_test(path)}
    more = (*paths, *(f"new{i}.jpg" for i in range(500)))
    assert set(test) <= set(select_split(more, "test")) and set(train) <= set(select_split(more, "train"))
    for few in (2, 3):
        assert {len(select_split(paths[i : i + few], "test")) for i in range(200)} <= {1, 2}
        assert all(select_split(paths[i : i + few], "train") for i in range(200))


def test_gray_folders_stay_gray_unless_one_picture_has_color(tmp_path):
    for i in range(6):
        save(tmp_path / "in" / f"{i}.png", 100, mode="L")
    assert [data.images.shape[-1] for data in both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")] == [1, 1]
    train, _ = both(f"folder:{tmp_path / 'in'}", tmp_path / "cache", channels=3)
    assert train.images.shape[-1] == 3
    save(tmp_path / "in" / "color.png")
    assert [data.images.shape[-1] for data in both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")] == [3, 3]


def test_links_to_the_same_picture_count_once(tmp_path, capsys):
    root = tmp_path / "in"
    for i in range(12):
        save(root / "b" / f"{i}.png", (20 * i, i, 9))
        (root / "a").mkdir(exist_ok=True)
        os.symlink(f"../b/{i}.png", root / "a" / f"{i}.png")
    os.link(root / "b" / "0.png", root / "b" / "zero.png")
    train, test = both(f"folder:{root}", tmp_path / "cache")
    kinds = [set(data.images[:, 0, 0, 0].tolist()) for data in (train, test)]
    assert not kinds[0] & kinds[1]
    assert len(train.images) + len(test.images) == 12
    assert train.label_names == ("b",)
    printed = capsys.readouterr().err
    assert "further links to files that are there already (first: 'a/" in printed
    assert sum(int(line.split("skipped ")[1].split()[0]) for line in printed.strip().splitlines()) == 13


def test_links_that_replace_copies_invalidate_the_cache(tmp_path):
    """Though a folder's names, sizes and times stay as they were."""
    root = tmp_path / "in"
    for name in ("a", "b"):
        for i in range(4):
            path = save(root / name / f"{i}.png", (i, i, 9))
            os.utime(path, (1e9, 1e9))
    assert sum(len(data.images) for data in both(f"folder:{root}", tmp_path / "cache")) == 8
    for i in range(4):
        (root / "b" / f"{i}.png").unlink()
        os.link(root / "a" / f"{i}.png", root / "b" / f"{i}.png")
    assert sum(len(data.images) for data in both(f"folder:{root}", tmp_path / "cache")) == 4


def test_circular_links_end(tmp_path):
    save(tmp_path / "in" / "a" / "1.png")
    os.symlink(tmp_path / "in", tmp_path / "in" / "a" / "loop")
    os.symlink("self", tmp_path / "in" / "self")
    os.symlink(tmp_path / "other", tmp_path / "in" / "b")
    save(tmp_path / "other" / "2.png")
    actual = [file.path for file in list_files(tmp_path / "in")]
    assert actual == ["a/1.png", "b/2.png", "self"]


def test_a_link_to_itself_is_no_folder(tmp_path):
    os.symlink("loop", tmp_path / "loop")
    with pytest.raises(InputError, match=r"cannot read the folder '.*loop'"):
        list_files(tmp_path / "loop")


def test_a_broken_link_with_the_name_of_the_table_is_not_the_table(tmp_path):
    os.symlink("nowhere", tmp_path / "list.csv")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "list.csv").write_text("name,Smiling\n")
    assert not same_file(tmp_path / "list.csv", tmp_path / "other" / "list.csv")
    assert same_file(tmp_path / "other" / "list.csv", tmp_path / "other" / "list.csv")
