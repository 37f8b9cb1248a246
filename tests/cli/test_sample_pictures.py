"""``tfgan sample`` with pictures of one's own, and as animations."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_main import tfgan  # noqa: F401  a fixture
from tests.data.pictures import cut_jpeg
from tests.models.small import SIZE
from tests.plots.test_animation import timeline
from tests.training.test_flags import without_tensorflow  # noqa: F401  a fixture
from tfgan_models import InputError, export, latent
from tfgan_models.cli import command_line, sample
from tfgan_models.data.own_pictures import read_like_training
from tfgan_models.data.pixels import to_bytes
from tfgan_models.plots import animation, image_grid

GAP = SIZE + 2  # pixels from one image of a sheet to the next


@pytest.fixture
def pictures(tmp_path) -> list[str]:
    """Pictures that are not square and in color; models of one channel and 16 pixels take their middle in gray."""
    (tmp_path / "own").mkdir()
    paths = [str(tmp_path / "own" / f"{i:02d}.png") for i in range(13)]
    for i, path in enumerate(paths):
        Image.fromarray(np.random.default_rng(i).integers(0, 256, (20, 30, 3), np.uint8)).save(path)
    return paths


def draw(path, tmp_path, output: str = "sheet.png", **flags) -> np.ndarray:
    """The sheet that the command draws, ``[h, w, 1]``."""
    sample.main(sample.SampleFlags(model=str(path), output=str(tmp_path / output), **flags))
    with Image.open(tmp_path / output) as image:
        return np.asarray(image.convert("L"))[..., None]


def cells(sheet: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The images of a sheet, ``[rows, columns, h, w, 1]``."""
    assert sheet.shape == (rows * GAP - 2, columns * GAP - 2, 1)
    images = [[sheet[y * GAP :][:SIZE, x * GAP :][:, :SIZE] for x in range(columns)] for y in range(rows)]
    return np.array(images)


@pytest.mark.parametrize("name", ["vaegan", "semi_supervised_aae"])
def test_a_row_leads_from_each_picture_to_the_next(name, exported, pictures, tmp_path, capsys):
    path, model = exported(name), export.load(exported(name))
    drawn = cells(draw(path, tmp_path, between=tuple(pictures[:3]), steps=5), 2, 7)
    images = read_like_training(pictures[:3], model.manifest)
    codes = model("encode", image=images, seed=0)["mean"]
    for i in range(2):
        walk = latent.interpolate(codes[i : i + 1], codes[i + 1 : i + 2], 5)[0]
        np.testing.assert_array_equal(drawn[i, [0, 6]], to_bytes(images[i : i + 2]))
        np.testing.assert_array_equal(drawn[i, 1:6], to_bytes(model("generate", latent=walk)["image"]))
    assert f"sheet.png: walks between 3 pictures by {path}\n" in capsys.readouterr().out
    assert draw(path, tmp_path, between=tuple(pictures[:2])).shape[1] == 12 * GAP - 2


def test_an_animation_is_one_walk_along_all_pictures(exported, pictures, tmp_path):
    path, model = exported("vae"), export.load(exported("vae"))
    draw(path, tmp_path, "walk.gif", between=tuple(pictures[:3]), steps=4, frames_per_second=10)
    shown = timeline(tmp_path / "walk.gif", 100)
    codes = model("encode", image=read_like_training(pictures[:3], model.manifest), seed=0)["mean"]
    first, second = latent.interpolate(codes[:-1], codes[1:], 4)
    expected = to_bytes(model("generate", latent=np.concatenate([first, second[1:]]))["image"])
    expected = np.concatenate([expected, expected[-1:].repeat(5, 0)])  # The end stays for half a second longer.
    np.testing.assert_array_equal(shown[:, :: 256 // SIZE, :: 256 // SIZE, :1], expected)
    draw(path, tmp_path, "walk.webp", between=tuple(pictures[:2]))
    with Image.open(tmp_path / "walk.webp") as image:
        assert (image.format, image.size) == ("WEBP", (256, 256))


def test_originals_are_above_their_reconstructions(exported, pictures, tmp_path, capsys):
    path, model = exported("vaegan"), export.load(exported("vaegan"))
    drawn = cells(draw(path, tmp_path, reconstruct=(str(tmp_path / "own"),)), 4, 10)
    images = read_like_training(pictures, model.manifest)
    np.testing.assert_array_equal(drawn[0], to_bytes(images[:10]))
    np.testing.assert_array_equal(drawn[2, :3], to_bytes(images[10:]))
    expected = [to_bytes(model("reconstruct", image=part)["image"]) for part in (images[:10], images[10:])]
    np.testing.assert_array_equal(drawn[1], expected[0])
    np.testing.assert_array_equal(drawn[3, :3], expected[1])
    assert (drawn[2:, 3:] == 255).all()
    assert capsys.readouterr().out == f"{tmp_path}/sheet.png: 13 pictures and their reconstructions by {path}\n"
    few = cells(draw(path, tmp_path, reconstruct=(pictures[4], str(tmp_path / "own")), count=3), 2, 3)
    np.testing.assert_array_equal(few[0], to_bytes(images[[4, 0, 1]]))


def test_damaged_pictures_of_a_folder_are_skipped(exported, pictures, tmp_path, capsys):
    for name in ("00.jpg", "05.jpg"):
        (tmp_path / "own" / name).write_bytes(cut_jpeg())
    for path in pictures[8:]:
        (tmp_path / "own" / path).unlink()
    sheet = draw(exported("vae"), tmp_path, reconstruct=(str(tmp_path / "own"),))
    images = read_like_training(pictures[:8], export.load(exported("vae")).manifest)
    np.testing.assert_array_equal(cells(sheet, 2, 10)[0, :8], to_bytes(images))
    printed = capsys.readouterr()
    assert "8 pictures and their reconstructions" in printed.out
    assert f"skipped 2 of 10 files: 2 damaged (first: '{tmp_path}/own/00.jpg')\n" in printed.err
    for path in pictures[:8]:
        (tmp_path / "own" / path).unlink()
    with pytest.raises(InputError, match=r"own': there are no pictures that can be read \(skipped 2 of 2 files"):
        draw(exported("vae"), tmp_path, reconstruct=(str(tmp_path / "own"),))


def test_rows_of_damaged_pictures_leave_no_white_rows(exported, pictures, tmp_path):
    for i in range(10):
        (tmp_path / "own" / f"{i}.jpg").write_bytes(cut_jpeg())
    sheet = draw(exported("vae"), tmp_path, reconstruct=(str(tmp_path / "own"),))  # 23 files, 13 pictures
    assert len(sheet) == 4 * GAP - 2


def test_samples_are_frames_of_an_animation(exported, tmp_path, capsys):
    draw(exported("vaegan"), tmp_path, "samples.gif", count=5, seed=2, loop="back_and_forth")
    shown = timeline(tmp_path / "samples.gif", 500)
    expected = to_bytes(export.load(exported("vaegan"))("sample", count=5, seed=2)["image"])
    np.testing.assert_array_equal(shown[:5, :: 256 // SIZE, :: 256 // SIZE, :1], expected)
    assert len(shown) == 8
    assert "samples.gif: 5 samples of" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["gan", "vaegan"])
def test_walks_are_a_grid_that_moves(name, exported, tmp_path):
    flags = {"interpolate": True, "count": 4, "steps": 3, "seed": 5}
    sheet = cells(draw(exported(name), tmp_path, **flags), 4, 3)
    draw(exported(name), tmp_path, "walks.gif", **flags)
    shown = timeline(tmp_path / "walks.gif", 50)[:3]
    factor = animation.enlarging_factor(2 * GAP - 2, 2 * GAP - 2)
    for step, frame in enumerate(shown[:, ::factor, ::factor, :1]):
        # Batches of other sizes may be rounded in another way.
        np.testing.assert_allclose(frame.astype(int), image_grid.grid(sheet[:, step]), atol=1)
    assert sheet.std() > 0


@pytest.mark.parametrize(
    ("name", "flag", "said"),
    [
        ("gan", "between", "GAN, has no encoder; give a model with an encoder, such as vaegan or vae"),
        ("gan", "reconstruct", "GAN, has no encoder; give a model with an encoder, such as vaegan or vae"),
    ],
)
def test_a_model_without_an_encoder_says_so(name, flag, said, exported, pictures, tmp_path):
    with pytest.raises(InputError, match=rf"^--{flag}: {exported(name)}, {said}") as error:
        draw(exported(name), tmp_path, **{flag: tuple(pictures[:2])})
    assert "\n" not in str(error.value)
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize("flag", ["between", "reconstruct"])
def test_a_damaged_file_that_is_named_is_an_error(flag, exported, pictures, tmp_path):
    (tmp_path / "me.jpg").write_bytes(cut_jpeg())
    for name, reason in (("me.jpg", "damaged"), ("you.jpg", "there is no such file")):
        with pytest.raises(InputError, match=rf"{name}' cannot be read as a picture \({reason}\): give another"):
            draw(exported("vae"), tmp_path, **{flag: (pictures[0], str(tmp_path / name))})
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--between", "a.jpg"], "--between a.jpg: give two or more pictures"),
        (["--between", "a", "b", "--interpolate"], "--interpolate: it cannot be with --between, remove one of them"),
        (["--between", "a", "b", "--reconstruct", "c"], "--between a b: it cannot be with --reconstruct"),
        (["--between", "a", "b", "--count", "3"], "--count 3: it has no effect with --between"),
        (["--between", "a", "b", "--sampler", "prior"], "--sampler prior: it has no effect with --between"),
        (["--reconstruct", "a", "--seed", "3"], "--seed 3: it has no effect with --reconstruct"),
        (["--reconstruct", "a", "--output", "a.gif"], "--output a.gif: with --reconstruct give a file name that ends"),
        (["--steps", "3"], "--steps 3: it has no effect without --interpolate or --between"),
        (["--loop", "once"], "--loop once: it has no effect in a PNG file"),
        (["--frames_per_second", "5"], "--frames_per_second 5.0: it has no effect in a PNG file"),
        (["--frames_per_second", "99", "--output", "a.gif"], "--frames_per_second 99.0: give a number from 0.1 to 50"),
        (["--output", "a.mp4"], "--output a.mp4: give a file name that ends in .png, .gif or .webp"),
    ],
)
def test_flags_that_cannot_be_together_are_refused(words, said, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tfgan sample", "--model", "some", *words])
    with pytest.raises(InputError) as error:
        sample.check(command_line.read(sample.SampleFlags))
    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (
            {"count": 10**6},
            r"^--count 1000000: the animation would have 65536 million.* 100 million; give at most 1525",
        ),
        (
            {"count": 10**6, "interpolate": True, "steps": 2},
            r"^--count 1000000: .*give at most \d+ and draw further ones",
        ),
        ({"steps": 10**6, "interpolate": True, "count": 1}, r"^--steps 1000000: .*; give fewer steps$"),
        ({"steps": 10**6, "between": ("a.png", "b.png")}, r"^--steps 1000000: .*; give fewer steps or pictures$"),
    ],
)
def test_an_animation_that_is_too_large_is_refused(flags, said, exported, tmp_path):
    with pytest.raises(InputError, match=said):
        draw(exported("vae"), tmp_path, "a.gif", **flags)


def test_a_sheet_of_too_many_pictures_is_refused_with_the_largest_count(exported, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(image_grid, "MAX_PIXELS", 2 * GAP * 10 * GAP)
    with pytest.raises(InputError, match=r"^--count 13: the sheet would have .*; give at most 10$"):
        draw(exported("vae"), tmp_path, reconstruct=(str(tmp_path / "own"),))
    assert draw(exported("vae"), tmp_path, reconstruct=(str(tmp_path / "own"),), count=10).shape[0] == 2 * GAP - 2
