"""Power spectra: known signals, a plain recomputation, and the marks of upsampling."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from tfgan_models.errors import InputError
from tfgan_models.metrics.power_spectrum import FLOOR, PowerSpectrum, power_spectrum, spectrum_distance

SIDE = 32


def smooth(count: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(count, SIDE, SIDE, 3))
    blurred = np.tanh(4 * scipy.ndimage.gaussian_filter(noise, (0, 2, 2, 0)))
    return np.clip(blurred + np.random.default_rng(seed + 1).normal(0, 0.01, noise.shape), -1, 1)


def checkerboard(images: np.ndarray, amplitude: float) -> np.ndarray:
    return np.clip(images + amplitude * (-1.0) ** np.add.outer(np.arange(SIDE), np.arange(SIDE))[..., None], -1, 1)


def test_white_noise_has_its_variance_at_every_frequency():
    noise = np.random.default_rng(0).normal(0, 0.2, (300, SIDE, SIDE, 1)).clip(-1, 1)
    spectrum = power_spectrum(noise)
    assert len(spectrum.rings) == round(SIDE / np.sqrt(2))
    # The first ring shares what removing the mean took.
    np.testing.assert_allclose(spectrum.rings[1:], 0.04, rtol=0.1)
    # 5 of 32 rows and as many columns are near the highest frequency.
    assert spectrum.nyquist_share == pytest.approx(1 - (27 / 32) ** 2, rel=0.03)


def test_a_wave_has_its_power_in_its_ring():
    columns = np.arange(SIDE)
    wave = np.broadcast_to(0.5 * np.sin(2 * np.pi * 6 * columns / SIDE)[None, None, :, None], (1, SIDE, SIDE, 1))
    rings = power_spectrum(wave).rings
    assert rings.argmax() + 1 == 6
    # The window spreads it to the neighbors and no farther.
    assert rings[4:7].sum() > 0.98 * rings.sum()


@pytest.mark.parametrize(("height", "width", "channels"), [(9, 12, 1), (8, 8, 3)])
def test_a_plain_recomputation(height, width, channels):
    """By the definition of the Fourier transform, one frequency at a time."""
    images = np.random.default_rng(0).uniform(-1, 1, (3, height, width, channels))
    window = np.outer(*(np.sin(np.pi * (np.arange(side) + 0.5) / side) ** 2 for side in (height, width)))
    rows, columns = np.mgrid[:height, :width]
    sums, counts, near, total = np.zeros(9), np.zeros(9), 0.0, 0.0
    for u in range(-((height - 1) // 2), height // 2 + 1):
        for v in range(-((width - 1) // 2), width // 2 + 1):
            wave = window * np.exp(-2j * np.pi * (u * rows / height + v * columns / width))
            power = 0.0
            for image in images:
                for channel in np.moveaxis(image, -1, 0):
                    centered = channel - (channel * window).sum() / window.sum()
                    power += abs((centered * wave).sum()) ** 2 / (window**2).sum() / (3 * channels)
            frequency = np.array([u / height, v / width])
            ring = round(min(height, width) * np.hypot(*frequency))
            sums[ring] += power
            counts[ring] += 1
            total += power if u or v else 0
            near += power if np.abs(frequency).max() >= 7 / 16 else 0
    spectrum = power_spectrum(images)
    last = len(spectrum.rings) + 1
    np.testing.assert_allclose(spectrum.rings, sums[1:last] / counts[1:last], rtol=1e-5)
    assert not counts[last:].any()
    assert spectrum.nyquist_share == pytest.approx(near / total, rel=1e-5)


def test_the_distance_is_in_decibels():
    first = PowerSpectrum(np.array([1.0, 0.1, 0.0]), 0.1)
    second = PowerSpectrum(np.array([0.1, 0.1, FLOOR / 2]), 0.1)
    assert spectrum_distance(first, second) == pytest.approx(10 / np.sqrt(3))
    assert spectrum_distance(first, first) == 0


def test_checkerboards_show_near_the_nyquist_frequency():
    images = smooth(100, 0)
    shares = [power_spectrum(checkerboard(images, amplitude)).nyquist_share for amplitude in (0, 0.02, 0.05, 0.1)]
    assert (np.diff(shares) > 0).all()
    assert shares[2] > 10 * shares[0]


def test_the_more_damage_the_farther():
    images, reference = smooth(100, 0), power_spectrum(smooth(100, 5))
    noise = np.random.default_rng(2).normal(size=images.shape)
    for damaged in (
        [np.clip(images + level * noise, -1, 1) for level in (0, 0.1, 0.2, 0.4)],
        [scipy.ndimage.gaussian_filter(images, (0, level, level, 0)) for level in (0, 0.5, 1, 2)],
        [checkerboard(images, level) for level in (0, 0.1, 0.2, 0.4)],
    ):
        distances = [spectrum_distance(power_spectrum(part), reference) for part in damaged]
        assert (np.diff(distances) > 0.3).all(), distances
        assert distances[0] < 0.5


def test_bytes_and_floats_agree():
    bytes_of = np.random.default_rng(0).integers(0, 256, (70, 16, 16, 3)).astype(np.uint8)
    ours, theirs = power_spectrum(bytes_of), power_spectrum(bytes_of / 127.5 - 1)
    np.testing.assert_allclose(ours.rings, theirs.rings, rtol=1e-5)


def test_images_of_one_color_have_no_power():
    plain = power_spectrum(np.full((3, 8, 8, 1), 0.5))
    assert plain.rings.max() < 1e-12
    assert spectrum_distance(plain, plain) == 0


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(InputError, match="give images of one size"):
        spectrum_distance(power_spectrum(smooth(2, 0)), power_spectrum(smooth(2, 0)[:, :16, :16]))
    with pytest.raises(InputError, match="3×8 pixels"):
        power_spectrum(np.zeros((1, 3, 8, 1)))
