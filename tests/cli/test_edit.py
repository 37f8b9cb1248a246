"""``tfgan edit``: the sheet pixel by pixel, held-out pictures, arithmetic, and what it refuses."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import tiers
from tests.cli.scripts import ROOT, Script
from tests.export.test_edit import vectors
from tests.models.small import MODELS, SIZE
from tests.training.test_flags import without_tensorflow  # noqa: F401  a fixture
from tfgan_models import InputError, export
from tfgan_models.cli import edit
from tfgan_models.data import sources
from tfgan_models.data.faces import drawing
from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES
from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.export.refinement import Refiner
from tfgan_models.plots import captions

NAMES = ("smile", "hat", "glasses")


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> export.ExportedModel:
    """A model of the embedded digits with vectors of planted attributes."""
    planted = dataclasses.replace(vectors(), names=NAMES)
    manifest = {"dataset": "digits", "channels": None}
    return export.load(
        export.save(MODELS["vae"](), tmp_path_factory.mktemp("vae"), manifest, attribute_vectors=planted)
    )


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> list[str]:
    folder, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    paths = [str(folder / f"{i}.png") for i in range(4)]
    for path in paths:
        Image.fromarray(random.integers(0, 256, (SIZE, SIZE), np.uint8)).save(path)
    return paths


def read(path: str) -> np.ndarray:
    return to_float(np.asarray(Image.open(path)))[..., None]


def draw(model: export.ExportedModel, folder, **flags) -> np.ndarray:
    edit.main(edit.EditFlags(model=str(model.path), output=str(folder / "edits.png"), **flags))
    return np.asarray(Image.open(folder / "edits.png"))[..., None]


def cells(sheet: np.ndarray, rows: int, columns: int, size: int = SIZE) -> np.ndarray:
    """The images of a sheet, which is right of and below the captions, ``[rows, columns, h, w, c]``."""
    side, pitch = captions.MIN_CELL, captions.MIN_CELL + captions.GAP
    sheet = np.pad(sheet[2 - rows * pitch :, 2 - columns * pitch :], ((0, 2), (0, 2), (0, 0)))
    sheet = sheet.reshape(rows, pitch, columns, pitch, -1).swapaxes(1, 2)[:, :, :side, :side]
    return sheet[:, :, :: side // size, :: side // size]


def test_own_pictures_have_a_row_for_each_attribute(model, pictures, tmp_path, capsys):
    sheet = draw(model, tmp_path, image=(pictures[0], pictures[1]), attributes=("glasses", "smile"), steps=5)
    drawn = cells(sheet, 4, 6)
    for i in range(2):
        for j, name in enumerate(("glasses", "smile")):
            image = read(pictures[i])
            row = [model.edit_image(image[None], {name: strength})[0] for strength in (-2, -1, 0, 1, 2)]
            np.testing.assert_array_equal(drawn[2 * i + j, 0], to_bytes(image))
            np.testing.assert_allclose(np.int32(drawn[2 * i + j, 1:]), np.int32(to_bytes(np.stack(row))), atol=1)
    printed = capsys.readouterr().out
    assert f"edits.png: 2 pictures, 2 edits each, at strengths from -2 to 2, by {model.path}" in printed
    assert "smile: read from codes with an area under the curve of 0.9" in printed


def test_held_out_pictures_are_edited_by_all_attributes(model, tmp_path, monkeypatch):
    monkeypatch.setenv("TFGAN_MODELS_CACHE", str(tmp_path / "cache"))
    first, again, other = (draw(model, tmp_path, count=2, steps=1, strength=(1, 1), seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    drawn = cells(first, 2 * len(NAMES), 2)
    held_out = sources.load("digits", "test", image_size=SIZE).images
    for image in drawn[:: len(NAMES), 0]:
        assert (held_out == image).all((1, 2, 3)).any()


def test_arithmetic_of_codes(model, pictures, tmp_path):
    first, second, third, fourth = map(read, pictures)
    sheet = draw(model, tmp_path, image=(pictures[0],), plus=(pictures[1], pictures[2]), minus=(pictures[3],), steps=5)
    codes = model.codes(np.stack([first, second, third, fourth]))
    expected = model("generate", latent=codes[:1] + codes[1:3].mean(0) - codes[3])["image"]
    drawn = cells(sheet, 1, 6)[0]
    np.testing.assert_allclose(np.int32(drawn[4]), np.int32(to_bytes(expected[0])), atol=1)
    both = draw(
        model, tmp_path, image=(pictures[0],), plus=(pictures[1],), minus=(pictures[3],), attributes=("hat",), steps=5
    )
    assert len(cells(both, 2, 6)) == 2


def test_codes_are_refined_before_they_are_edited(model, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(Refiner, "__call__", lambda self, images, codes, _: codes + self.steps)
    sheet = draw(model, tmp_path, image=(pictures[0],), attributes=("smile",), steps=1, strength=(1, 1), refine=2)
    code = model.codes(read(pictures[0])[None]) + 2
    expected = to_bytes(model.edit(code, {"smile": 1}))
    np.testing.assert_allclose(np.int32(cells(sheet, 1, 2)[0, 1]), np.int32(expected[0]), atol=1)


def test_arithmetic_with_folders(model, pictures, tmp_path, capsys):
    folder = tmp_path / "hats" / "more"
    folder.mkdir(parents=True)
    for path in pictures[1:3]:
        shutil.copy(path, folder)
    (folder / "notes.jpg").write_text("no picture")
    options = {"image": (pictures[0],), "minus": (pictures[3],), "steps": 3}
    named = draw(model, tmp_path, plus=(pictures[1], pictures[2]), **options)
    np.testing.assert_array_equal(draw(model, tmp_path, plus=(str(folder.parent),), **options), named)
    assert "skipped 1 of 3 files" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there are no pictures that can be read, give others"):
        draw(model, tmp_path, plus=(str(tmp_path / "empty"),), **options)


def test_arithmetic_needs_an_encoder_alone(exported, pictures, tmp_path):
    loaded = export.load(exported("autoencoder"))
    sheet = draw(loaded, tmp_path, image=(pictures[0],), plus=(pictures[1],), minus=(pictures[2],), steps=3)
    codes = loaded.codes(np.stack([read(path) for path in pictures[:3]]))
    expected = loaded("generate", latent=codes[:1] + 2 * (codes[1] - codes[2]))["image"]
    np.testing.assert_allclose(np.int32(cells(sheet, 1, 4)[0, 3]), np.int32(to_bytes(expected[0])), atol=1)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"attributes": ("Smiles",)}, "attributes Smiles: unknown, did you mean smile.*smile, hat, glasses"),
        ({"plus": ("a.png",)}, "--plus a.png: add --minus"),
        ({"refine": 9, "latents": "a.npz"}, "--refine 9: latents of tfgan project are the result of a descent: remove"),
        ({"refine": -1}, "--refine -1: give a number of 0 or more"),
        ({"minus": ("a.png", "b.png")}, "--minus a.png b.png: add --plus"),
        ({"strength": (0, float("nan"))}, "--strength 0 nan: give a number from -1000 to 1000"),
        ({"steps": 0}, "--steps 0: give a number above 0"),
        ({"image": ("a.png",), "count": 2}, "--count 2: it is about held-out pictures"),
        ({"image": ("no such.png",)}, "'no such.png' cannot be read as a picture"),
        ({"output": "edits.jpg"}, "--output edits.jpg: give a file name that ends in .png"),
        ({"steps": 10**6}, "the sheet of 4 pictures, 3 edits and 1000000 steps would have .*give fewer --count"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_raises_input_error(flags, said, model, tmp_path):
    with pytest.raises(InputError, match=said) as error:
        edit.main(edit.EditFlags(**{"model": str(model.path), "output": str(tmp_path / "edits.png"), **flags}))
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "said"), [("vaegan", "has no vectors of attributes"), ("gan", "GAN does not encode pictures")]
)
def test_models_without_vectors_or_encoder_are_refused(name, said, exported, pictures, tmp_path):
    flags = {"model": str(exported(name)), "output": str(tmp_path / "edits.png")}
    with pytest.raises(InputError, match=said):
        edit.main(edit.EditFlags(image=(pictures[0],), **flags))
    if name == "gan":
        with pytest.raises(InputError, match=said):
            edit.main(edit.EditFlags(image=(pictures[0],), plus=(pictures[1],), minus=(pictures[2],), **flags))
    assert not (tmp_path / "edits.png").exists()


def test_help_takes_less_than_two_seconds_without_tensorflow(without_tensorflow, tmp_path):  # noqa: F811
    before = tiers.seconds_of_work()
    script = [sys.executable, str(ROOT / "train" / "edit.py"), "--help"]
    done = subprocess.run(script, capture_output=True, text=True, env=without_tensorflow, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--attributes" in done.stdout
    assert tiers.seconds_of_work() - before < 2


def draw_faces(folder: Path, count: int = 400) -> tuple[str, str]:
    """Draw a folder of faces and a file of their attributes: far fewer than in ``--dataset faces``. Return both."""
    lines = [str(count), " ".join(ATTRIBUTE_NAMES)]
    for i in range(count):
        image, attributes = drawing.draw(0, i, 32)
        Image.fromarray(image).save(folder / f"{i}.png")
        lines.append(f"{i}.png " + " ".join("1" if value else "-1" for value in attributes))
    (folder / "attributes.txt").write_text("\n".join(lines))
    return f"folder:{folder}", str(folder / "attributes.txt")


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "size"), [("folder of faces", 32), ("digits", 16)])
def test_a_trained_model_is_edited_by_the_command(kind, size, tmp_path, tmp_path_factory):
    """From the training to the picture: attributes of faces, and classes of digits."""
    dataset, attributes = ("digits", None) if kind == "digits" else draw_faces(tmp_path_factory.mktemp("faces"))
    flags = ["--attributes", attributes] if attributes else []
    flags += ["--dataset", dataset, "--image_size", str(size)]
    flags += ["--network", "dcgan", "--width", "0.1", "--latent_dim", "16"]
    flags += ["--epochs", "1", "--steps_per_epoch", "3", "--run_dir", "run", "--export_dir", "export"]
    printed = _run("vaegan", tmp_path, *flags)
    assert "attributes.png" in printed and (tmp_path / "run" / "attributes.png").exists()
    loaded = export.load(tmp_path / "export" / "1")
    assert len(loaded.editable) == (40 if attributes else 10)
    assert "vectors of" in next(line for line in printed.splitlines() if line.startswith("attributes:"))
    test = sources.load(dataset, "test", image_size=size)
    picture = np.asarray(test.images[0])
    Image.fromarray(picture if picture.shape[-1] == 3 else picture[..., 0]).save(tmp_path / "me.png")
    name = loaded.editable[-1]
    _run("edit", tmp_path, "--model", "export/1", "--image", "me.png", "--attributes", name, "--strength", "-2", "2")
    sheet = np.asarray(Image.open(tmp_path / "edits.png"))
    assert sheet.shape[1] > 8 * 34 - 2
    _run("edit", tmp_path, "--model", "export/1", "--count", "1", "--steps", "2", "--output", "all.png")
    loaded_by_tensorflow = loaded._loaded.signatures["edit_image"]
    strength = np.zeros((1, len(loaded.editable)), np.float32)
    strength[0, -1] = -2
    edited = loaded_by_tensorflow(image=to_float(picture)[None], strength=strength)["image"]
    np.testing.assert_allclose(loaded.edit_image(to_float(picture)[None], {name: -2}), edited, atol=1e-6)
    drawn = cells(sheet if sheet.ndim == 3 else sheet[..., None], 1, 8, size)[0, 1]  # at strength -2
    np.testing.assert_allclose(np.int32(drawn), np.int32(to_bytes(edited[0].numpy())), atol=2)
    again = _run("vaegan", tmp_path, *flags)
    assert "is finished" in again and not [line for line in again.splitlines() if line.startswith("attributes:")]


def _run(script: str, folder, *arguments: str) -> str:
    process = Script(ROOT / "train" / f"{script}.py", list(arguments), folder, {})
    printed, _ = process.communicate()
    assert process.returncode == 0, printed[-3000:]
    return printed
