"""The training images nearest to samples: what a model that has memorised its data would give back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tfgan_models.data.pixels import to_float
from tfgan_models.data.sources import ImageSet
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.neighbours import Neighbours, nearest
from tfgan_models.metrics.sampling import images_of
from tfgan_models.metrics.summary import Summary
from tfgan_models.plots import image_grid

BLOCK, QUERIES, SHOWN, NEIGHBOURS = 5_000, 1_000, 10, 8


class Memorised(NamedTuple):
    """Distances to the training set, and a picture to judge by.

    Attributes:
        ratio: median distance from a sample to its nearest training image, over that from a held-out image to its own.
            Near or above 1 for a model that makes images of its own; far below where it gives the data back; NaN where
            half of the held-out images are training images.
        picture: uint8 ``[h, w, c]``; a row for each of ten samples with its nearest training images to the right. The
            upper five are the first samples, the lower five those of all that lie nearest to the training set.
    """

    ratio: float
    picture: np.ndarray


def memorised(samples: Summary, held_out: Summary, train: ImageSet, extractor: Extractor) -> Memorised:
    """Search the whole training set for the neighbours of the first 1,000 samples and held-out images."""
    queries = np.concatenate([samples.first(QUERIES), held_out.first(QUERIES)])
    found = _search(queries, train, extractor)
    count = len(samples.first(QUERIES))
    of_samples, of_held_out = found.distances[:count, 0], found.distances[count:, 0]
    first = np.arange(min(SHOWN // 2, count))
    closest = np.argsort(of_samples, kind="stable")[: SHOWN // 2]
    lines = []
    for row in np.concatenate([first, closest]):
        lines += [samples.images[row][np.newaxis], train.images[found.indices[row]]]
    columns = 1 + found.indices.shape[1]
    picture = image_grid.grid(to_float(np.concatenate(lines)), columns)
    usual = np.median(of_held_out)
    return Memorised(float(np.median(of_samples) / usual) if usual else np.nan, picture)


def _search(queries: np.ndarray, train: ImageSet, extractor: Extractor) -> Neighbours:
    """The training images nearest to each query, from blocks of training images, so that memory stays small."""
    best: Neighbours | None = None
    for start in range(0, len(train.images), BLOCK):
        block = np.arange(start, min(start + BLOCK, len(train.images)))
        features = np.concatenate([extractor(images).features for images in images_of(train, block)])
        found = nearest(queries, features, min(NEIGHBOURS, len(block)))
        indices, distances = block[found.indices], found.distances
        if best is not None:
            indices = np.concatenate([best.indices, indices], 1)
            distances = np.concatenate([best.distances, distances], 1)
        order = np.argsort(distances, 1, kind="stable")[:, :NEIGHBOURS]
        best = Neighbours(np.take_along_axis(indices, order, 1), np.take_along_axis(distances, order, 1))
    if best is None:
        raise ValueError("train: the set has no images, give at least one")
    return best
