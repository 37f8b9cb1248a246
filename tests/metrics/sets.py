"""A small set that a network learns in seconds, for the tests of extractors and evaluations."""

from __future__ import annotations

import numpy as np

from tfgan_models.data.sources import ImageSet

SIZE = 12


def quadrants(count: int, seed: int | list[int], labels=True, attributes=False, key="quadrants-1") -> ImageSet:
    """One bright quadrant of four, which is the label; the attributes say whether it is up and whether it is left."""
    random = np.random.default_rng(seed)
    place = random.integers(0, 4, count).astype(np.int32)
    images = random.integers(0, 100, (count, SIZE, SIZE, 1)).astype(np.uint8)
    for image, where in zip(images, place, strict=True):
        row, column = divmod(int(where), 2)
        image[row * 6 : row * 6 + 6, column * 6 : column * 6 + 6] += 120
    both = np.stack([place < 2, place % 2 == 0], 1).astype(np.uint8)
    return ImageSet(
        images,
        place if labels else None,
        both if attributes else None,
        tuple("abcd") if labels else (),
        ("up", "left") if attributes else (),
        "quadrants",
        key,
    )
