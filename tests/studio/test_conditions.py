"""Samples of the studio with a class or attributes, and the sheet of styles."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.generated import keep_latents
from tests.models.conditional import LABELS, ROWS
from tests.models.sizes import ATTRIBUTES, CHANNELS, CLASSES, LATENT, SIZE
from tfgan_models import InputError, export
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.studio import edit, html, latent_map, sampling, subject
from tfgan_models.studio.workspace import Workspace


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


def test_held_out_pictures_have_their_own_attributes_and_sliders_change_them(exported):
    model = export.load(exported("vaegan_concat"))
    names = model.manifest["condition"]["names"]
    random = np.random.default_rng(0)
    values = random.integers(0, 2, (5, len(names)), np.uint8)
    pixels = random.integers(0, 256, (5, SIZE, SIZE, CHANNELS), np.uint8)
    data = ImageSet(pixels, None, values, (), tuple(names[::-1]), "images")
    told = Workspace({"m": model}, lambda model, split: data)
    assert subject.sources(model) == [subject.SAMPLE, subject.HELD_OUT]
    chosen = subject.choose(told, "m", subject.HELD_OUT, 3, None)
    own = values[2, ::-1].astype(np.float32)
    expected = model("reconstruct", image=to_float(pixels[2:3]), condition=own[np.newaxis])["image"]
    assert edit.attributes(model) == [(name, None) for name in names] and "is told" in edit.explanation(model)
    np.testing.assert_allclose(edit.edited(model, chosen.latent, [0] * 3), to_bytes(expected)[0], atol=1)
    effects = np.ones((3, LATENT - 3), np.float32)
    model.manifest["sampler"] = "codes"
    object.__setattr__(model._loaded, "condition_effects", effects)
    moves = edit.vectors(model)[:3]
    np.testing.assert_array_equal(moves, np.concatenate([np.eye(3), effects], 1))
    changed = edit.edited(model, chosen.latent, [0, -1, 0])
    np.testing.assert_array_equal(
        changed, to_bytes(model("generate", latent=(chosen.latent - moves[1])[None])["image"])[0]
    )
    unlabeled = Workspace({"m": model}, lambda model, split: dataclasses.replace(data, attributes=None))
    with pytest.raises(InputError, match="some held-out pictures do not have the class or the attributes"):
        subject.choose(unlabeled, "m", subject.HELD_OUT, 3, None)
    with pytest.raises(InputError, match="it encodes pictures only with their own condition"):
        subject.choose(told, "m", subject.OWN, 3, "a.png")


@pytest.mark.parametrize("name", ["supervised_aae", "vaegan_projection"])
def test_held_out_pictures_without_a_class_are_left_out(name, exported):
    model, random = export.load(exported(name)), np.random.default_rng(0)
    model.manifest["label_names"] = list(LABELS)
    pixels, labels = random.integers(0, 256, (4, SIZE, SIZE, CHANNELS), np.uint8), np.array([2, -1, 1, 0], np.int32)
    data = ImageSet(pixels, labels, None, LABELS, (), "images")
    told = Workspace({"m": model}, lambda model, split: data)
    chosen = subject.choose(told, "m", subject.HELD_OUT, 2, None)
    np.testing.assert_array_equal(chosen.image, pixels[2])
    np.testing.assert_array_equal(chosen.latent[:CLASSES], np.eye(CLASSES)[1])
    with pytest.raises(InputError, match="number of the picture"):
        subject.choose(told, "m", subject.HELD_OUT, 4, None)


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
