"""Figures of samples and reconstructions among an epoch's logs."""

from __future__ import annotations

import csv
import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import ATTRIBUTES, BATCH, CHANNELS, CLASSES, MODELS, SIZE, batch, compiled
from tests.tiers import tiered
from tfgan_models.callbacks.evaluation import Evaluation
from tfgan_models.callbacks.metrics_file import MetricsFile
from tfgan_models.callbacks.progress import LEADING, Progress
from tfgan_models.data.pixels import to_float
from tfgan_models.data.sources import ImageSet
from tfgan_models.latent.parts import reconstruction
from tfgan_models.metrics.in_domain_extractor import in_domain
from tfgan_models.training import chosen_epoch


@pytest.fixture(scope="module")
def held_out() -> ImageSet:
    random = np.random.default_rng(0)
    images = random.integers(0, 255, (60, SIZE, SIZE, CHANNELS)).astype(np.uint8)
    return ImageSet(images, random.integers(0, 2, 60).astype(np.int32), None, ("a", "b"), (), "noise")


@pytest.fixture(scope="module")
def extractor(held_out):
    return in_domain(held_out, held_out, steps=2, verbose=False)


BOTH = {"samples", "reconstructions"}
KINDS = [("autoencoder", {"reconstructions"}), ("gan", {"samples"}), ("vaegan", BOTH), ("supervised_aae", BOTH)]


@pytest.mark.parametrize(("name", "kinds"), tiered(KINDS, KINDS[-2:]))
def test_figures_are_logged_every_other_epoch(name, kinds, held_out, extractor, tmp_path):
    model = compiled(MODELS[name])
    evaluation = Evaluation(held_out, extractor, every=2, samples=40)
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    model.fit(
        data,
        epochs=5,
        steps_per_epoch=1,
        verbose=0,
        shuffle=False,
        callbacks=[evaluation, MetricsFile(tmp_path)],
    )
    with open(tmp_path / "metrics.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    ending = f"/noise-labels-rotations-{extractor.digest}/40"
    columns = [name for name in rows[0] if "/" in name]
    assert {name.split("/")[0] for name in columns} == kinds
    assert all(name.endswith(ending) for name in columns)
    expected = {"samples": "frechet_distance", "reconstructions": "attribute_cosine"}
    assert {f"{kind}/{expected[kind]}{ending}" for kind in kinds} <= set(columns)
    for row in rows:
        filled = [bool(row[name]) for name in columns]
        assert all(filled) if row["epoch"] in ("2", "4") else not any(filled)


@pytest.mark.parametrize("name", tiered(["vaegan_concat", "vaegan_projection", "supervised_aae"], ["vaegan_concat"]))
def test_models_that_are_told_classes_or_attributes_reconstruct_with_them(name, held_out):
    model = compiled(MODELS[name])
    labels, selected = np.arange(60, dtype=np.int32) % CLASSES, np.array([7, 3, 56])
    attributes = np.random.default_rng(2).integers(0, 2, (60, ATTRIBUTES)).astype(np.uint8)
    told = dataclasses.replace(held_out, labels=labels, attributes=attributes)
    images = to_float(held_out.images[selected])
    of_each = labels[selected]
    if name != "supervised_aae":
        of_each = model.condition.of({"label": labels[selected], "attributes": attributes[selected]})
    reconstruct = reconstruction(model, told)
    np.testing.assert_array_equal(reconstruct(selected), model.reconstruct_as(images, of_each))
    chosen_epoch.check_figure(model, "attributes", "reconstructions/pixel_error")
    unknown = dataclasses.replace(told, labels=np.full(60, -1), attributes=None)
    assert reconstruction(model, unknown) is None


def test_an_epochs_line_has_the_leading_figures_only(held_out, extractor, tmp_path, capfd):
    compiled(MODELS["vaegan"]).fit(
        tf.data.Dataset.from_tensors(batch()).repeat(),
        epochs=1,
        steps_per_epoch=1,
        verbose=0,
        shuffle=False,
        callbacks=[Evaluation(held_out, extractor, samples=40), MetricsFile(tmp_path), Progress(BATCH, verbose=2)],
    )
    (line,) = [line for line in capfd.readouterr().out.splitlines() if "loss" in line]
    displayed = [words.split()[0] for words in line.split(", ") if words.startswith(("samples/", "reconstructions/"))]
    assert displayed == list(LEADING)
    assert "samples/frechet_distance/" in (tmp_path / "metrics.csv").read_text()


def test_it_leaves_the_model_as_it_is(held_out, extractor):
    model = compiled(MODELS["vaegan"])
    model.train_step({k: tf.constant(v) for k, v in batch(examples=BATCH).items()})
    before = [v.numpy() for v in model.variables]
    evaluation = Evaluation(held_out, extractor, samples=40)
    evaluation.set_model(model)
    first, again = {}, {}
    evaluation.on_epoch_end(0, first)
    evaluation.on_epoch_end(1, again)
    assert first == again
    for a, b in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(a, b.numpy())


def test_figures_of_other_numbers_of_images_have_columns_of_their_own(held_out, extractor, tmp_path):
    """A run may go on with another number of samples: 50 of 60 held-out images, then more samples than there are."""
    model, columns = compiled(MODELS["vaegan"]), {}
    for samples in (50, 80):
        evaluation = Evaluation(held_out, extractor, samples=samples)
        evaluation.set_model(model)
        evaluation.on_epoch_end(0, columns)
    endings = {(name.split("/")[0], name.rsplit("/")[-1]) for name in columns}
    assert endings == {("samples", "50"), ("samples", "80"), ("reconstructions", "50"), ("reconstructions", "60")}
