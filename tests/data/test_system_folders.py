"""Folders inside a picture folder that the user did not make or did not mean."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.data.pictures import both, save
from tfgan_models.data.folder_files import list_files


@pytest.mark.parametrize("name", ["@eaDir", "__MACOSX", "$RECYCLE.BIN", "#recycle"])
def test_folders_of_the_system_are_not_read(tmp_path, name):
    for i in range(3):
        save(tmp_path / f"{i}.png")
    before = list_files(tmp_path)
    save(tmp_path / name / "0.png" / "SYNOPHOTO_THUMB_M.jpg")
    assert list_files(tmp_path) == before
    assert len(list_files(tmp_path / name)) == 1, "the user names this folder"


@pytest.mark.parametrize("target", ["..", "../..", "."])
def test_a_link_to_a_folder_around_does_not_bring_in_the_folders_next_to_it(tmp_path, target):
    save(tmp_path / "a" / "other" / "secret.png")
    save(tmp_path / "a" / "pictures" / "0.png")
    (tmp_path / "a" / "pictures" / "up").symlink_to(target)
    assert [file.path for file in list_files(tmp_path / "a" / "pictures")] == ["0.png"]
    (tmp_path / "a" / "pictures" / "more").symlink_to("../other")
    assert [file.path for file in list_files(tmp_path / "a" / "pictures")] == ["0.png", "more/secret.png"]


def test_class_maps_of_34_classes_are_said_to_be_dark(tmp_path, capsys):
    for i in range(12):
        classes = np.random.default_rng(i).integers(0, 34, (4, 4)).astype(np.uint8).repeat(4, 0).repeat(4, 1)
        classes[0, 0] = 33
        Image.fromarray(classes).save(tmp_path / f"{i}.png")
    both(f"folder:{tmp_path}", tmp_path / "c", image_size=16)
    assert "pictures are nearly black (below 40 of 255)" in capsys.readouterr().err


def test_links_without_a_file_are_named(tmp_path, capsys):
    for i in range(12):
        save(tmp_path / "p" / f"{i}.png", (i, 20 * i, 90))
    for i in range(4):
        (tmp_path / "p" / f"gone{i}.png").symlink_to("elsewhere.png" if i % 2 else f"gone{i}.png")
    train, test = both(f"folder:{tmp_path / 'p'}", tmp_path / "c")
    assert len(train.images) + len(test.images) == 12
    printed = capsys.readouterr().err
    assert "links to files that do not exist (first: 'gone" in printed and "damaged" not in printed
