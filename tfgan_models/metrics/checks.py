"""Input validation for all metrics."""

from __future__ import annotations

import numpy as np

from tfgan_models.errors import InputError


def check_features(features: np.ndarray, name: str = "features", like: np.ndarray | None = None) -> np.ndarray:
    """Validate features and return them unchanged.

    Args:
        features: ``[n, d]``.
        name: their name in errors.
        like: ``[m, d]``, features that must have the same width.

    Raises:
        InputError: they are not two-dimensional, empty, not finite, or not as wide as ``like``.
    """
    features = np.asarray(features)
    if features.ndim != 2 or 0 in features.shape:
        raise InputError(f"{name} of shape {features.shape}: give an array of examples by dimensions, neither empty")
    if like is not None and features.shape[1] != like.shape[1]:
        raise InputError(f"{name} of {features.shape[1]} dimensions, expected {like.shape[1]}: use one extractor")
    if not np.isfinite(features).all():
        raise InputError(f"{name} of shape {features.shape} have values that are not finite: leave those examples out")
    return features


def check_images(images: np.ndarray, name: str = "images", or_bytes: bool = False) -> np.ndarray:
    """Validate images, floats ``[n, h, w, 1, 3 or 4]`` in [-1, 1], and return them unchanged.

    Args:
        images: the images.
        name: their name in errors.
        or_bytes: allow uint8 as well.

    Raises:
        InputError: shape or range is wrong.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3, 4) or 0 in images.shape:
        raise InputError(f"{name} of shape {images.shape}: give [n, height, width, channels], 1, 3 or 4 channels")
    if or_bytes and images.dtype == np.uint8:
        return images
    low, high = images.min(), images.max()
    # This form of the condition is false for NaN too. The margin allows for networks of low precision.
    if not (low >= -1.01 and high <= 1.01):
        raise InputError(f"{name} with values from {low:g} to {high:g}: scale them to [-1, 1]")
    return images
