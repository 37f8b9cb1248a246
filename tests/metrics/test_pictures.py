"""Measures of images themselves: MS-SSIM, sharpness, and the attributes seen in them."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from tfgan_models.errors import InputError
from tfgan_models.metrics.attribute_similarity import attribute_similarity
from tfgan_models.metrics.ms_ssim import WEIGHTS, ms_ssim, ms_ssim_diversity, scale_weights
from tfgan_models.metrics.sharpness import LUMINANCE, sharpness


def pictures(count: int, side: int, channels: int, seed: int = 0) -> np.ndarray:
    """Smooth random images in [-1, 1]."""
    noise = np.random.default_rng(seed).normal(size=(count, side, side, channels))
    return np.tanh(4 * scipy.ndimage.gaussian_filter(noise, (0, 2, 2, 0), mode="wrap")).astype(np.float32)


@pytest.mark.parametrize("side", [8, 21, 22, 28, 32, 64, 180])
@pytest.mark.parametrize("channels", [1, 3])
def test_equal_images_are_alike_and_noise_makes_them_less_so(side, channels):
    images = pictures(2, side, channels)
    np.testing.assert_allclose(ms_ssim(images, images), 1, atol=1e-6)
    noise = np.random.default_rng(1).normal(size=images.shape)
    values = [ms_ssim(images, np.clip(images + level * noise, -1, 1)).mean() for level in (0, 0.1, 0.3, 1.0)]
    assert (np.diff(values) < -0.005).all()
    assert values[-1] >= 0


def test_one_scale_is_the_definition_of_ssim():
    """Wang et al. 2004, equation 13, at the one place where an 11-pixel window fits, with K₁ 0.01 and K₂ 0.03."""
    first, second = ((x[0, :, :, 0] + 1.0) / 2 for x in (pictures(1, 11, 1), pictures(1, 11, 1, seed=1)))
    profile = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    window = np.outer(profile, profile) / profile.sum() ** 2
    means = [np.sum(window * x) for x in (first, second)]
    variances = [np.sum(window * (x - mean) ** 2) for x, mean in zip((first, second), means, strict=True)]
    covariance = np.sum(window * (first - means[0]) * (second - means[1]))
    expected = (2 * means[0] * means[1] + 1e-4) * (2 * covariance + 9e-4)
    expected /= (means[0] ** 2 + means[1] ** 2 + 1e-4) * (sum(variances) + 9e-4)
    value = ms_ssim(pictures(1, 11, 1), pictures(1, 11, 1, seed=1))
    assert value == pytest.approx(max(expected, 0), abs=1e-5)
    assert ms_ssim(pictures(1, 11, 1), -pictures(1, 11, 1)) == 0


@pytest.mark.parametrize(("side", "scales"), [(4, 1), (21, 1), (22, 2), (28, 2), (64, 3), (175, 4), (176, 5), (512, 5)])
def test_images_have_the_scales_they_have_room_for(side, scales):
    weights = scale_weights(side)
    assert len(weights) == scales
    assert sum(weights) == pytest.approx(1)
    np.testing.assert_allclose(np.divide(weights, weights[0]), np.divide(WEIGHTS[:scales], WEIGHTS[0]))


@pytest.mark.parametrize(("side", "channels"), [(12, 1), (32, 3)])
def test_bytes_are_as_alike_as_the_floats_they_stand_for(side, channels):
    images = np.rint((pictures(30, side, channels) + 1) * 127.5).astype(np.uint8)
    floats = images.astype(np.float32) / 127.5 - 1
    expected = ms_ssim_diversity(floats, pairs=150, seed=2)
    assert 0 < expected < 0.9
    assert ms_ssim_diversity(images, pairs=150, seed=2) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(InputError, match=r"images with values from 3 to 25\d: scale them to \[-1, 1\]"):
        ms_ssim_diversity(images.astype(np.int32))


def test_diversity_is_the_mean_over_pairs_of_different_images():
    images = pictures(2, 32, 3)
    expected = ms_ssim(images[:1], images[1:])[0]
    assert expected < 0.9
    assert ms_ssim_diversity(images, pairs=100, seed=3) == pytest.approx(expected, abs=1e-6)


def test_diversity_estimates_the_mean_of_all_pairs():
    images = pictures(12, 16, 1)
    first, second = np.triu_indices(12, 1)
    values = ms_ssim(images[first], images[second])
    estimate = ms_ssim_diversity(images, pairs=2000)
    assert estimate == pytest.approx(values.mean(), abs=3 * values.std() / np.sqrt(2000))
    assert ms_ssim_diversity(images, pairs=2000) == estimate
    assert ms_ssim_diversity(images, pairs=2000, seed=1) != estimate


def test_a_collapsed_set_is_less_diverse():
    images = pictures(8, 32, 1)
    assert ms_ssim_diversity(np.repeat(images[:1], 8, axis=0), 50) == pytest.approx(1, abs=1e-6)
    assert ms_ssim_diversity(np.repeat(images[:2], 4, axis=0), 50) > ms_ssim_diversity(images, 50) + 0.1


@pytest.mark.parametrize("channels", [1, 3])
def test_sharpness_is_the_variance_of_scipys_laplacian(channels):
    images = pictures(300, 9, channels)
    gray = images.astype(np.float64) @ np.array(LUMINANCE if channels == 3 else [1.0])
    expected = [scipy.ndimage.laplace(image)[1:-1, 1:-1].var() for image in gray]
    np.testing.assert_allclose(sharpness(images), expected, rtol=1e-10)


def test_sharpness_of_known_pictures():
    ramp = np.linspace(-1, 1, 8)[None, :, None, None] * np.ones((1, 8, 8, 1))
    board = (-1.0) ** np.add.outer(np.arange(8), np.arange(8))[None, :, :, None]
    np.testing.assert_allclose(sharpness(ramp), 0, atol=1e-24)
    np.testing.assert_allclose(sharpness(board), 64)
    np.testing.assert_allclose(sharpness(board / 2), 16)


def test_attributes_that_agree_are_similar():
    attributes = np.random.default_rng(0).normal(size=(20, 7))
    assert attribute_similarity(attributes, attributes) == pytest.approx((1, 0))
    doubled = attribute_similarity(attributes, 2 * attributes)
    assert doubled == pytest.approx((1, np.square(attributes).sum(1).mean()))
    assert attribute_similarity(attributes, -attributes).cosine == pytest.approx(-1)


def test_attributes_by_hand():
    """Cosines 0 and 3/5; errors summed over attributes: 2 and 4² + 2²; a vector of zeros has cosine 0."""
    similarity = attribute_similarity([[1, 0], [5, 0], [0, 0]], [[0, 1], [3, 4], [1, 0]])
    assert similarity == pytest.approx((0.2, (2 + 20 + 1) / 3))


@pytest.mark.parametrize("measure", [sharpness, ms_ssim_diversity, lambda x: ms_ssim(x, x)], ids=range(3))
def test_pictures_that_cannot_be_used_are_refused(measure):
    images = pictures(2, 16, 1)
    with pytest.raises(InputError, match=r"scale them to \[-1, 1\]"):
        measure((images + 1) * 127.5)
    with pytest.raises(InputError, match="from nan to nan"):
        measure(np.full_like(images, np.nan))
    with pytest.raises(InputError, match=r"shape \(2, 16, 16\)"):
        measure(images[..., 0])


def test_sets_that_do_not_go_together_are_refused():
    images = pictures(3, 16, 1)
    with pytest.raises(InputError, match="give pairs of one shape"):
        ms_ssim(images, images[:2])
    with pytest.raises(InputError, match="100 pairs of 1 images"):
        ms_ssim_diversity(images[:1], 100)
    with pytest.raises(InputError, match="2×16 pixels"):
        sharpness(images[:, :2])
    with pytest.raises(InputError, match="3 originals, 2 reconstructions"):
        attribute_similarity(np.ones((3, 4)), np.ones((2, 4)))
