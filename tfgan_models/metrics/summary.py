"""What the measures need to know of a set of images, gathered batch by batch in bounded memory."""

from __future__ import annotations

import functools
from collections.abc import Iterable

import numpy as np

from tfgan_models.data.pixels import to_bytes
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.frechet import Moments
from tfgan_models.metrics.power_spectrum import PowerSpectrum, power_spectrum
from tfgan_models.metrics.sharpness import sharpness

KEPT, IN_SPECTRUM = 10_000, 2_000


class Summary:
    """A set of images as an extractor sees it.

    Means and covariances are of all images. Measures that compare images with each other get the first 10,000, so that
    memory does not grow with the number.

    Attributes:
        moments: of the features of all images.
        sharpness: mean over all images.
        images: uint8 ``[n, h, w, c]``, the first of them.
        features: ``[n, d]``, theirs.
        probabilities: ``[n, k]``, theirs.
    """

    def __init__(self, batches: Iterable[np.ndarray], extractor: Extractor):
        """Gather batches of images, float ``[n, h, w, c]`` in [-1, 1]."""
        self.moments, sharp, kept, room = Moments(), 0.0, ([], [], []), KEPT
        for images in batches:
            features, probabilities = extractor(images)
            self.moments.add(features)
            sharp += float(np.sum(sharpness(images)))
            if room:
                for part, values in zip(kept, (to_bytes(images), features, probabilities), strict=True):
                    part.append(values[:room].copy())  # a view would keep the whole batch in memory
                room -= len(kept[0][-1])
        self.sharpness = sharp / self.moments.count
        self.images, self.features, self.probabilities = (np.concatenate(part) for part in kept)

    @functools.cached_property
    def spectrum(self) -> PowerSpectrum:
        """Power spectrum of the first 2,000 images."""
        return power_spectrum(self.images[:IN_SPECTRUM])

    def first(self, count: int) -> np.ndarray:
        """Features of the first images: of as many as two sets have, where their numbers must be equal."""
        return self.features[:count]
