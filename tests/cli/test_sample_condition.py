"""``tfgan sample`` with ``--label``, ``--with`` and ``--without``."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from PIL import Image

from tests.generated import keep_latents
from tests.models.conditional import ROWS
from tests.models.sizes import ATTRIBUTES, CLASSES
from tfgan_models import InputError, export
from tfgan_models.cli import sample
from tfgan_models.cli.command_line import read
from tfgan_models.export import conditional_samples
from tfgan_models.plots import image_grid

CLASS = np.eye(CLASSES, dtype=np.float32)


@pytest.fixture
def draw(tmp_path, monkeypatch):
    """Run the command, and return the picture."""

    def draw(model, *words: str) -> np.ndarray:
        output = tmp_path / "grid.png"
        monkeypatch.setattr(sys, "argv", ["sample", "--model", str(model), "--output", str(output), *words])
        sample.main(read(sample.SampleFlags))
        return np.asarray(Image.open(output))[..., None]

    return draw


@pytest.mark.parametrize("word", ["class 1", "1"])
def test_a_label_is_a_name_or_a_number(word, exported, draw):
    model = exported("gan_projection")
    images = export.load(model)("sample_as", count=5, seed=3, condition=CLASS[1])["image"]
    np.testing.assert_array_equal(draw(model, "--label", word, "--count", "5", "--seed", "3"), image_grid.grid(images))


def test_several_labels_have_a_row_each(exported, draw):
    model = exported("gan_projection")
    loaded = export.load(model)
    rows = [loaded("sample_as", count=4, seed=0, condition=CLASS[i])["image"] for i in (2, 0)]
    picture = draw(model, "--label", "2", "0", "--count", "4")
    np.testing.assert_array_equal(picture, image_grid.grid(np.concatenate(rows), 4))


def test_walks_lead_from_one_class_to_another_in_the_same_style(exported, draw, monkeypatch):
    model, seen = exported("gan_projection"), []
    original = export.ExportedModel.__call__

    def call(self, signature, **inputs):
        seen.append((signature, inputs))
        return original(self, signature, **inputs)

    monkeypatch.setattr(export.ExportedModel, "__call__", call)
    draw(model, "--label", "2", "0", "--count", "3", "--steps", "5", "--interpolate")
    latents = np.concatenate([inputs["latent"] for name, inputs in seen if name == "generate"]).reshape(3, 5, -1)
    np.testing.assert_array_equal(latents[:, 0, :CLASSES], np.tile(CLASS[2], (3, 1)))
    np.testing.assert_array_equal(latents[:, -1, :CLASSES], np.tile(CLASS[0], (3, 1)))
    np.testing.assert_allclose(latents[:, :1, CLASSES:].repeat(5, 1), latents[..., CLASSES:], atol=1e-6)
    seen.clear()
    draw(model, "--label", "1", "--count", "2", "--interpolate")
    latents = np.concatenate([inputs["latent"] for name, inputs in seen if name == "generate"])
    np.testing.assert_allclose(latents[:, :CLASSES], np.tile(CLASS[1], (20, 1)))
    assert len(np.unique(latents[:, CLASSES])) == 20


def test_attributes_that_are_not_named_vary_as_with_the_named_ones(exported, draw, monkeypatch):
    model, seen = exported("gan_auxiliary"), keep_latents(monkeypatch)
    picture = draw(model, "--with", "attribute 1", "--without", "attribute 2", "--count", "9")
    latents = np.concatenate(seen)
    np.testing.assert_array_equal(latents[:, [2, 0]], np.tile([1, 0], (9, 1)))  # attribute 1 and attribute 2
    loaded = export.load(model)
    np.testing.assert_array_equal(latents[:, ATTRIBUTES:], loaded("sample", count=9, seed=0)["latent"][:, ATTRIBUTES:])
    np.testing.assert_array_equal(picture, image_grid.grid(loaded("generate", latent=latents)["image"]))
    assert len(np.unique(latents[:, 1])) == 2


def test_attributes_that_exclude_each_other_do_not_come_together(exported, monkeypatch):
    """In these images, attribute 0 is there if attribute 1 is, and attribute 2 only with neither."""
    loaded = export.load(exported("gan_auxiliary"))
    names = loaded.manifest["condition"]["names"]
    columns = [names.index(f"attribute {i}") for i in range(3)]
    rows = np.zeros((100, ATTRIBUTES), np.float32)
    rows[:30, columns[:2]] = 1
    rows[30:35, columns[2]] = 1
    monkeypatch.setattr(conditional_samples, "rows_of", lambda model: rows)

    def attributes(present=(), absent=(), count=40) -> np.ndarray:
        parts = list(conditional_samples.of_attributes(loaded, present, absent, count, 0))
        return np.concatenate([part["latent"] for part in parts])[:, columns]

    assert (attributes(["attribute 0"]) == [1, 1, 0]).all()
    assert (attributes(["attribute 2"]) == [0, 0, 1]).all()
    assert {tuple(row) for row in attributes(absent=["attribute 0"])} == {(0, 0, 0), (0, 0, 1)}
    assert (attributes(["attribute 0", "attribute 2"])[:, [0, 2]] == 1).all()  # none has both
    np.testing.assert_array_equal(attributes(absent=["attribute 0"], count=7), attributes(absent=["attribute 0"])[:7])


def test_an_export_has_the_attributes_of_training_images(exported, monkeypatch):
    loaded = export.load(exported("gan_auxiliary"))
    np.testing.assert_array_equal(conditional_samples.rows_of(loaded), [list(map(int, row)) for row in ROWS])
    monkeypatch.setattr(loaded._loaded, "condition_rows", None)  # an export of an earlier version
    drawn = conditional_samples.rows_of(loaded)
    np.testing.assert_array_equal(drawn, loaded("sample", count=len(drawn), seed=0)["latent"][:, :ATTRIBUTES])


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("gan_projection", ["--label", "7"], "--label 7: '7' is unknown, give one of class 0, class 1, class 2"),
        ("gan_projection", ["--with", "a"], "--with a: .* is not conditioned on attributes, give a model trained with"),
        ("gan_auxiliary", ["--label", "0"], "--label 0: .* is not conditioned on labels"),
        ("gan_auxiliary", ["--without", "Hat"], "--without Hat: 'Hat' is unknown, give some of attribute 2, attribute"),
        ("gan_auxiliary", ["--with", "attribute 0", "--without", "attribute 0"], "attribute 0 is also in --with"),
        ("gan_auxiliary", ["--label", "0", "--with", "attribute 0"], "--label 0: a model takes labels or attributes"),
        ("gan", ["--label", "0"], "--label 0: .*gan.* is not conditioned on labels"),
        ("gan_projection", ["--label", "0", "1", "2", "--interpolate"], "--label 0 1 2: --interpolate draws walks"),
        ("gan_projection", ["--label", "0", "--between", "a", "b"], "--between: .*, GAN, has no encoder"),
        ("vae", ["--label", "0", "--between", "a.png", "b.png"], "--label 0: .*vae.* is not conditioned on labels"),
        ("supervised_aae", ["--between", "a.png", "b.png"], "--between: add --label: .*, give one of .* for all pict"),
        ("supervised_aae", ["--label", "0", "1", "2", "--between", "a", "b"], "--label 0 1 2: .* for all pictures, or"),
        (
            "vaegan_concat",
            ["--between", "a.png", "b.png"],
            "--between: add --with or --without: .* told the attributes",
        ),
        ("gan_projection", ["--label", "0", "1", "--count", "200000"], "--count 200000: the sheet would have"),
    ],
)
def test_conditions_that_the_model_does_not_take_are_refused(name, words, said, exported, draw):
    with pytest.raises(InputError, match=said) as error:
        draw(exported(name), *words)
    assert "\n" not in str(error.value)


def test_a_class_of_an_adversarial_autoencoder_stands_before_styles_of_the_prior(exported, draw):
    model = exported("supervised_aae")
    loaded = export.load(model)
    latents = loaded("sample", count=4, seed=3)["latent"]
    rows = []
    for label in (2, 0):
        latents[:, :CLASSES] = CLASS[label]
        rows.append(loaded("generate", latent=latents)["image"])
    picture = draw(model, "--label", "2", "0", "--count", "4", "--seed", "3")
    np.testing.assert_array_equal(picture, image_grid.grid(np.concatenate(rows), 4))
