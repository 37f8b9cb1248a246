"""Callbacks after an epoch's checkpoint: they work in parts of a training batch, and warn if memory is short."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.models.small import CHANNELS, CLASSES, MODELS, SIZE, batch, compiled
from tests.tiers import tiered
from tfgan_models.callbacks.checkpoints import Checkpoints
from tfgan_models.callbacks.classification import Classification
from tfgan_models.callbacks.clusters import Clusters
from tfgan_models.callbacks.evaluation import Evaluation
from tfgan_models.callbacks.health import HealthMonitor
from tfgan_models.callbacks.metrics_file import MetricsFile
from tfgan_models.callbacks.pictures import Pictures
from tfgan_models.callbacks.projector import Projector
from tfgan_models.callbacks.style_sheet import StyleSheet
from tfgan_models.data.sources import ImageSet
from tfgan_models.latent.sampler import Sampler
from tfgan_models.metrics.in_domain_extractor import in_domain
from tfgan_models.training import checkpoint

PART = 3
ERRORS = [MemoryError("no more"), tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")]


@pytest.fixture(scope="module")
def data() -> ImageSet:
    random = np.random.default_rng(0)
    images = random.integers(0, 255, (60, SIZE, SIZE, CHANNELS)).astype(np.uint8)
    labels = random.integers(0, CLASSES, 60).astype(np.int32)
    return ImageSet(images, labels, None, ("a", "b", "c"), (), "noise")


@pytest.fixture(scope="module")
def extractor(data):
    return in_domain(data, data, steps=2, verbose=False)


def noting(call, batches: list[int]):
    """The call of a network, which also notes the number of examples."""

    def noted(inputs, *args, **options):
        batches.append(len(inputs))
        return call(inputs, *args, **options)

    return noted


def limit(model, monkeypatch) -> list[int]:
    """Limit the model to parts, and note the batches that its networks get."""
    batches: list[int] = []
    for name in ("encoder", "decoder", "generator", "discriminator"):
        if network := getattr(model, name, None):
            monkeypatch.setattr(network, "call", noting(network.call, batches))
    model.inference_batch = PART
    return batches


def pictures_of(folder) -> dict[str, np.ndarray]:
    return {str(path.relative_to(folder)): np.asarray(Image.open(path)) for path in sorted(folder.rglob("*.png"))}


CASES = ["aae", "autoencoder", "clustering_aae", "gan", "improved_gan", "supervised_aae", "vaegan"]


@pytest.mark.parametrize("name", tiered(CASES, ["clustering_aae"]))
def test_parts_give_the_same_pictures_and_figures(name, data, extractor, tmp_path, monkeypatch):
    figures, batches = [], []
    for number in range(2):
        model, folder = compiled(MODELS[name]), tmp_path / str(number)
        sampler, images = Sampler(data), batch(examples=40)["image"]
        callbacks: list = [HealthMonitor(data.images, sampler=sampler), Pictures(folder, images, sampler=sampler)]
        if name in ("gan", "vaegan"):
            callbacks.append(Evaluation(data, extractor, samples=40))
        if name == "aae":
            callbacks.append(Projector(data, folder))
        if name in ("clustering_aae", "supervised_aae"):
            callbacks.append(StyleSheet(images, folder))
        if name == "clustering_aae":
            callbacks.append(Clusters(data, data, folder))
        if name == "improved_gan":
            callbacks.append(Classification(data, folder))
        batches = limit(model, monkeypatch) if number else []
        figures.append({})
        for callback in callbacks:
            callback.set_model(model)
            callback.set_params({"epochs": 1})
            callback.on_epoch_end(0, figures[-1])
    assert 0 < max(batches) <= PART
    whole, ours = figures
    assert list(ours) == list(whole)
    np.testing.assert_allclose(list(ours.values()), list(whole.values()), rtol=1e-5, atol=1e-7)
    expected, drawn = (pictures_of(tmp_path / str(number)) for number in range(2))
    assert list(drawn) == list(expected)
    for path, picture in drawn.items():
        # A last bit of a convolution may depend on the size of its batch, and decides pixels between two values.
        np.testing.assert_allclose(np.int16(picture), np.int16(expected[path]), atol=1, err_msg=path)


@pytest.mark.parametrize("error", ERRORS, ids=["python", "tensorflow"])
def test_a_lack_of_memory_costs_one_line_for_each_callback(error, data, extractor, tmp_path, monkeypatch, capfd):
    model = compiled(MODELS["vaegan"])

    def generate(latents):
        raise error

    monkeypatch.setattr(model, "generate", generate)
    model.fit(
        tf.data.Dataset.from_tensors(batch()).repeat(),
        epochs=2,
        steps_per_epoch=1,
        verbose=0,
        shuffle=False,
        callbacks=[
            Checkpoints(tmp_path / "checkpoints"),
            HealthMonitor(data.images),
            Evaluation(data, extractor, samples=40),
            Pictures(tmp_path, batch()["image"]),
            MetricsFile(tmp_path),
        ],
    )
    warnings = [line for line in capfd.readouterr().err.splitlines() if line.startswith("out of memory")]
    parts = ("a health check", "an evaluation", "some of its pictures")
    assert warnings == [
        f"out of memory: epoch {epoch} goes without {part}, and the training continues"
        for epoch in (1, 2)
        for part in parts
    ]
    with open(tmp_path / "metrics.csv", newline="") as file:
        assert all(float(row["encoder_loss"]) for row in csv.DictReader(file))
    newest = checkpoint.checkpoints(tmp_path / "checkpoints")[-1]
    assert checkpoint.epoch_of(newest) == 2
    assert "encoder_loss" in (checkpoint.read_logs(newest) or {})


def test_other_errors_are_not_hidden(data, monkeypatch, tmp_path):
    model = compiled(MODELS["gan"])
    monkeypatch.setattr(model, "generate", lambda latents: 1 / 0)
    pictures = Pictures(tmp_path, batch()["image"])
    pictures.set_model(model)
    with pytest.raises(ZeroDivisionError):
        pictures.on_epoch_end(0)
