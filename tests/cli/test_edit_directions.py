"""``tfgan edit`` along directions that need no labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_edit import cells
from tests.models.small import LATENT, MODELS
from tfgan_models import InputError, export
from tfgan_models.cli import edit
from tfgan_models.data.pixels import to_bytes
from tfgan_models.latent.model_directions import ModelDirections
from tfgan_models.models.base import GenerativeModel

NAMES = ("codes_1", "weights_1")
VECTORS = np.random.default_rng(3).normal(size=(2, LATENT)).astype(np.float32)


def exported(name: str, folder: Path, model: GenerativeModel | None = None) -> export.ExportedModel:
    """A model of the embedded digits, by default a small one of this name, with planted directions."""
    planted = ModelDirections(NAMES, VECTORS, np.array([0.25, 0.5]))
    manifest = {"dataset": "digits", "channels": None}
    return export.load(export.save(model or MODELS[name](), folder, manifest, directions=planted))


def draw(model: export.ExportedModel, folder: Path, **flags) -> np.ndarray:
    edit.main(edit.EditFlags(model=str(model.path), output=str(folder / "edits.png"), **flags))
    return np.asarray(Image.open(folder / "edits.png"))[..., None]


def test_samples_of_a_gan_move_along_all_directions_by_default(tmp_path, capsys):
    model = exported("gan", tmp_path / "model")
    drawn = cells(draw(model, tmp_path, count=2, steps=3, strength=(-1, 1), seed=4), 4, 4)
    samples = model("sample", count=2, seed=4)
    for i in range(2):
        for j, vector in enumerate(VECTORS):
            row = model("generate", latent=samples["latent"][i] + np.array([[-1], [0], [1]]) * vector)["image"]
            np.testing.assert_array_equal(drawn[2 * i + j, 0], to_bytes(samples["image"])[i])
            np.testing.assert_allclose(np.int32(drawn[2 * i + j, 1:]), np.int32(to_bytes(row)), atol=1)
    printed = capsys.readouterr().out
    assert "2 pictures, 2 edits each" in printed
    assert "codes_1: 25.0% of the variance of codes" in printed
    assert "weights_1: 50.0% of the change by the first layer" in printed


def test_own_pictures_move_along_named_directions(tmp_path):
    model = exported("vae", tmp_path / "model")
    image = np.random.default_rng(0).integers(0, 256, model.manifest["image_shape"][:2], np.uint8)
    Image.fromarray(image).save(tmp_path / "a.png")
    sheet = draw(model, tmp_path, image=(str(tmp_path / "a.png"),), directions=("weights_1",), steps=2)
    drawn = cells(sheet, 1, 3)
    code = model.codes((image / np.float32(127.5) - 1)[None, ..., None])
    row = model("generate", latent=code + np.array([[-2], [2]]) * VECTORS[1])["image"]
    np.testing.assert_array_equal(drawn[0, 0, ..., 0], image)
    np.testing.assert_allclose(np.int32(drawn[0, 1:]), np.int32(to_bytes(row)), atol=1)


def test_what_cannot_be_is_refused(tmp_path):
    gan = exported("gan", tmp_path / "gan")
    with pytest.raises(InputError, match="directions codes_2: unknown, did you mean codes_1"):
        draw(gan, tmp_path, directions=("codes_2",))
    with pytest.raises(InputError, match="does not encode pictures to latents"):
        draw(gan, tmp_path, image=("a.png",))
    old = export.load(export.save(MODELS["gan"](), tmp_path / "old", {}))
    with pytest.raises(InputError, match=r"has no directions: .* has to be exported again"):
        draw(old, tmp_path, directions=("weights_1",))
    with pytest.raises(InputError, match="has no directions"):
        _ = old.direction_vectors
