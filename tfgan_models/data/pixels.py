"""Images as bytes and as numbers in [-1, 1]."""

from __future__ import annotations

import numpy as np


def to_bytes(images: np.ndarray) -> np.ndarray:
    """Bytes of images in [-1, 1], rounded and cut off at both ends."""
    return np.clip(np.rint((images + 1) * 127.5), 0, 255).astype(np.uint8)


def to_float(images: np.ndarray) -> np.ndarray:
    """Images in [-1, 1] of bytes."""
    return images.astype(np.float32) / 127.5 - 1
