"""Sliced Wasserstein distance over the patches of a Laplacian pyramid (Karras et al. 2018, 1710.10196, section 5).

Every level of the pyramid holds one band of detail: the image less its blurred half. Patches of 7×7 pixels of a level
are points, projected onto random directions; on a line the Wasserstein distance is the mean difference of the sorted
values. Noise and blur move the finest level, a wrong layout or color the coarsest.

Differences from the paper:

- The coarsest level is at least 14 pixels wide, in place of 16, so that images of 28 pixels have two levels, as those
  of 32 have. Images below 28 pixels have one level, which is the image itself.
- Both sets are normalized by the mean and deviation of the *reference's* channels at each level. The paper normalizes
  each set by its own, which hides too strong noise, too weak detail and color casts.
- 8 patches of at most 2,048 images, in place of 128 of 16,384, and 128 directions in place of 512.
- The distance is in deviations of the reference, and not multiplied by 1,000.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import scipy.ndimage

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import as_floats, check_images

PATCH, SMALLEST_LEVEL = 7, 14
IMAGES, PATCHES, DIRECTIONS = 2_048, 8, 128
BATCH, DIRECTIONS_AT_ONCE = 64, 16
EPSILON = 1e-6  # a channel of one value at a level, as of black images, must not divide by 0
# The binomial filter of Burt & Adelson (1983), of the paper and its code.
BINOMIAL = np.array([1, 4, 6, 4, 1], np.float32) / 16


class SlicedWasserstein(NamedTuple):
    """Distances at the levels of the pyramid.

    Attributes:
        mean: over the levels.
        levels: by the level's width in pixels, the finest first.
    """

    mean: float
    levels: dict[int, float]


def sliced_wasserstein(images: np.ndarray, reference: np.ndarray, seed: int = 0) -> SlicedWasserstein:
    """Sliced Wasserstein distance of two sets of images: 0 for equal sets, lower is better.

    Two samples of one distribution have a small distance above 0, which falls with the number of images: compare it
    with that of real images.

    Args:
        images: ``[n, h, w, c]``, floats in [-1, 1] or uint8.
        reference: ``[m, h, w, c]``, of the same size; its statistics normalize both sets.
        seed: of the images, patches and directions that are drawn.

    Raises:
        InputError: another shape or range, or images of different sizes.
    """
    images, reference = check_images(images, or_bytes=True), check_images(reference, "reference images", True)
    if images.shape[1:] != reference.shape[1:]:
        raise InputError(f"images of shapes {images.shape[1:]} and {reference.shape[1:]}: give sets of one size")
    generator = np.random.default_rng(seed)
    count = min(len(images), len(reference), IMAGES)
    rows, reference_rows = (_rows(generator, len(part), count) for part in (images, reference))
    sets = (images, rows), (reference, reference_rows)
    sizes = level_sizes(*images.shape[1:3])
    # A call for each level, so that no level's patches are kept while the next ones are taken.
    levels = {size[1]: _level_distance(sets, level, size, generator) for level, size in enumerate(sizes)}
    return SlicedWasserstein(float(np.mean(list(levels.values()))), levels)


def level_sizes(height: int, width: int) -> list[tuple[int, int]]:
    """Heights and widths of the pyramid's levels, the finest first."""
    sizes = [(height, width)]
    while min(half := (-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2))) >= SMALLEST_LEVEL:
        sizes.append(half)
    return sizes


def laplacian_pyramid(images: np.ndarray) -> list[np.ndarray]:
    """Bands of detail, the finest first; the last is the image that remains.

    Args:
        images: float ``[n, h, w, c]``.
    """
    bands = []
    for _ in level_sizes(*images.shape[1:3])[1:]:
        smaller = _filtered(images)[:, ::2, ::2]
        bands.append(images - enlarged(smaller, images.shape))
        images = smaller
    return [*bands, images]


def enlarged(images: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Images of twice the size, ``shape``, smoothed by the binomial filter."""
    spread = np.zeros(shape, images.dtype)
    spread[:, ::2, ::2] = images
    # Three pixels of four are 0, so each axis is filtered with twice the gain.
    return _filtered(spread, gain=2)


def _filtered(images: np.ndarray, gain: float = 1) -> np.ndarray:
    for axis in (1, 2):
        images = scipy.ndimage.convolve1d(images, gain * BINOMIAL, axis, mode="mirror")
    return images


def _rows(generator: np.random.Generator, size: int, count: int) -> np.ndarray:
    """Rows of the images to use, in order; all of them where that is the count."""
    return np.sort(generator.permutation(size)[:count])


def _level_distance(
    sets: Iterable[tuple[np.ndarray, np.ndarray]], level: int, size: tuple[int, int], generator: np.random.Generator
) -> float:
    """Distance at one level of the images, and of the reference, each with the rows to use."""
    (images, rows), (reference, reference_rows) = sets
    count = len(rows)
    # The same positions in both sets, so that no difference is one of positions.
    tops, lefts = (generator.integers(0, max(1, side - PATCH + 1), (count, PATCHES)) for side in size)
    points = _patches(images, rows, level, tops, lefts)
    reference_points = _patches(reference, reference_rows, level, tops, lefts)
    axes = (0, 1, 2)
    mean, deviation = reference_points.mean(axes), reference_points.std(axes) + EPSILON
    for part in (points, reference_points):  # in place, as copies would be most of the memory
        part -= mean
        part /= deviation
    first, second = (part.reshape(count * PATCHES, -1) for part in (points, reference_points))
    return _sliced_distance(first, second, generator)


def _patches(images: np.ndarray, rows: np.ndarray, level: int, tops: np.ndarray, lefts: np.ndarray) -> np.ndarray:
    """Patches of a level of some rows' images at the given corners ``[n, PATCHES]``: ``[n * PATCHES, 7, 7, c]``.

    Images are made floats and filtered a batch at a time, so that no set is copied whole.
    """
    height, width = (min(PATCH, side) for side in level_sizes(*images.shape[1:3])[level])
    patches = np.empty((len(rows), PATCHES, height, width, images.shape[-1]), np.float32)
    for start in range(0, len(rows), BATCH):
        part = slice(start, start + BATCH)
        band = laplacian_pyramid(as_floats(images[rows[part]]))[level]
        down = (tops[part, :, None] + np.arange(height))[:, :, :, None]
        across = (lefts[part, :, None] + np.arange(width))[:, :, None, :]
        patches[part] = band[np.arange(len(band))[:, None, None, None], down, across]
    return patches.reshape(-1, *patches.shape[2:])


def _sliced_distance(first: np.ndarray, second: np.ndarray, generator: np.random.Generator) -> float:
    """Mean Wasserstein-1 distance of equally many points ``[n, d]`` on random lines."""
    distances = []
    for _ in range(0, DIRECTIONS, DIRECTIONS_AT_ONCE):
        directions = generator.normal(size=(first.shape[1], DIRECTIONS_AT_ONCE)).astype(np.float32)
        directions /= np.linalg.norm(directions, axis=0)
        ours, theirs = (np.sort(points @ directions, axis=0) for points in (first, second))
        distances.append(np.abs(ours - theirs).mean())
    return float(np.mean(distances))
