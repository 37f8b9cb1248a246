"""Squared errors of images and features, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.layers.test_replicas import by_replica
from tfgan_models.objectives import losses


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
@pytest.mark.parametrize("shape", [(4, 3), (4, 2, 2, 3)])
def test_squared_error_sums_over_an_example_and_averages_over_examples(shape, dtype):
    random = np.random.default_rng(0)
    target, output = (tf.cast(random.normal(size=shape), dtype) for _ in range(2))
    difference = (tf.cast(target, tf.float64) - tf.cast(output, tf.float64)).numpy()
    by_example = [0.5 * np.sum(example**2) for example in difference]
    value = losses.squared_error(target, output)
    assert value.dtype == tf.float32
    np.testing.assert_allclose(value, np.mean(by_example), rtol=1e-6)


def test_pixel_error_is_the_mean_over_everything():
    target, output = np.zeros((2, 2, 2, 3)), np.full((2, 2, 2, 3), 0.5)
    output[0] = -1.5
    assert float(losses.pixel_error(target, output)) == pytest.approx((0.25 + 2.25) / 2)
    assert losses.pixel_error(tf.cast(target, tf.bfloat16), tf.cast(output, tf.bfloat16)).dtype == tf.float32


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
@pytest.mark.parametrize("shape", [(6, 5), (6, 2, 2, 3)], ids=str)
def test_feature_matching_is_the_distance_of_the_means(shape, dtype):
    random = np.random.default_rng(0)
    real, fake = (tf.cast(random.normal(size=(n, *shape[1:])), dtype) for n in (6, 4))
    difference = np.asarray(tf.cast(real, tf.float64)).mean(0) - np.asarray(tf.cast(fake, tf.float64)).mean(0)
    value = losses.feature_matching(real, fake)
    assert value.dtype == tf.float32
    np.testing.assert_allclose(value, np.sum(difference**2), rtol=1e-5)


def test_relative_error_is_a_share_of_the_variance():
    random = np.random.default_rng(0)
    target = random.normal(2, 3, size=(6, 4, 4, 5))
    mean = np.broadcast_to(target.mean(0), target.shape)
    assert losses.relative_error(target, target, 48) == 0
    np.testing.assert_allclose(losses.relative_error(target, mean, 48), 24, rtol=1e-5)
    output = random.normal(size=target.shape)
    expected = 24 * np.mean((target - output) ** 2) / target.var(0).mean()
    np.testing.assert_allclose(losses.relative_error(target, output, 48), expected, rtol=1e-5)
    np.testing.assert_allclose(losses.relative_error(7 * target, 7 * output, 48), expected, rtol=1e-5)


def test_relative_error_of_features_that_are_all_the_same_is_finite():
    assert np.isfinite(losses.relative_error(np.ones((4, 3)), np.zeros((4, 3)), 3))


def test_relative_error_has_no_gradient_by_the_variance():
    random = np.random.default_rng(0)
    target, output = (tf.constant(random.normal(size=(6, 5)), tf.float32) for _ in range(2))
    with tf.GradientTape() as tape:
        tape.watch(target)
        error = losses.relative_error(target, output, 10)
    expected = 10 * (target - output) / (30 * np.mean(np.var(target, 0)))
    np.testing.assert_allclose(tape.gradient(error, target), expected, rtol=1e-4)


def test_feature_matching_of_two_replicas_is_that_of_one(two_devices):
    """Value and gradient; a replica's gradient is halved and summed by the optimizer's step."""
    random = np.random.default_rng(0)
    real, fake = (random.normal(size=(8, 5)).astype(np.float32) for _ in range(2))

    def value_and_gradient(real, fake):
        with tf.GradientTape() as tape:
            tape.watch(fake)
            value = losses.feature_matching(real, fake)
        return tf.concat([tf.fill((1, 5), value), tape.gradient(value, fake)], 0)

    alone = value_and_gradient(tf.constant(real), tf.constant(fake)).numpy()
    answers = by_replica(two_devices, value_and_gradient, real, fake)
    for answer in answers:
        np.testing.assert_allclose(answer[0], alone[0], rtol=1e-5)
    np.testing.assert_allclose(np.concatenate([a[1:] for a in answers]) / 2, alone[1:], rtol=1e-4, atol=1e-6)
