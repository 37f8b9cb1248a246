"""Statistics of a set of images for the metrics, gathered in batches in bounded memory."""

from __future__ import annotations

import functools
from collections.abc import Iterable

import numpy as np

from tfgan_models.data.pixels import to_bytes
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.frechet import Moments
from tfgan_models.metrics.power_spectrum import PowerSpectrum, power_spectrum
from tfgan_models.metrics.sharpness import sharpness

MAX_IMAGES, SPECTRUM_IMAGES = 10_000, 2_000


class Summary:
    """Statistics of a set of images under an extractor.

    Means and covariances use all images. Metrics that compare images with each other use the first 10,000, so that the
    memory is bounded.

    Attributes:
        moments: moments of the features of all images.
        sharpness: mean over all images.
        images: uint8 ``[n, h, w, c]``, the first 10,000 images.
        features: ``[n, d]``, the features of ``images``.
        probabilities: ``[n, k]``, the probabilities of ``images``.
    """

    def __init__(self, batches: Iterable[np.ndarray], extractor: Extractor):
        """Gather batches of images, float ``[n, h, w, c]`` in [-1, 1]."""
        self.moments, total_sharpness, remaining = Moments(), 0.0, MAX_IMAGES
        parts: tuple[list[np.ndarray], ...] = ([], [], [])
        for images in batches:
            features, probabilities = extractor(images)
            self.moments.add(features)
            total_sharpness += float(np.sum(sharpness(images)))
            if remaining:
                for part, values in zip(parts, (to_bytes(images), features, probabilities), strict=True):
                    part.append(values[:remaining].copy())  # a view would keep the complete batch in memory
                remaining -= len(parts[0][-1])
        self.sharpness = total_sharpness / self.moments.count
        self.images, self.features, self.probabilities = (np.concatenate(part) for part in parts)

    @functools.cached_property
    def spectrum(self) -> PowerSpectrum:
        """Power spectrum of the first 2,000 images."""
        return power_spectrum(self.images[:SPECTRUM_IMAGES])

    def first(self, count: int) -> np.ndarray:
        """Return the features of the first images, for metrics that need equal numbers of two sets."""
        return self.features[:count]
