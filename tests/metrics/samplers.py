"""A perfect, a noisy, a collapsed and a memorising model of the quadrants, and their evaluation."""

from __future__ import annotations

import numpy as np

from tests.metrics.sets import SIZE, quadrants
from tfgan_models.metrics.evaluate import evaluate

TRAIN, TEST = quadrants(400, 0), quadrants(200, 1)


def as_floats(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float32) / 127.5 - 1


def perfect(count: int, seed: int) -> np.ndarray:
    return as_floats(quadrants(count, [2, seed]).images)


def noisy(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.clip(perfect(count, seed) + random.normal(0, 0.7, (count, SIZE, SIZE, 1)), -1, 1).astype(np.float32)


def collapsed(count: int, seed: int) -> np.ndarray:
    return np.repeat(perfect(1, 0), count, 0)


def memorising(count: int, seed: int) -> np.ndarray:
    return as_floats(TRAIN.images[np.random.default_rng(seed).integers(0, len(TRAIN.images), count)])


def measure(extractor, sample, reconstruct=None, **options):
    return evaluate(sample, reconstruct, TRAIN, TEST, extractor, samples=200, **options)
