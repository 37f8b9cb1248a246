"""Folders as cameras, scanners, archives and runs of this program leave them."""

from __future__ import annotations

import errno
import os
import unicodedata

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from tests.data.pictures import both, save
from tfgan_models.data.folder_files import list_files, read_headers
from tfgan_models.data.layout import read_layout
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError

COUNT = 12


def gradient(i: int) -> np.ndarray:
    return np.add.outer(np.arange(16), np.arange(16) + i).astype(np.uint8) * 7


def test_the_outputs_of_runs_in_the_folder_are_not_read(tmp_path):
    for i in range(3):
        save(tmp_path / f"{i}.png")
    before = list_files(tmp_path)
    run, export = tmp_path / "runs" / "vae-x", tmp_path / "saved_models" / "vae" / "1"
    save(run / "samples" / "epoch-0001.png")
    save(run / "interpolation.png")
    (run / "checkpoints").mkdir()
    (run / "config.json").write_text("{}")
    save(export / "neighbours.png")
    (export / "saved_model.pb").touch()
    (export / "manifest.json").write_text("{}")
    save(tmp_path / "x-evaluation" / "neighbours.png")
    (tmp_path / "x-evaluation" / "evaluation.json").write_text("{}")
    assert list_files(tmp_path) == before
    assert [file.path for file in list_files(run / "samples")] == ["epoch-0001.png"], "the user names this folder"
    (run / "config.json").unlink()
    assert len(list_files(tmp_path)) > len(before)


def test_an_alpha_channel_that_is_not_used_is_ignored(tmp_path, capsys):
    for i in range(COUNT):
        pixels = np.dstack([gradient(i)] * 3 + [np.zeros((16, 16), np.uint8)])
        Image.fromarray(pixels).save(tmp_path / f"{i}.png")
    train, _ = both(f"folder:{tmp_path}", tmp_path / "c", image_size=16)
    assert train.reading.background == "none" and train.images.std() > 20
    assert f"{COUNT} of {COUNT} pictures are transparent everywhere" in capsys.readouterr().err
    four, _ = both(f"folder:{tmp_path}", tmp_path / "c", image_size=16, channels=4)
    assert (four.images[..., 3] == 255).all() and (four.images[..., :3] == train.images).all()
    white, _ = both(f"folder:{tmp_path}", tmp_path / "c", image_size=16, background="white")
    assert (white.images == 255).all()


def test_blank_pictures_among_sprites_stay_blank(tmp_path):
    for i in range(COUNT):
        pixels = np.zeros((16, 16, 4), np.uint8)
        if i % 3:
            pixels[4:12, 4:12] = (200, 10 * i, 0, 255)
        Image.fromarray(pixels).save(tmp_path / f"{i}.png")
    train, test = both(f"folder:{tmp_path}", tmp_path / "c", image_size=16)
    assert train.reading.background == "white"
    assert (np.concatenate([train.images, test.images]).min((1, 2, 3)) == 255).sum() == COUNT // 3


def test_a_negative_of_16_bits_is_read_like_that_of_8_bits(tmp_path):
    for i in range(COUNT):
        # Pillow inverts what it writes with 8 bits, and not with 16.
        for depth, values in (("8", gradient(i)), ("16", 65535 - gradient(i).astype(np.uint16) * 257)):
            (tmp_path / depth).mkdir(exist_ok=True)
            file = tmp_path / depth / f"{i}.tif"
            Image.fromarray(values).save(file, tiffinfo={262: 0})
            with Image.open(file) as image:
                assert image.tag_v2[262] == 0
    eight, sixteen = (both(f"folder:{tmp_path / name}", tmp_path / "c", image_size=16)[0] for name in ("8", "16"))
    np.testing.assert_array_equal(sixteen.images, eight.images)


def test_an_outlier_that_darkens_all_pictures_is_said(tmp_path, capsys):
    for i in range(COUNT):
        values = gradient(i).astype(np.uint16) * 8
        values[0, 0] = 65535 if i == 3 else 0
        Image.fromarray(values).save(tmp_path / f"{i}.png")
    both(f"folder:{tmp_path}", tmp_path / "c", image_size=16)
    assert "pictures are nearly black (below 40 of 255)" in capsys.readouterr().err
    both(f"folder:{tmp_path}", tmp_path / "c", image_size=16, range=(0, 3000))
    assert "nearly black" not in capsys.readouterr().err


def test_class_maps_with_255_where_there_is_no_class_are_said(tmp_path, capsys):
    for name in ("maps", "drawings"):
        (tmp_path / name).mkdir()
    for i in range(COUNT):
        classes = np.random.default_rng(i).integers(0, 34, (6, 6)).repeat(8, 0).repeat(8, 1).astype(np.uint8)
        classes[-5:] = 255
        Image.fromarray(classes).save(tmp_path / "maps" / f"{i}.png")
        drawing = np.zeros((48, 48), np.uint8)
        drawing[5:40, 20 + i : 23 + i] = 255
        Image.fromarray(drawing).save(tmp_path / "drawings" / f"{i}.png")
    both(f"folder:{tmp_path / 'maps'}", tmp_path / "c", image_size=16)
    assert "pictures are nearly black (below 40 of 255)" in capsys.readouterr().err
    both(f"folder:{tmp_path / 'drawings'}", tmp_path / "c", image_size=16)  # white lines on black
    assert "nearly black" not in capsys.readouterr().err


@pytest.mark.parametrize("names", [("seg_train", "seg_test", "seg_pred"), ("trainA", "testA"), ("fold_0", "fold_1")])
def test_classes_that_look_like_splits_are_said(names):
    layout = read_layout(tuple(f"{name}/{i}.png" for name in names for i in range(3)))
    assert layout.classes == tuple(sorted(names))
    assert any("if they are splits" in note for note in layout.notes)


def test_ordinary_classes_are_not_taken_for_splits():
    layout = read_layout(tuple(f"{name}/{i}.png" for name in ("train station", "castle", "folder") for i in range(3)))
    assert not layout.notes


def test_splits_with_a_year():
    layout = read_layout(tuple(f"{name}/{i}.png" for name in ("train2017", "val2017") for i in range(3)))
    assert layout.held_out == {f"val2017/{i}.png" for i in range(3)} and not layout.classes


def test_a_sub_folder_without_permission_is_skipped_and_counted(tmp_path, capsys, monkeypatch):
    for i in range(COUNT):
        save(tmp_path / f"{i}.png")
    (tmp_path / "lost+found").mkdir()
    scandir = os.scandir

    def refuse(path):
        if str(path).rstrip("/").endswith("lost+found"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    train, test = both(f"folder:{tmp_path}", tmp_path / "c")
    assert len(train.images) + len(test.images) == COUNT
    assert "1 without permission to read (first: 'lost+found')" in capsys.readouterr().err


def test_names_of_one_letter_and_two_signs_are_equal(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    assert composed != decomposed
    for i in range(COUNT):
        save(tmp_path / "in" / f"{decomposed}{i}.png")
    table = tmp_path / "table.csv"
    table.write_text("file,label\n" + "".join(f"{composed}{i}.png,{'ab'[i % 2]}\n" for i in range(COUNT)), "utf-8")
    train = load(f"folder:{tmp_path / 'in'}", "train", image_size=8, attributes=str(table), cache_dir=str(tmp_path))
    assert train.label_names == ("a", "b")
    layout = read_layout(tuple(f"{name}/{i}.png" for name in (composed, decomposed, "tea") for i in range(2)))
    assert layout.classes == (composed, "tea")


def test_the_folder_that_is_the_working_folder_has_its_name_in_messages(tmp_path, monkeypatch, capsys):
    (tmp_path / "holidays").mkdir()
    monkeypatch.chdir(tmp_path / "holidays")
    for i in range(COUNT):
        save(tmp_path / "holidays" / f"{i}.png")
    (tmp_path / "holidays" / "a.txt").write_text("text")
    both("folder:.", tmp_path / "c")
    printed = capsys.readouterr().err
    assert "holidays, " in printed and "\n, " not in printed


def test_a_transparent_color_of_a_palette_is_ignored_too(tmp_path):
    for i in range(COUNT):
        image = Image.fromarray(np.full((16, 16), 1, np.uint8)).convert("P")
        image.putpalette([0, 0, 0, 255, 8 * i, 255])
        image.save(tmp_path / f"{i}.gif", transparency=1)
    for data in both(f"folder:{tmp_path}", tmp_path / "c", image_size=16, background="none"):
        assert set(data.images[..., 1].ravel()) <= {8 * i for i in range(COUNT)}
        assert (data.images[..., [0, 2]] == 255).all()
    for data in both(f"folder:{tmp_path}", tmp_path / "c", image_size=16, background="none", channels=4):
        assert (data.images[..., 3] == 255).all()


def test_a_picture_that_was_without_permission_is_read_when_it_has_it(tmp_path, capsys, monkeypatch):
    for i in range(COUNT):
        save(tmp_path / f"{i}.png")
    with monkeypatch.context() as forbidden:
        opened = Image.open

        def refuse(file, **options):
            if str(file).endswith("3.png"):
                raise PermissionError(13, "Permission denied", str(file))
            return opened(file, **options)

        forbidden.setattr(Image, "open", refuse)
        forbidden.setattr(os, "access", lambda path, mode: mode == os.F_OK or not str(path).endswith("3.png"))
        assert sum(len(data.images) for data in both(f"folder:{tmp_path}", tmp_path / "c")) == COUNT - 1
        assert "1 without permission to read (first: '3.png')" in capsys.readouterr().err
    read_headers.cache_clear()  # as in another process
    assert sum(len(data.images) for data in both(f"folder:{tmp_path}", tmp_path / "c")) == COUNT


@pytest.mark.parametrize("when", ["open", "load"])
def test_an_error_of_the_disk_does_not_leave_a_picture_out(tmp_path, monkeypatch, when):
    for i in range(COUNT):
        save(tmp_path / f"{i}.png")
    with monkeypatch.context() as broken:

        def fail(*arguments, **options):
            raise OSError(errno.EIO, "Input/output error")

        broken.setattr(*((Image, "open") if when == "open" else (PngImagePlugin.PngImageFile, "load")), fail)
        with pytest.raises(InputError, match=r"cannot read '.*\d\.png': Input/output error; try again"):
            both(f"folder:{tmp_path}", tmp_path / "c")
    read_headers.cache_clear()
    assert sum(len(data.images) for data in both(f"folder:{tmp_path}", tmp_path / "c")) == COUNT
