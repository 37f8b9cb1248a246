"""Penalties against numbers worked out in float64."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.test_replicas import by_replica
from tfgan_models.objectives.penalties import (
    gradient_penalty,
    head_spacing_penalty,
    pull_away,
    zero_centered_gradient_penalty,
)

RANDOM = np.random.default_rng(0)
REAL, FAKE = (RANDOM.normal(size=(4, 3, 2, 1)).astype(np.float32) for _ in range(2))
UNIFORM = RANDOM.uniform(size=(4, 1, 1, 1)).astype(np.float32)


def linear_critic(length: float):
    weights = np.arange(1, 7, dtype=np.float32).reshape(3, 2, 1)
    weights *= length / np.linalg.norm(weights)
    return lambda images: tf.reduce_sum(images * weights, (1, 2, 3))[:, tf.newaxis]


def quadratic_critic(images: tf.Tensor) -> tf.Tensor:
    """½ ‖x‖², whose gradient is x itself."""
    return 0.5 * tf.reduce_sum(images**2, (1, 2, 3))[:, tf.newaxis]


@pytest.mark.parametrize(("length", "penalty"), [(1.0, 0.0), (3.0, 4.0), (0.25, 0.5625)])
def test_gradient_penalty_of_a_linear_critic_is_that_of_its_slope(length, penalty):
    """Zero for a slope of 1; and two-sided."""
    np.testing.assert_allclose(gradient_penalty(linear_critic(length), REAL, FAKE, UNIFORM), penalty, atol=1e-6)


@pytest.mark.parametrize("shape", [(4, 1, 1, 1), (4,)], ids=str)
def test_gradient_penalty_is_taken_between_real_and_fake(shape):
    between = UNIFORM * REAL.astype(np.float64) + (1 - UNIFORM) * FAKE
    expected = np.mean((np.sqrt((between**2).sum((1, 2, 3))) - 1) ** 2)
    value = gradient_penalty(quadratic_critic, REAL, FAKE, UNIFORM.reshape(shape))
    assert value.dtype == tf.float32
    np.testing.assert_allclose(value, expected, rtol=1e-5)


def test_interpolation_is_uniform_on_the_line_from_fake_to_real():
    """Kolmogorov and Smirnov's distance of the critic's inputs, with reals of 3 and fakes of −1."""
    seen = []
    noise = tf.random.stateless_uniform((2000, 1, 1, 1), seed=[1, 2])

    def critic(images):
        seen.append(images.numpy())
        return quadratic_critic(images)

    gradient_penalty(critic, tf.fill((2000, 2, 2, 1), 3.0), tf.fill((2000, 2, 2, 1), -1.0), noise)
    images = seen[0].reshape(2000, -1)
    np.testing.assert_allclose(images, images[:, :1] * np.ones(4), rtol=1e-6)  # one ε for all of an image
    places = np.sort((images[:, 0] + 1) / 4)
    assert np.abs(places - (np.arange(2000) + 0.5) / 2000).max() < 1.63 / np.sqrt(2000)


def test_gradient_penalty_of_a_flat_critic_is_one_with_a_finite_gradient():
    weights = tf.Variable(tf.zeros((6, 1)))
    with tf.GradientTape() as tape:
        value = gradient_penalty(lambda x: tf.reshape(x, (-1, 6)) @ weights, REAL, FAKE, UNIFORM)
    assert float(value) == pytest.approx(1, abs=1e-5)
    assert np.isfinite(tape.gradient(value, weights)).all()


def test_zero_centered_gradient_penalty():
    value = zero_centered_gradient_penalty(quadratic_critic, REAL)
    np.testing.assert_allclose(value, np.mean((REAL.astype(np.float64) ** 2).sum((1, 2, 3))), rtol=1e-5)
    np.testing.assert_allclose(zero_centered_gradient_penalty(linear_critic(3.0), FAKE), 9, rtol=1e-5)


def test_penalties_move_the_critics_weights_as_finite_differences_say():
    """The second derivative through a network, in a graph; and none reaches the images."""
    keras.utils.set_random_seed(1)
    network = keras.Sequential(
        [keras.Input((3, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(5, "tanh"), keras.layers.Dense(1)]
    )
    kernel = network.trainable_variables[0]
    for penalty in (
        lambda fake: gradient_penalty(network, REAL, fake, UNIFORM),
        lambda fake: zero_centered_gradient_penalty(network, fake),
    ):

        @tf.function
        def gradients(fake, penalty=penalty):
            with tf.GradientTape() as tape:
                tape.watch(fake)
                value = penalty(fake)
            return tape.gradient(value, [kernel.value, fake])

        gradient, of_images = gradients(tf.constant(FAKE))
        assert of_images is None
        start, step = kernel.numpy(), 1e-2 * RANDOM.normal(size=kernel.shape).astype(np.float32)
        sides = []
        for sign in (1, -1):
            kernel.assign(start + sign * step)
            sides.append(float(penalty(tf.constant(FAKE))))
        kernel.assign(start)
        np.testing.assert_allclose((sides[0] - sides[1]) / 2, np.sum(gradient * step), rtol=1e-2)


def test_penalties_of_a_bfloat16_critic_are_float32():
    network = keras.Sequential([keras.Input((3, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    policy = keras.DTypePolicy("mixed_bfloat16")
    mixed = keras.Sequential([keras.Input((3, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(1, dtype=policy)])
    mixed.set_weights(network.get_weights())
    for penalty in (
        lambda c: gradient_penalty(c, REAL, FAKE, UNIFORM),
        lambda c: zero_centered_gradient_penalty(c, REAL),
    ):
        assert penalty(mixed).dtype == tf.float32
        np.testing.assert_allclose(penalty(mixed), penalty(network), rtol=0.05, atol=0.05)


def pull_away_by_pairs(codes: np.ndarray) -> float:
    codes = np.asarray(codes, np.float64)
    pairs = [(i, j) for i in range(len(codes)) for j in range(len(codes)) if i != j]
    cosines = [codes[i] @ codes[j] / (np.linalg.norm(codes[i]) * np.linalg.norm(codes[j])) for i, j in pairs]
    return np.mean(np.square(cosines))


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
def test_pull_away_is_the_mean_squared_cosine_of_all_pairs(dtype):
    codes = tf.cast(RANDOM.normal(size=(6, 4)), dtype)
    value = pull_away(codes)
    assert value.dtype == tf.float32
    np.testing.assert_allclose(value, pull_away_by_pairs(tf.cast(codes, tf.float64)), rtol=1e-5)
    np.testing.assert_allclose(pull_away(tf.reshape(codes, (6, 2, 2, 1))), value, rtol=1e-6)
    np.testing.assert_allclose(pull_away(tf.eye(4)), 0, atol=1e-6)
    np.testing.assert_allclose(pull_away(tf.ones((4, 3))), 1, rtol=1e-5)


def test_pull_away_of_two_replicas_is_that_of_one(two_devices):
    """Value and gradient; a replica's gradient is halved and summed by the optimizer's step."""
    codes = RANDOM.normal(size=(8, 5)).astype(np.float32)

    def value_and_gradient(codes):
        with tf.GradientTape() as tape:
            tape.watch(codes)
            value = pull_away(codes)
        return tf.concat([tf.fill((1, 5), value), tape.gradient(value, codes)], 0)

    alone = value_and_gradient(tf.constant(codes)).numpy()
    answers = by_replica(two_devices, value_and_gradient, codes)
    for answer in answers:
        np.testing.assert_allclose(answer[0], alone[0], rtol=1e-5)
    np.testing.assert_allclose(np.concatenate([a[1:] for a in answers]) / 2, alone[1:], rtol=1e-4, atol=1e-6)


def test_closeness_is_that_of_a_double_loop_and_pushes_close_points_apart():
    points = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    expected = sum(max(0.0, 2.0 - np.linalg.norm(a - b)) for i, a in enumerate(points) for b in points[:i])
    assert expected > 0
    np.testing.assert_allclose(head_spacing_penalty(points, 2.0), expected, rtol=1e-5)
    pair = tf.Variable([[0.0, 0.0], [1.0, 0.0], [50.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = head_spacing_penalty(pair, 2.0)
    np.testing.assert_allclose(tape.gradient(loss, pair), [[1, 0], [-1, 0], [0, 0]], atol=1e-6)
    same = tf.Variable(tf.zeros((2, 3)))
    with tf.GradientTape() as tape:
        loss = head_spacing_penalty(same, 2.0)
    assert np.isfinite(tape.gradient(loss, same)).all()
