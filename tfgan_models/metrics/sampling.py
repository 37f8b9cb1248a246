"""Reproducible batches of real and generated images."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import numpy as np

from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float

Sample = Callable[[int, int], np.ndarray]

BATCH = 100


def rows(data: ImageSet, purpose: str, seed: int = 0) -> np.ndarray:
    """Return all rows of a set in a random order that depends only on purpose and seed."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())]).permutation(len(data.images))


def images_of(data: ImageSet, selected: np.ndarray, size: int = BATCH) -> Iterator[np.ndarray]:
    """Yield batches of a set's images at the selected rows, float32 in [-1, 1]."""
    for part in batches_of(selected, size):
        yield to_float(data.images[part])


def batches_of(selected: np.ndarray, size: int = BATCH) -> Iterator[np.ndarray]:
    """Yield the selected rows in batches."""
    for start in range(0, len(selected), size):
        yield selected[start : start + size]


def samples_of(sample: Sample, count: int, seed: int = 0) -> Iterator[np.ndarray]:
    """Yield batches of a model's samples, each with a different seed.

    Args:
        sample: ``sample(count, seed)`` returns images ``[count, h, w, c]`` in [-1, 1].
        count: total number of samples.
        seed: the same seed gives the same images.
    """
    for start in range(0, count, BATCH):
        batch_seed = int(np.random.SeedSequence([seed, start]).generate_state(1)[0] >> 1)
        yield np.asarray(sample(min(BATCH, count - start), batch_seed))
