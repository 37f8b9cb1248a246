"""Sliced Wasserstein distance over the patches of a Laplacian pyramid (Karras et al. 2018, 1710.10196, section 5).

Every level of the pyramid is one band of detail: the image minus its blurred half. Patches of 7×7 pixels of a level are
points, projected onto random directions; on a line the Wasserstein distance is the mean difference of the sorted
values. Noise and blur change the finest level, a wrong layout or color the coarsest.

Differences from the paper:

- The coarsest level is at least 14 pixels wide instead of 16, so that images of 28 pixels have two levels, like images
  of 32 pixels. Images below 28 pixels have one level, which is the image itself.
- Both sets are normalized by the mean and deviation of the *reference's* channels at each level. The paper normalizes
  each set by its own statistics, which hides strong noise, weak detail and color casts.
- 8 patches of at most 2,048 images instead of 128 of 16,384, and 128 directions instead of 512.
- The distance is in deviations of the reference, and not multiplied by 1,000.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import scipy.ndimage

from tfgan_models.data.pixels import to_float
from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_images

PATCH, SMALLEST_LEVEL = 7, 14
IMAGES, PATCHES, DIRECTIONS = 2_048, 8, 128
BATCH, DIRECTIONS_AT_ONCE = 64, 16
EPSILON = 1e-6  # avoids a division by 0 for constant channels, as in black images
# The binomial filter of Burt & Adelson (1983), as in the paper's code.
BINOMIAL = np.array([1, 4, 6, 4, 1], np.float32) / 16


class SlicedWasserstein(NamedTuple):
    """Distances at the levels of the pyramid.

    Attributes:
        mean: over the levels.
        levels: distances by the level's width in pixels, the finest first.
    """

    mean: float
    levels: dict[int, float]


def sliced_wasserstein(images: np.ndarray, reference: np.ndarray, seed: int = 0) -> SlicedWasserstein:
    """Sliced Wasserstein distance of two sets of images: 0 for equal sets, lower is better.

    Two samples of one distribution have a small positive distance, which decreases with the number of images: compare
    with the distance of real images.

    Args:
        images: ``[n, h, w, c]``, floats in [-1, 1] or uint8.
        reference: ``[m, h, w, c]``, of the same size; its statistics normalize both sets.
        seed: seed of the random images, patches and directions.

    Raises:
        InputError: shape or range is wrong, or sizes differ.
    """
    images, reference = check_images(images, or_bytes=True), check_images(reference, "reference images", True)
    if images.shape[1:] != reference.shape[1:]:
        raise InputError(f"images of shapes {images.shape[1:]} and {reference.shape[1:]}: give sets of one size")
    generator = np.random.default_rng(seed)
    count = min(len(images), len(reference), IMAGES)
    rows, reference_rows = (_rows(generator, len(part), count) for part in (images, reference))
    sets = (images, rows), (reference, reference_rows)
    sizes = level_sizes(*images.shape[1:3])
    # One call for each level, so that memory holds the patches of one level only.
    levels = {size[1]: _level_distance(sets, level, size, generator) for level, size in enumerate(sizes)}
    return SlicedWasserstein(float(np.mean(list(levels.values()))), levels)


def level_sizes(height: int, width: int) -> list[tuple[int, int]]:
    """Heights and widths of the pyramid's levels, the finest first."""
    sizes = [(height, width)]
    while min(half := (-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2))) >= SMALLEST_LEVEL:
        sizes.append(half)
    return sizes


def laplacian_pyramid(images: np.ndarray) -> list[np.ndarray]:
    """Bands of detail, the finest first; the last band is the remaining image.

    Args:
        images: float ``[n, h, w, c]``.
    """
    bands = []
    for _ in level_sizes(*images.shape[1:3])[1:]:
        smaller = _filter(images)[:, ::2, ::2]
        bands.append(images - enlarge(smaller, images.shape))
        images = smaller
    return [*bands, images]


def enlarge(images: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Double the size of images to ``shape``, smoothed by the binomial filter."""
    spread = np.zeros(shape, images.dtype)
    spread[:, ::2, ::2] = images
    # Three of four pixels are 0, so each axis is filtered with a gain of 2.
    return _filter(spread, gain=2)


def _filter(images: np.ndarray, gain: float = 1) -> np.ndarray:
    for axis in (1, 2):
        images = scipy.ndimage.convolve1d(images, gain * BINOMIAL, axis, mode="mirror")
    return images


def _rows(generator: np.random.Generator, size: int, count: int) -> np.ndarray:
    """Select random rows of the images, in order; all rows if that is the count."""
    return np.sort(generator.permutation(size)[:count])


def _level_distance(
    sets: Iterable[tuple[np.ndarray, np.ndarray]], level: int, size: tuple[int, int], generator: np.random.Generator
) -> float:
    """Distance at one level between images and reference, each with selected rows."""
    (images, rows), (reference, reference_rows) = sets
    count = len(rows)
    # The same positions in both sets, so that positions cause no difference.
    tops, lefts = (generator.integers(0, max(1, side - PATCH + 1), (count, PATCHES)) for side in size)
    points = _patches(images, rows, level, tops, lefts)
    reference_points = _patches(reference, reference_rows, level, tops, lefts)
    axes = (0, 1, 2)
    mean, deviation = reference_points.mean(axes), reference_points.std(axes) + EPSILON
    for part in (points, reference_points):  # in place, since copies would double the memory
        part -= mean
        part /= deviation
    first, second = (part.reshape(count * PATCHES, -1) for part in (points, reference_points))
    return _sliced_distance(first, second, generator)


def _patches(images: np.ndarray, rows: np.ndarray, level: int, tops: np.ndarray, lefts: np.ndarray) -> np.ndarray:
    """Patches of a level of the selected images at corners ``[n, PATCHES]``: ``[n * PATCHES, 7, 7, c]``.

    Images are converted to floats and filtered in batches, so that no set is copied at once.
    """
    height, width = (min(PATCH, side) for side in level_sizes(*images.shape[1:3])[level])
    patches = np.empty((len(rows), PATCHES, height, width, images.shape[-1]), np.float32)
    for start in range(0, len(rows), BATCH):
        part = slice(start, start + BATCH)
        band = laplacian_pyramid(to_float(images[rows[part]]))[level]
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
        first_sorted, second_sorted = (np.sort(points @ directions, axis=0) for points in (first, second))
        distances.append(np.abs(first_sorted - second_sorted).mean())
    return float(np.mean(distances))
