"""Reconstructions by models that are told the class or the attributes of each image."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.models.conditional import LABELS
from tests.models.sizes import CHANNELS, CLASSES, SIZE
from tfgan_models import export
from tfgan_models.cli import subjects
from tfgan_models.data import labelled
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.export import own_conditions

IMAGES = np.random.default_rng(0).integers(0, 256, (6, SIZE, SIZE, CHANNELS), np.uint8)


def data(labels=None, label_names=(), attributes=None, attribute_names=()) -> ImageSet:
    return ImageSet(IMAGES, labels, attributes, tuple(label_names), tuple(attribute_names), "images")


def evaluated(model: export.ExportedModel, images: ImageSet, rows: np.ndarray) -> np.ndarray | None:
    """The reconstructions of these rows, as ``tfgan evaluate`` makes them."""
    reconstruct = subjects._reconstruct(model, images)
    return reconstruct and reconstruct(to_float(IMAGES[rows]), rows)


def with_manifest(model: export.ExportedModel, **entries) -> export.ExportedModel:
    """The model as if its manifest had further entries."""
    model.manifest.update(entries)
    return model


def test_classes_are_recognized_by_their_names(exported):
    model = export.load(exported("vaegan_projection"))
    assert own_conditions.takes_conditions(model)
    labels, rows = np.array([0, 1, 2, 2, 1, 0]), np.array([5, 2])
    images = data(labels, np.roll(LABELS, -1))  # the first class of this data set is class 1
    conditions = np.eye(CLASSES, dtype=np.float32)[(labels + 1) % CLASSES]
    np.testing.assert_array_equal(own_conditions.conditions_of(model, images), conditions)
    expected = model("reconstruct", image=to_float(IMAGES[rows]), condition=conditions[rows])["image"]
    np.testing.assert_array_equal(evaluated(model, images, rows), expected)
    other = model("reconstruct", image=to_float(IMAGES[rows]), condition=conditions[rows][::-1])["image"]
    assert not np.array_equal(other, expected)


def test_attributes_are_recognized_by_their_names(exported):
    model = export.load(exported("vaegan_concat"))
    names = model.manifest["condition"]["names"]
    attributes = np.random.default_rng(1).integers(0, 2, (6, len(names) + 1), np.uint8)
    images = data(attributes=attributes, attribute_names=["Hat", *names[::-1]])
    np.testing.assert_array_equal(own_conditions.conditions_of(model, images), attributes[:, :0:-1])


@pytest.mark.parametrize(
    ("names", "names_of_data", "shift"),
    [
        (["10", "2", "7"], ["2", "7", "10"], 1),  # recognized by their names
        ([], ["10", "2", "7"], 0),  # an export that does not name its classes: by their numbers
        ([], ["2", "1", "0"], 0),
    ],
)
def test_an_adversarial_autoencoder_is_told_classes(names, names_of_data, shift, exported):
    model = with_manifest(export.load(exported("supervised_aae")), label_names=names)
    labels, rows = np.array([0, 1, 2, 2, 1, 0], np.int32), np.array([1, 3, 4])
    told = (labels[rows] + shift) % CLASSES
    expected = model("reconstruct", image=to_float(IMAGES[rows]), label=told)["image"]
    np.testing.assert_array_equal(evaluated(model, data(labels, names_of_data), rows), expected)


def test_classes_that_the_training_made_of_attributes_are_made_again(exported):
    attributes = np.random.default_rng(1).integers(0, 2, (6, 3), np.uint8)
    images = data(attributes=attributes, attribute_names=("Hat", "Smiling", "Male"))
    labels = labelled.by_attributes(images, ["Smiling"])
    assert labelled.attributes_of(labels.label_names) == ("Smiling",)
    assert labelled.attributes_of(labelled.by_attributes(images, ["Male", "Hat"]).label_names) == ("Male", "Hat")
    assert labelled.attributes_of(LABELS) == labelled.attributes_of(()) == ()
    model = with_manifest(export.load(exported("supervised_aae")), prior=None)
    model.manifest["condition"] = {"kind": "labels", "names": list(labels.label_names)}
    told = np.eye(2, dtype=np.float32)[attributes[:, 1]]
    np.testing.assert_array_equal(own_conditions.conditions_of(model, images), told)
    own = dataclasses.replace(labels, labels=1 - labels.labels)  # folders of these names, which training was told
    np.testing.assert_array_equal(own_conditions.conditions_of(model, own), 1 - told)


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("vaegan_projection", {}),
        ("vaegan_projection", {"labels": np.array([0, 1, 2, 2, 1, -1]), "label_names": LABELS}),
        ("vaegan_projection", {"labels": np.zeros(6, int), "label_names": ("cats", *LABELS)}),
        ("vaegan_concat", {"labels": np.zeros(6, int), "label_names": LABELS}),
        ("vaegan_concat", {"attributes": np.zeros((6, 2)), "attribute_names": ("attribute 0", "attribute 1")}),
    ],
)
def test_images_without_the_condition_are_not_reconstructed(name, entries, exported, capsys):
    assert evaluated(export.load(exported(name)), data(**entries), np.arange(6)) is None
    assert capsys.readouterr().out == (
        "reconstructions: left out, because the model is told classes or attributes that some images do not have\n"
    )


def test_other_models_reconstruct_images_alone(exported):
    model = export.load(exported("vae"))
    assert not own_conditions.takes_conditions(model) and own_conditions.reconstructs(model)
    np.testing.assert_array_equal(
        evaluated(model, data(), np.arange(6)), model("reconstruct", image=to_float(IMAGES))["image"]
    )
    assert not own_conditions.reconstructs(export.load(exported("gan")))
