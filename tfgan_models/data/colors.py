"""Warnings about pictures that are nearly one color or black, as after reading them with a wrong range."""

from __future__ import annotations

import numpy as np

_LEVELS = 2.0  # deviation from the mean, of 255
_DARK, _MANY = 40, 0.25  # A warning is given if this share of the pictures has no pixel of this level: class maps.
# Class maps may have 255 where there is no class: most pixels are dark but not 0, and few are between dark and white.
_WHITE, _MOST, _BETWEEN = 250, 0.5, 0.1
_FEW = 8  # Fewer pictures than these may be of one color on purpose.


class Colors:
    """Mean and deviation of each channel over all pixels of all pictures, and the number of dark pictures."""

    def __init__(self) -> None:
        self.pictures = 0
        self.count, self.dark, self.total, self.squares = 0, 0, np.zeros(1), np.zeros(1)

    def add(self, image: np.ndarray) -> None:
        """Count a picture, uint8 ``[h, w, c]``."""
        pixels = image.reshape(-1, image.shape[-1]).astype(np.float32)
        self.pictures += 1
        self.dark += int(_is_dark(image))
        self.count += len(pixels)
        self.total = self.total + pixels.sum(0, dtype=np.float64)
        self.squares = self.squares + np.square(pixels).sum(0, dtype=np.float64)

    def warning(self, name: str) -> str:
        """A warning if all pictures are nearly one color, or many are nearly black; else empty."""
        if self.pictures < _FEW:
            return ""
        mean = self.total / self.count
        if (self.squares / self.count - mean**2 > _LEVELS**2).any():
            if self.dark < _MANY * self.pictures:
                return ""
            return (
                f"{name}: {self.dark} of {self.pictures} pictures are nearly black (below {_DARK} of 255): if their "
                "files are not, other pictures have larger values; set range to the values that become black and white"
            )
        color = ",".join(f"{level:.0f}" for level in mean)
        return (
            f"{name}: all pictures are nearly one color ({color} of 255), so there is nothing to learn: if the files "
            "are not, set range, the pixel values that become black and white, or background, behind transparent pixels"
        )


def _is_dark(image: np.ndarray) -> bool:
    """Return True if no pixel is bright, or only those without a class on a class map."""
    if image.max() < _DARK:
        return True
    dark = image < _DARK
    between = ~dark & (image <= _WHITE)
    return bool((dark & (image > 0)).mean() >= _MOST and between.mean() < _BETWEEN)
