"""A small set of images that differ, for the tests of the health monitor."""

from __future__ import annotations

import numpy as np

from tests.models.small import SIZE


def stripes(count: int, seed: int = 0) -> np.ndarray:
    """Images that differ: bright bars at random places, uint8."""
    random = np.random.default_rng(seed)
    images = np.zeros((count, SIZE, SIZE, 1), np.uint8)
    for image, place, shade in zip(
        images, random.integers(0, SIZE - 4, count), random.integers(80, 255, count), strict=True
    ):
        image[place : place + 4] = shade
    return images
