"""Distance of power spectra, and the power near the Nyquist frequency (Durall et al. 2020, 2003.01826, section 3).

A generator's upsampling leaves traces in the spectrum that pixels and features hardly show: checkerboards are peaks at
the highest frequency (Odena et al. 2016, "Deconvolution and Checkerboard Artifacts"), blur is a lack of high
frequencies, noise a floor. The spectrum is averaged over images and over rings of equal frequency and compared in
decibels.

Durall et al. use single images without a window. Here power is averaged over a set, in all color channels, under a Hann
window: without it the jumps between opposite borders hide weak frequencies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tfgan_models.data.pixels import to_float
from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_images

BATCH, MIN_SIDE = 64, 4
# The Hann window spreads a frequency over its neighbors, so a band replaces the Nyquist frequency.
NEAR_NYQUIST = 7 / 8
# A deviation of 1/127.5, one step of a byte: weaker detail is not visible, so its logarithm must not count.
FLOOR = 1 / 127.5**2
MIN_POWER = 1e-10  # below it the total power is only the rounding error of plain images


class PowerSpectrum(NamedTuple):
    """Mean power of a set of images.

    Attributes:
        rings: ``[r]``, power averaged over rings of frequencies, the lowest above 0 first. The last rings are in the
            corners of the spectrum, where the finest checkerboards are.
        nyquist_share: share of the power near the Nyquist frequency in all power above frequency 0.
    """

    rings: np.ndarray
    nyquist_share: float


def power_spectrum(images: np.ndarray) -> PowerSpectrum:
    """Radially averaged power spectrum of a set of images.

    White noise of variance v has power v in every ring.

    Args:
        images: ``[n, h, w, c]``, floats in [-1, 1] or uint8, at least 4 pixels wide and high.

    Raises:
        InputError: shape or range is wrong.
    """
    images = check_images(images, or_bytes=True)
    height, width = images.shape[1:3]
    if min(height, width) < MIN_SIDE:
        raise InputError(f"images of {height}×{width} pixels: give at least {MIN_SIDE}×{MIN_SIDE}")
    power = _mean_power(images)
    rows, columns = np.abs(np.fft.fftfreq(height))[:, None], np.abs(np.fft.fftfreq(width))[None, :]
    side = min(height, width)
    ring = np.rint(side * np.hypot(rows, columns)).astype(int)
    sums, counts = np.bincount(ring.ravel(), power.ravel())[1:], np.bincount(ring.ravel())[1:]
    near = np.maximum(rows, columns) >= NEAR_NYQUIST / 2
    total = power.sum() - power[0, 0]
    return PowerSpectrum(sums / np.maximum(counts, 1), float(power[near].sum() / total) if total > MIN_POWER else 0.0)


def spectrum_distance(first: PowerSpectrum, second: PowerSpectrum) -> float:
    """Root mean squared difference of two spectra over the rings, in decibels: 0 for equal ones.

    Power below one step of a byte is clipped to it.

    Raises:
        InputError: the spectra have different sizes.
    """
    if first.rings.shape != second.rings.shape:
        raise InputError(f"spectra of {len(first.rings)} and {len(second.rings)} rings: give images of one size")
    levels = [10 * np.log10(np.maximum(spectrum.rings, FLOOR)) for spectrum in (first, second)]
    return float(np.sqrt(np.mean((levels[0] - levels[1]) ** 2)))


def _mean_power(images: np.ndarray) -> np.ndarray:
    """Power at each frequency ``[h, w]``, the mean over images and channels."""
    height, width = images.shape[1:3]
    window = np.outer(_hann(height), _hann(width))[:, :, None]
    total = np.zeros((height, width))
    for start in range(0, len(images), BATCH):
        part = to_float(images[start : start + BATCH])
        # The window would turn the mean into low frequencies, so the mean is removed first.
        part = part - (part * window).sum((1, 2), keepdims=True) / window.sum()
        total += np.square(np.abs(np.fft.fft2(part * window, axes=(1, 2)))).sum((0, 3))
    return total / (len(images) * images.shape[3] * np.square(window).sum())


def _hann(side: int) -> np.ndarray:
    """Periodic Hann window, whose spectrum is three frequencies wide."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(side) + 0.5) / side)
