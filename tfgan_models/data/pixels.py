"""Conversion between images as bytes and images in [-1, 1]."""

from __future__ import annotations

from typing import Any

import numpy as np


def to_bytes(images: np.ndarray) -> np.ndarray:
    """Convert images in [-1, 1] to bytes, rounded and clipped."""
    return np.clip(np.rint((images + 1) * 127.5), 0, 255).astype(np.uint8)


def to_float(images: np.ndarray) -> np.ndarray:
    """Convert images, bytes or floats in [-1, 1], to float32 in [-1, 1]."""
    if images.dtype == np.uint8:
        return images.astype(np.float32) / 127.5 - 1
    return images.astype(np.float32)


def over_white(images: Any) -> Any:
    """Blend images ``[n, h, w, 4]`` in [-1, 1], an array or a tensor, with white: ``[n, h, w, 3]``."""
    opacity = (images[..., 3:] + 1) / 2
    return images[..., :3] * opacity + (1 - opacity)
