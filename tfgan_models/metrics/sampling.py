"""Batches of images to measure, real and generated, the same for the same seed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import numpy as np

from tfgan_models.data.pixels import to_float
from tfgan_models.data.sources import ImageSet

Sample = Callable[[int, int], np.ndarray]

BATCH = 100


def rows(data: ImageSet, purpose: str, seed: int = 0) -> np.ndarray:
    """All rows of a set in a random order that depends on the purpose and the seed only."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())]).permutation(len(data.images))


def images_of(data: ImageSet, chosen: np.ndarray) -> Iterator[np.ndarray]:
    """Batches of a set's images, float32 in [-1, 1], in the order of the rows."""
    for start in range(0, len(chosen), BATCH):
        yield to_float(data.images[chosen[start : start + BATCH]])


def samples_of(sample: Sample, count: int, seed: int = 0) -> Iterator[np.ndarray]:
    """Batches of a model's samples, each drawn with a seed of its own.

    Args:
        sample: ``sample(count, seed)`` gives images ``[count, h, w, c]`` in [-1, 1].
        count: how many in all.
        seed: the same seed gives the same images.
    """
    for start in range(0, count, BATCH):
        batch_seed = int(np.random.SeedSequence([seed, start]).generate_state(1)[0] >> 1)
        yield np.asarray(sample(min(BATCH, count - start), batch_seed))
