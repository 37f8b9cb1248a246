"""``condition_agreement`` of an export: told and read conditions are of the same images, in each column."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.models.conditional import LABELS
from tests.models.sizes import CLASSES, SIZE
from tfgan_models import export
from tfgan_models.cli import condition_figures
from tfgan_models.cli.evaluate import EvaluateFlags
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.metrics.evaluate import EvaluationResult
from tfgan_models.metrics.extractor import Extracted

COUNT, SEED = 120, 4
COLUMNS = {"samples": "sample", "samples_prior": "sample_prior"}
NAMES = ("other", *LABELS[::-1])  # of the data set, in another order than the model's
ATTRIBUTES = ("Hat", "attribute 0", "attribute 1", "attribute 2")


class Reader(SimpleNamespace):
    """An extractor that knows the conditions of images, and is wrong about every ``wrong``-th image."""

    told: dict[bytes, np.ndarray]
    wrong: int = 0

    def __call__(self, images: np.ndarray) -> Extracted:
        read = np.stack([self.told[np.float32(image).tobytes()] for image in images])
        if self.wrong:
            read[:: self.wrong] = 1 - read[:: self.wrong]
        return Extracted(np.zeros((len(images), 1)), read)


def reader(names: tuple[str, ...], outputs: str, told: dict[bytes, np.ndarray], wrong: int = 0) -> Any:
    network = SimpleNamespace(output_shape=[None, (None, len(names))])
    return Reader(outputs=outputs, network=network, name="reader", told=told, wrong=wrong)


def data(kind: str) -> ImageSet:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (COUNT, SIZE, SIZE, 1), np.uint8)
    if kind == "labels":
        return ImageSet(images, random.integers(1, 1 + CLASSES, COUNT).astype(np.int32), None, NAMES, (), "images")
    return ImageSet(images, None, random.integers(0, 2, (COUNT, 4), np.uint8), (), ATTRIBUTES, "images")


def measured(model: export.ExportedModel, extractor: Any, images: ImageSet, **flags: Any) -> EvaluationResult:
    columns = {name: signature for name, signature in COLUMNS.items() if signature in model.manifest["signatures"]}
    names = (*columns, "data")
    result = EvaluationResult({name: {} for name in names}, {"images_used": {name: {} for name in names}}, None)
    given = EvaluateFlags(model="m", samples=COUNT, seed=SEED, **flags)
    condition_figures.add(result, model, columns, extractor, images, given)
    return result


def in_order_of_data(conditions: np.ndarray, names: list[str], of_data: tuple[str, ...]) -> np.ndarray:
    wide = np.zeros((len(conditions), len(of_data)))
    wide[:, [of_data.index(name) for name in names]] = conditions
    return wide


@pytest.mark.parametrize(
    ("name", "kind", "truncation"),
    [("gan_projection", "labels", 1.0), ("vaegan_projection", "labels", 0.5), ("vaegan_concat", "attributes", 1.0)],
)
def test_samples_and_held_out_images_are_read(name, kind, truncation, exported, monkeypatch):
    model, images = export.load(exported(name)), data(kind)
    of_data, outputs = (NAMES, "classes") if kind == "labels" else (ATTRIBUTES, "attributes")
    names, told = model.manifest["condition"]["names"], {}
    own = np.eye(len(NAMES))[images.labels] if kind == "labels" else np.float64(images.attributes)
    told |= {to_float(image).tobytes(): row for image, row in zip(images.images, own, strict=True)}

    def keep(some: np.ndarray, latents: np.ndarray) -> None:
        wide = in_order_of_data(latents[:, : len(names)], names, of_data)
        told.update((image.tobytes(), row) for image, row in zip(some, wide, strict=True))

    original = export.ExportedModel.__call__

    def call(self, signature, **inputs):
        drawn = original(self, signature, **inputs)
        if signature == "generate":
            keep(drawn["image"], inputs["latent"])
        return drawn

    monkeypatch.setattr(export.ExportedModel, "__call__", call)
    for source in (None, "prior"):
        for part in model.samples(COUNT, SEED, source):
            keep(part["image"], part["latent"])
    result = measured(model, reader(of_data, outputs, told), images, truncation=truncation)
    assert [values["condition_agreement"] for values in result.figures.values()] == [1] * len(result.figures)
    assert all(used["condition_agreement"] == COUNT for used in result.conditions["images_used"].values())
    assert result.conditions["condition_agreement"] == {"classes" if kind == "labels" else "attributes": 3, "all": 3}
    if kind == "labels":
        wrong = measured(model, reader(of_data, outputs, told, wrong=2), images, truncation=truncation)
        assert 0.3 < wrong.figures["samples"]["condition_agreement"] < 0.7


def test_an_extractor_of_other_outputs_measures_nothing(exported, capsys):
    model, images = export.load(exported("gan_projection")), data("labels")
    for outputs, names in (("attributes", NAMES), ("rotations", NAMES), ("classes", ("a",) * 1000)):
        result = measured(model, reader(names, outputs, {}), images)
        assert not any(result.figures.values()) and "condition_agreement" not in result.conditions
        assert "condition_agreement: left out, because reader does not read the labels of" in capsys.readouterr().out


def test_too_few_images_are_said(exported, monkeypatch, capsys):
    model, images = export.load(exported("vaegan_concat")), data("attributes")
    rare = dataclasses.replace(images, attributes=np.zeros_like(images.attributes))
    monkeypatch.setattr(condition_figures, "_samples", lambda *_: condition_figures._real(model, images, 0))
    told = {to_float(image).tobytes(): np.zeros(4) for image in images.images}
    result = measured(model, reader(ATTRIBUTES, "attributes", told), rare)
    assert not any(result.figures.values()) and "condition_agreement" not in result.conditions
    assert "left out, because each of the attributes has too few images in some column" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["gan", "clustering_aae"])
def test_models_without_classes_have_no_figure(name, exported, capsys):
    result = measured(export.load(exported(name)), reader(NAMES, "classes", {}), data("labels"))
    assert not any(result.figures.values()) and not capsys.readouterr().out


def test_an_export_without_latents_is_evaluated_without_the_figure(exported, monkeypatch, capsys):
    model, original = export.load(exported("semi_supervised_aae")), export.ExportedModel.__call__
    without = lambda self, *given, **inputs: {"image": original(self, *given, **inputs)["image"]}  # noqa: E731
    monkeypatch.setattr(export.ExportedModel, "__call__", without)
    assert not any(measured(model, reader(NAMES, "classes", {}), data("labels")).figures.values())
    assert "condition_agreement: left out, this model was exported by an older version" in capsys.readouterr().out
