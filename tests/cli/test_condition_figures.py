"""``condition_agreement`` of an export: told and read conditions are of the same images, in each column."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.models.conditional import LABELS
from tests.models.sizes import CLASSES, SIZE
from tfgan_models import export
from tfgan_models.cli import condition_figures
from tfgan_models.data.image_set import ImageSet
from tfgan_models.metrics.extractor import Extracted

COUNT = 120
COLUMNS = {"samples": "sample"}


def reader(names: tuple[str, ...], outputs: str, told: dict[bytes, np.ndarray], wrong: int = 0) -> Any:
    """An extractor that knows the condition of each image, and reads another one in every ``wrong``-th."""

    class Reader(SimpleNamespace):
        def __call__(self, images: np.ndarray) -> Extracted:
            read = np.stack([told[image.tobytes()] for image in images])
            if wrong:
                read[::wrong] = np.roll(read[::wrong], 1, 1)
            return Extracted(np.zeros((len(images), 1)), read)

    return Reader(outputs=outputs, network=SimpleNamespace(output_shape=[None, (None, len(names))]))


def images_with_labels(seed: int = 0) -> ImageSet:
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (COUNT, SIZE, SIZE, 1), np.uint8)
    return ImageSet(images, random.integers(0, CLASSES, COUNT).astype(np.int32), None, LABELS, (), "images")


@pytest.mark.parametrize(("name", "truncation"), [("gan_projection", 1.0), ("vaegan_projection", 0.5)])
def test_samples_and_held_out_images_are_read(name, truncation, exported, monkeypatch):
    model, data, told = export.load(exported(name)), images_with_labels(), {}
    monkeypatch.setattr(condition_figures, "to_float", lambda images: images)
    told |= {image.tobytes(): np.eye(CLASSES)[label] for image, label in zip(data.images, data.labels, strict=True)}
    original = export.ExportedModel.__call__

    def call(self, signature, **inputs):
        outputs = original(self, signature, **inputs)
        if signature == "generate":
            keep(outputs["image"], inputs["latent"])
        return outputs

    def keep(images: np.ndarray, latents: np.ndarray) -> None:
        told.update((image.tobytes(), latent[:CLASSES]) for image, latent in zip(images, latents, strict=True))

    monkeypatch.setattr(export.ExportedModel, "__call__", call)
    for part in model.samples(COUNT, 4):
        keep(part["image"], part["latent"])
    extractor = reader(LABELS, "classes", told)
    figures = condition_figures.measure(model, COLUMNS, extractor, data, COUNT, 4, truncation)
    assert figures == {"samples": (1, COUNT), "data": (1, COUNT)}
    wrong = reader(LABELS, "classes", told, wrong=2)
    assert condition_figures.measure(model, COLUMNS, wrong, data, COUNT, 4, truncation)["samples"][0] == 0.5


def test_an_extractor_of_other_outputs_measures_nothing(exported):
    model, data = export.load(exported("gan_projection")), images_with_labels()
    for outputs, names in (("attributes", LABELS), ("rotations", LABELS), ("classes", ("a",) * 1000)):
        assert condition_figures.measure(model, COLUMNS, reader(names, outputs, {}), data, COUNT, 0) == {}
    plain = export.load(exported("gan"))
    assert condition_figures.measure(plain, COLUMNS, reader(LABELS, "classes", {}), data, COUNT, 0) == {}
