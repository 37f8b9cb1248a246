"""Sliced Wasserstein distance: its pyramid, its value on known sets, and what moves which level."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage
import scipy.stats

from tfgan_models.errors import InputError
from tfgan_models.metrics.sliced_wasserstein import PATCH, laplacian_pyramid, level_sizes, sliced_wasserstein


def smooth(count: int, seed: int, side: int = 32, channels: int = 3) -> np.ndarray:
    """Smooth random images in [-1, 1]."""
    noise = np.random.default_rng(seed).normal(size=(count, side, side, channels))
    return np.tanh(4 * scipy.ndimage.gaussian_filter(noise, (0, 2, 2, 0))).astype(np.float32)


@pytest.mark.parametrize(
    ("size", "widths"),
    [((32, 32), [32, 16]), ((64, 48), [48, 24]), ((28, 28), [28, 14]), ((27, 27), [27, 14]), ((8, 8), [8])],
)
def test_levels(size, widths):
    assert [width for _, width in level_sizes(*size)] == widths


@pytest.mark.parametrize("side", [28, 33, 64])
def test_the_bands_add_up_to_the_image(side):
    """Each band is what the smoothed half lacks, computed here by two full matrices."""
    images = smooth(2, 0, side)
    bands = laplacian_pyramid(images)
    restored = bands[-1].astype(np.float64)
    for band in bands[-2::-1]:
        matrix = upsampling(band.shape[1], restored.shape[1])
        restored = band + np.einsum("yi,nijc,xj->nyxc", matrix, restored, matrix)
    np.testing.assert_allclose(restored, images, atol=1e-5)


def upsampling(side: int, half: int) -> np.ndarray:
    """Insert zeros, then filter by [1, 4, 6, 4, 1] / 8 with mirrored borders: ``[side, half]``."""
    matrix = np.zeros((side, half))
    for row in range(side):
        for offset, weight in zip(range(-2, 3), np.array([1, 4, 6, 4, 1]) / 8, strict=True):
            source = abs(row + offset)
            source = 2 * (side - 1) - source if source >= side else source
            if source % 2 == 0:
                matrix[row, source // 2] += weight
    return matrix


def test_equal_sets_have_no_distance():
    images = smooth(50, 0)
    assert sliced_wasserstein(images, images).mean < 0.03
    alike, other = (
        sliced_wasserstein(smooth(400, 1), smooth(400, 2)),
        sliced_wasserstein(0.5 * smooth(400, 1), smooth(400, 2)),
    )
    assert alike.mean < 0.05 < 0.2 < other.mean


def test_a_shift_is_its_mean_projection():
    """One level, patches of the whole image: a shift by s deviations moves each projection by s·|Σ direction|."""
    images = np.random.default_rng(0).uniform(-0.5, 0.5, (300, PATCH, PATCH, 1)).astype(np.float32)
    shifted = sliced_wasserstein(images + 0.4, images, seed=3).mean
    # A direction of a sphere in 49 dimensions has a sum of about N(0, 1), and E|N(0, 1)| is √(2/π).
    assert shifted == pytest.approx(0.4 / images.std() * np.sqrt(2 / np.pi), rel=0.15)


def test_it_is_the_distance_of_sorted_projections():
    """Against SciPy's Wasserstein distance on directions drawn in another way."""
    first, second = smooth(200, 0, PATCH, 1), smooth(200, 1, PATCH, 1) ** 3
    scaled = [(part.reshape(200, -1) - second.mean()) / second.std() for part in (first, second)]
    directions = np.random.default_rng(5).normal(size=(PATCH**2, 400))
    directions /= np.linalg.norm(directions, axis=0)
    ours, theirs = (part @ directions for part in scaled)
    expected = np.mean([scipy.stats.wasserstein_distance(*columns) for columns in zip(ours.T, theirs.T, strict=True)])
    assert sliced_wasserstein(first, second).mean == pytest.approx(expected, rel=0.1)


def test_noise_moves_the_finest_level_and_a_color_cast_the_coarsest():
    images, reference = smooth(300, 0), smooth(300, 1)
    noise = np.clip(images + np.random.default_rng(2).normal(0, 0.15, images.shape), -1, 1)
    cast = np.clip(images + np.array([0.3, 0, -0.3]), -1, 1)
    plain, noisy, colored = (sliced_wasserstein(part, reference).levels for part in (images, noise, cast))
    assert noisy[32] > 3 * plain[32]
    assert noisy[32] > 2 * noisy[16]
    assert colored[16] > 3 * plain[16]
    assert colored[16] > 2 * colored[32]


def test_the_more_damage_the_farther():
    images, reference = smooth(200, 0), smooth(200, 1)
    noise = np.random.default_rng(2).normal(size=images.shape)
    for damaged in (
        [np.clip(images + level * noise, -1, 1) for level in (0, 0.1, 0.2, 0.4)],
        [scipy.ndimage.gaussian_filter(images, (0, level, level, 0)) for level in (0, 1, 2, 4)],
    ):
        distances = [sliced_wasserstein(part, reference).mean for part in damaged]
        assert (np.diff(distances) > 0.02).all(), distances


def test_bytes_and_floats_agree_and_the_seed_decides():
    bytes_of = np.random.default_rng(0).integers(0, 256, (30, 20, 20, 1)).astype(np.uint8)
    reference = smooth(30, 1, 20, 1)
    value = sliced_wasserstein(bytes_of, reference)
    assert sliced_wasserstein(bytes_of / 127.5 - 1, reference).mean == pytest.approx(value.mean, rel=1e-5)
    assert sliced_wasserstein(bytes_of, reference) == value
    assert sliced_wasserstein(bytes_of, reference, seed=1) != value


def test_images_of_one_color_do_not_divide_by_zero():
    plain = np.zeros((20, 28, 28, 1), np.uint8)
    assert sliced_wasserstein(plain, plain).mean == 0


def test_sets_of_two_sizes_are_refused():
    with pytest.raises(InputError, match="give sets of one size"):
        sliced_wasserstein(smooth(5, 0, 16), smooth(5, 0, 20))
