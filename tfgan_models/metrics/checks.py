"""What every measure asks of its arrays, so that a bad one ends in a message and not in a plausible figure."""

from __future__ import annotations

import numpy as np

from tfgan_models.errors import InputError


def check_features(features: np.ndarray, name: str = "features", like: np.ndarray | None = None) -> np.ndarray:
    """Features as they are, once they are known to be usable.

    Args:
        features: ``[n, d]``.
        name: what the message calls them.
        like: ``[m, d]``, features whose width they must share.

    Raises:
        InputError: not two-dimensional, empty, not finite, or of another width than ``like``.
    """
    features = np.asarray(features)
    if features.ndim != 2 or 0 in features.shape:
        raise InputError(f"{name} of shape {features.shape}: give an array of examples by dimensions, neither empty")
    if like is not None and features.shape[1] != like.shape[1]:
        raise InputError(f"{name} of {features.shape[1]} dimensions, expected {like.shape[1]}: use one extractor")
    if not np.isfinite(features).all():
        raise InputError(f"{name} of shape {features.shape} hold values that are not finite: leave those examples out")
    return features


def check_images(images: np.ndarray, name: str = "images", or_bytes: bool = False) -> np.ndarray:
    """Images as they are, once they are known to be ``[n, h, w, 1 or 3]`` floats in [-1, 1].

    Args:
        images: what was given.
        name: what the message calls them.
        or_bytes: whether uint8 will do as well.

    Raises:
        InputError: another shape or range.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape:
        raise InputError(f"{name} of shape {images.shape}: give [n, height, width, channels], 1 or 3 channels")
    if or_bytes and images.dtype == np.uint8:
        return images
    low, high = images.min(), images.max()
    # Written so that NaN fails too; the margin is for networks of low precision.
    if not (low >= -1.01 and high <= 1.01):
        raise InputError(f"{name} with values from {low:g} to {high:g}: scale them to [-1, 1]")
    return images


def as_floats(images: np.ndarray) -> np.ndarray:
    """Images in [-1, 1] as float32, of floats or of bytes."""
    if images.dtype == np.uint8:
        return images.astype(np.float32) / 127.5 - 1
    return images.astype(np.float32)
