"""A check on pictures that have been read: of a wrong range nothing is left but black or white."""

from __future__ import annotations

import numpy as np

_LEVELS = 2.0  # deviation from the mean, of 255
_FEW = 8  # of fewer pictures it may be meant


class Colors:
    """Mean and deviation of each channel over all pixels of all pictures."""

    def __init__(self) -> None:
        self.pictures = 0
        self.count, self.total, self.squares = 0, np.zeros(1), np.zeros(1)

    def add(self, image: np.ndarray) -> None:
        """Count a picture, uint8 ``[h, w, c]``."""
        pixels = image.reshape(-1, image.shape[-1]).astype(np.float32)
        self.pictures += 1
        self.count += len(pixels)
        self.total = self.total + pixels.sum(0, dtype=np.float64)
        self.squares = self.squares + np.square(pixels).sum(0, dtype=np.float64)

    def warning(self, name: str) -> str:
        """A line about pictures that are nearly one color, all of them; empty for others."""
        if self.pictures < _FEW:
            return ""
        mean = self.total / self.count
        if (self.squares / self.count - mean**2 > _LEVELS**2).any():
            return ""
        color = ",".join(f"{level:.0f}" for level in mean)
        return (
            f"{name}: all pictures are nearly one color ({color} of 255), so there is nothing to learn: look at some; "
            "range decides which numbers become black and white, background what is behind "
            "transparent pixels"
        )
