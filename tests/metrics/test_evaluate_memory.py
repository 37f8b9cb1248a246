"""An evaluation's samples come in batches, and its memory does not grow with their number."""

from __future__ import annotations

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from tests.metrics.samplers import perfect
from tfgan_models.metrics.comparison import compare
from tfgan_models.metrics.frechet import Moments
from tfgan_models.metrics.sampling import samples_of
from tfgan_models.metrics.summary import Summary


def test_samples_do_not_depend_on_how_many_follow():
    few, many = (np.concatenate(list(samples_of(perfect, count, 7))) for count in (100, 250))
    assert len(many) == 250
    np.testing.assert_array_equal(few, many[:100])
    assert len(np.unique(many, axis=0)) == 250


def test_memory_does_not_grow_with_the_number(extractor, monkeypatch):
    monkeypatch.setattr("tfgan_models.metrics.summary.MAX_IMAGES", 150)
    summary = Summary(samples_of(perfect, 400), extractor)
    assert summary.moments.count == 400
    assert len(summary.images) == len(summary.features) == len(summary.probabilities) == 150


@pytest.mark.slow
def test_the_peak_of_memory_does_not_grow_with_the_number(extractor, monkeypatch):
    monkeypatch.setattr("tfgan_models.metrics.summary.MAX_IMAGES", 100)

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            Summary(samples_of(perfect, count), extractor)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(200)  # what is traced and imported once
    assert peak(3000) < 1.5 * peak(600)


@pytest.mark.slow
def test_images_are_compared_without_a_copy_as_floats():
    random = np.random.default_rng(0)
    features, moments = random.normal(size=(60, 4)), Moments()
    moments.add(features)
    subject = Summary.__new__(Summary)
    subject.features, subject.moments, subject.sharpness = features, moments, 1.0
    subject.images = random.integers(0, 256, (2_000, 64, 64, 3), np.uint8)
    compare(subject, subject, SimpleNamespace(outputs="attributes"))  # what is traced and imported once
    tracemalloc.start()
    try:
        compare(subject, subject, SimpleNamespace(outputs="attributes"))
        assert tracemalloc.get_traced_memory()[1] < 2 * subject.images.nbytes
    finally:
        tracemalloc.stop()
