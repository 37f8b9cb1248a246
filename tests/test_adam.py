"""Adam with ε inside the root, against the formula in NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.adam import FlooredAdam

RANDOM = np.random.default_rng(0)
GRADIENTS = RANDOM.normal(size=(5, 3)) * [1.0, 1e-3, 1e-6]


def trained(optimizer: keras.optimizers.Optimizer, gradients: np.ndarray) -> np.ndarray:
    variable = keras.Variable([1.0, 2.0, 3.0])
    optimizer.build([variable])
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient, tf.float32)])
    return variable.numpy()


@pytest.mark.parametrize(("beta_1", "beta_2", "epsilon"), [(0.5, 0.999, 1e-8), (0.9, 0.99, 1e-4)])
def test_steps_are_those_of_the_formula(beta_1, beta_2, epsilon):
    expected, mean, square = np.array([1.0, 2.0, 3.0]), np.zeros(3), np.zeros(3)
    for step, gradient in enumerate(GRADIENTS, 1):
        mean = beta_1 * mean + (1 - beta_1) * gradient
        square = beta_2 * square + (1 - beta_2) * gradient**2
        expected -= 0.1 * mean / (1 - beta_1**step) / np.sqrt(square / (1 - beta_2**step) + epsilon)
    weights = trained(FlooredAdam(0.1, beta_1, beta_2, epsilon), GRADIENTS)
    np.testing.assert_allclose(weights, expected, rtol=1e-5)


def test_large_gradients_move_as_keras_moves_them_and_small_ones_less():
    """The floor is √ε = 1e-4: gradients of 1e-6 move a hundredth of the rate, where Keras' Adam moves most of it."""
    gradients = np.array([[1.0, -1.0, 1e-6]])
    ours, theirs = (
        trained(make(0.1, beta_1=0.5, epsilon=1e-8), gradients) for make in (FlooredAdam, keras.optimizers.Adam)
    )
    np.testing.assert_allclose(ours[:2], theirs[:2], rtol=1e-5)
    assert 3 - ours[2] == pytest.approx(1e-3, rel=0.01)
    assert 3 - theirs[2] > 0.07


def test_no_gradient_moves_nothing():
    np.testing.assert_array_equal(trained(FlooredAdam(0.1), np.zeros((3, 3))), [1.0, 2.0, 3.0])


def test_configuration_round_trips():
    optimizer = FlooredAdam(0.1, beta_1=0.5, epsilon=1e-7, use_ema=True, ema_momentum=0.9)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(again, FlooredAdam)
    assert again.get_config() == optimizer.get_config()
    assert (again.epsilon, again.beta_1, again.ema_momentum) == (1e-7, 0.5, 0.9)
