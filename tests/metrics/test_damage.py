"""Random damage: each kind against SciPy, its share and its strengths, and equal damage for equal seeds."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.fft
import scipy.ndimage
import tensorflow as tf

from tfgan_models.metrics.damage import KINDS, MAX_NOISE, blur, cosine_transform, damage, quantize, strengths


def smooth(count: int, side: int = 16, channels: int = 3) -> np.ndarray:
    noise = np.random.default_rng(0).normal(size=(count, side, side, channels))
    return np.tanh(2 * scipy.ndimage.gaussian_filter(noise, (0, 2, 2, 0))).astype(np.float32)


def seed(value: int) -> tf.Tensor:
    return tf.constant([value, 7], tf.int64)


def test_equal_seeds_give_equal_images():
    images = smooth(20)
    first, again, other = (damage(images, seed(value)).numpy() for value in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
    assert np.abs(first).max() <= 1


def test_half_stays_whole_and_strengths_are_uniform():
    images = smooth(1, 8, 1).repeat(4000, 0)
    changed, strength = damage(images, seed(0)).numpy(), strengths(len(images), seed(0)).numpy()
    assert strength.shape == (4000, len(KINDS))
    whole = (strength == 0).all(1)
    # Half, and of the others those that draw none of four kinds.
    assert whole.mean() == pytest.approx(0.5 + 0.5 / 16, abs=0.03)
    np.testing.assert_allclose(changed[whole], images[whole], atol=1e-5)
    for column in strength.T:
        assert (column > 0).mean() == pytest.approx(0.25, abs=0.03)
        assert column[column > 0].mean() == pytest.approx(0.5, abs=0.03)
        assert column.max() > 0.98


def test_noise_is_as_strong_as_it_says():
    images = np.zeros((8000, 8, 8, 1), np.float32)
    changed, strength = damage(images, seed(0)).numpy(), strengths(len(images), seed(0)).numpy()
    only_noise = (strength[:, 0] > 0.2) & (strength[:, 0] < 0.4) & (strength[:, 1:] == 0).all(1)
    assert only_noise.sum() > 20
    levels = changed[only_noise].std() / MAX_NOISE
    assert levels == pytest.approx(np.sqrt(np.mean(strength[only_noise, 0] ** 2)), rel=0.1)


@pytest.mark.parametrize("deviation", [0.5, 1.5])
def test_blur_is_scipys(deviation):
    images = smooth(3, 24)
    expected, weight = (
        scipy.ndimage.gaussian_filter(part, (0, deviation, deviation, 0), mode="constant", truncate=20)
        for part in (images, np.ones_like(images))
    )
    np.testing.assert_allclose(blur(images, tf.fill([3], deviation)), expected / weight, atol=1e-4)
    mixed = blur(images, tf.constant([0.0, deviation, 0.0])).numpy()
    np.testing.assert_allclose(mixed[::2], images[::2], atol=1e-6)
    np.testing.assert_allclose(mixed[1], (expected / weight)[1], atol=1e-4)


def test_blur_of_images_that_are_not_square():
    images = smooth(2, 12)[:, :8]
    assert blur(images, tf.constant([1.0, 2.0])).shape == images.shape
    flat = np.full((1, 8, 12, 3), 0.25, np.float32)
    np.testing.assert_allclose(blur(flat, tf.constant([2.0])), flat, rtol=1e-5)


def test_the_cosine_transform_is_scipys():
    values = np.random.default_rng(0).normal(size=8)
    np.testing.assert_allclose(cosine_transform() @ values, scipy.fft.dct(values, norm="ortho"), atol=1e-5)


@pytest.mark.parametrize("side", [8, 16, 12])
def test_quantization_rounds_blocks(side):
    images, step = smooth(2, side), 0.4
    changed = quantize(images, tf.constant([0.0, step])[:, None, None, None]).numpy()
    np.testing.assert_allclose(changed[0], images[0], atol=1e-5)
    coefficients = scipy.fft.dctn(images[1, :8, :8], axes=(0, 1), norm="ortho")
    steps = step * (1 + np.add.outer(np.arange(8), np.arange(8)))[..., None]
    expected = scipy.fft.idctn(steps * np.round(coefficients / steps), axes=(0, 1), norm="ortho")
    np.testing.assert_allclose(changed[1, :8, :8], expected, atol=1e-4)
    assert np.abs(expected - images[1, :8, :8]).max() > 0.05
