"""Memorization: distances from samples to the nearest training images."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.neighbors import Neighbors, nearest
from tfgan_models.metrics.sampling import images_of
from tfgan_models.metrics.summary import Summary
from tfgan_models.plots import image_grid

BLOCK, QUERIES, PICTURE_ROWS, NEIGHBORS = 5_000, 1_000, 10, 8


class Memorization(NamedTuple):
    """Distances to the training set, and a picture of the nearest images.

    Attributes:
        ratio: median distance from a sample to its nearest training image, over the same for held-out images. Values
            near or above 1 indicate new images, values well below 1 memorization. NaN if half of the held-out images
            are training images.
        picture: uint8 ``[h, w, c]``; a row for each of ten samples with its nearest training images to the right. The
            upper five are the first samples, the lower five those nearest to the training set.
    """

    ratio: float
    picture: np.ndarray


def memorization(samples: Summary, held_out: Summary, train: ImageSet, extractor: Extractor) -> Memorization:
    """Search the complete training set for the neighbors of the first 1,000 samples and held-out images."""
    queries = np.concatenate([samples.first(QUERIES), held_out.first(QUERIES)])
    neighbors = search(queries, train, lambda images: extractor(images).features)
    count = len(samples.first(QUERIES))
    sample_distances, held_out_distances = neighbors.distances[:count, 0], neighbors.distances[count:, 0]
    first = np.arange(min(PICTURE_ROWS // 2, count))
    closest = np.argsort(sample_distances, kind="stable")[: PICTURE_ROWS // 2]
    lines = []
    for row in np.concatenate([first, closest]):
        lines += [samples.images[row][np.newaxis], train.images[neighbors.indices[row]]]
    columns = 1 + neighbors.indices.shape[1]
    picture = image_grid.grid(to_float(np.concatenate(lines)), columns)
    reference = np.median(held_out_distances)
    return Memorization(float(np.median(sample_distances) / reference) if reference else np.nan, picture)


def search(
    queries: np.ndarray, train: ImageSet, features: Callable[[np.ndarray], np.ndarray], count: int = NEIGHBORS
) -> Neighbors:
    """Find the training images nearest to each query, in blocks of training images to bound the memory.

    Args:
        queries: features ``[n, d]``.
        train: the training images.
        features: function from images, float32 ``[m, h, w, c]`` in [-1, 1], to features ``[m, d]``.
        count: number of neighbors; fewer if there are fewer training images.
    """
    best: Neighbors | None = None
    for start in range(0, len(train.images), BLOCK):
        block = np.arange(start, min(start + BLOCK, len(train.images)))
        of_block = np.concatenate([features(images) for images in images_of(train, block)])
        neighbors = nearest(queries, of_block, min(count, len(block)))
        indices, distances = block[neighbors.indices], neighbors.distances
        if best is not None:
            indices = np.concatenate([best.indices, indices], 1)
            distances = np.concatenate([best.distances, distances], 1)
        order = np.argsort(distances, 1, kind="stable")[:, :count]
        best = Neighbors(np.take_along_axis(indices, order, 1), np.take_along_axis(distances, order, 1))
    if best is None:
        raise ValueError("train: the set has no images, give at least one")
    return best
