"""Samples of the studio with a class or attributes, and the sheet of styles."""

from __future__ import annotations

import numpy as np
import pytest

from tests.generated import keep_latents
from tests.models.conditional import ROWS
from tests.models.sizes import ATTRIBUTES, CLASSES, LATENT
from tfgan_models.data.pixels import to_bytes
from tfgan_models.studio import html, latent_map, sampling


def test_conditions_are_in_the_latents(workspace):
    classes = sampling.condition_names(workspace, "gan_projection", "labels")
    drawn = sampling.draw(workspace, "gan_projection", 0, 3, label=classes[1])
    np.testing.assert_array_equal(drawn["latent"][:, :CLASSES], np.tile(np.eye(CLASSES)[1], (3, 1)))
    names = sampling.condition_names(workspace, "gan_concat", "attributes")
    drawn = sampling.draw(workspace, "gan_concat", 0, 8, present=names[:1], absent=names[1:2])
    assert (drawn["latent"][:, 0] == 1).all() and (drawn["latent"][:, 1] == 0).all()
    expected = workspace.model("gan_concat")("generate", latent=drawn["latent"])["image"]
    np.testing.assert_array_equal(drawn["image"], to_bytes(expected))


def test_samples_of_classes_whose_styles_depend_on_the_class_are_truncated(workspace, monkeypatch):
    """An export with a mixture of codes knows how."""
    model = workspace.model("gan_projection")
    effects = np.random.default_rng(0).normal(size=(CLASSES, LATENT - CLASSES)).astype(np.float32)
    monkeypatch.setattr(model._loaded, "condition_effects", effects, raising=False)
    monkeypatch.setitem(model.manifest, "sampler", "codes")
    full, half = (sampling.draw(workspace, "gan_projection", 0, 4, truncation=t)["latent"] for t in (1, 0.5))
    np.testing.assert_array_equal(half[:, :CLASSES], full[:, :CLASSES])
    mean = workspace.reference("gan_projection", None).mean(0)
    centers = mean[CLASSES:] + (full[:, :CLASSES] - mean[:CLASSES]) @ effects  # of the samples' classes
    np.testing.assert_allclose(half[:, CLASSES:], (full[:, CLASSES:] + centers) / 2, atol=1e-5)


def test_attributes_come_before_truncation(workspace, monkeypatch):
    """So that with a factor of 0 samples with the same attributes are the same."""
    model = workspace.model("gan_concat")
    names = sampling.condition_names(workspace, "gan_concat", "attributes")
    effects = np.random.default_rng(0).normal(size=(len(names), LATENT - len(names))).astype(np.float32)
    monkeypatch.setattr(model._loaded, "condition_effects", effects, raising=False)
    monkeypatch.setitem(model.manifest, "sampler", "codes")
    none = sampling.draw(workspace, "gan_concat", 0, 8, truncation=0, present=names)["latent"]
    np.testing.assert_allclose(none, np.tile(none[:1], (8, 1)), atol=1e-5)
    mean = workspace.reference("gan_concat", None).mean(0)
    expected = mean[len(names) :] + (1 - mean[: len(names)]) @ effects
    np.testing.assert_allclose(none[0, len(names) :], expected, atol=1e-5)
    full = sampling.draw(workspace, "gan_concat", 0, 8, present=names)["latent"]
    assert np.ptp(full[:, len(names) :], 0).max() > 0.1


def test_classes_of_an_adversarial_autoencoder_can_be_chosen(workspace):
    classes = sampling.condition_names(workspace, "supervised_aae", "labels")
    drawn = sampling.draw(workspace, "supervised_aae", 0, 3, label=classes[2])
    np.testing.assert_array_equal(drawn["latent"][:, :CLASSES], np.tile(np.eye(CLASSES)[2], (3, 1)))
    free = sampling.draw(workspace, "supervised_aae", 0, 3)
    np.testing.assert_array_equal(drawn["latent"][:, CLASSES:], free["latent"][:, CLASSES:])


@pytest.mark.parametrize("name", ["gan_projection", "gan_concat", "supervised_aae"])
def test_a_style_sheet_has_a_column_for_each_class(workspace, name, monkeypatch):
    model = workspace.model(name)
    columns, seen = latent_map.classes(model), keep_latents(monkeypatch)
    assert len(columns) == (ATTRIBUTES if name == "gan_concat" else CLASSES)
    sheet = latent_map.style_sheet(workspace, name, 0)
    assert sheet.count("<img") == latent_map.STYLES * len(columns)
    latents = seen[-1].reshape(latent_map.STYLES, len(columns), LATENT)
    styles = model("sample", count=latent_map.STYLES, seed=0)["latent"][:, np.newaxis, len(columns) :]
    np.testing.assert_array_equal(latents[..., len(columns) :], styles.repeat(len(columns), 1))
    for i in range(len(columns)):
        of_column = {"".join(map(str, map(int, row))) for row in latents[:, i, : len(columns)]}
        if name == "gan_concat":  # attributes of images that have that of the column
            assert of_column <= {row for row in ROWS if row[i] == "1"}
        else:
            assert of_column == {"".join(map(str, map(int, np.eye(CLASSES)[i])))}
    for image in model("generate", latent=latents[:, 1])["image"]:
        assert html.picture(image, "", 64).partition("alt")[0] in sheet
