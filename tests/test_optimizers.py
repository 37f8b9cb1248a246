"""Adam with ε inside the root against the formula in NumPy, and Adam in one pass against Keras'."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.optimizers import FlooredAdam, FusedAdam

RANDOM = np.random.default_rng(0)
GRADIENTS = RANDOM.normal(size=(5, 3)) * [1.0, 1e-3, 1e-6]


def trained(optimizer: keras.optimizers.Optimizer, gradients: np.ndarray) -> np.ndarray:
    variable = keras.Variable([1.0, 2.0, 3.0], name="weights")
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


@pytest.mark.parametrize(
    "options",
    [{}, {"beta_1": 0.0, "beta_2": 0.9}, {"use_ema": True, "ema_momentum": 0.9}, {"weight_decay": 0.1}, {"amsgrad": 1}],
    ids=str,
)
def test_one_pass_makes_the_steps_of_keras(options):
    ours, theirs = (make(0.1, **options) for make in (FusedAdam, keras.optimizers.Adam))
    np.testing.assert_allclose(trained(ours, GRADIENTS), trained(theirs, GRADIENTS), rtol=1e-5)
    assert [v.name for v in ours.variables] == [v.name for v in theirs.variables]
    for here, there in zip(ours.variables, theirs.variables, strict=True):
        # 1 - 0.999 in float32 is off by 1.3e-5 of itself.
        np.testing.assert_allclose(here, there, rtol=3e-5, atol=1e-12, err_msg=here.name)


def test_one_pass_takes_gradients_of_rows():
    """A gradient like that of an embedding: some rows of a matrix."""
    optimizer, variable = FusedAdam(0.1), keras.Variable(np.ones((3, 2), np.float32))
    optimizer.build([variable])
    optimizer.apply([tf.IndexedSlices(tf.ones((1, 2)), tf.constant([1]), tf.constant([3, 2]))])
    np.testing.assert_allclose(variable, [[1, 1], [0.9, 0.9], [1, 1]], rtol=1e-5)


def test_one_pass_takes_a_schedule_and_leaves_what_was_read_before():
    """A weight that was read before the step keeps its value, though the step writes where the weight lies."""
    optimizer = FusedAdam(keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5))
    variable = keras.Variable([1.0, 2.0])
    optimizer.build([variable])

    @tf.function
    def step():
        before = variable.value.read_value()
        optimizer.apply([tf.ones(2)])
        return before

    np.testing.assert_array_equal(step(), [1, 2])
    np.testing.assert_allclose(step(), [0.9, 1.9], rtol=1e-6)
    np.testing.assert_allclose(variable, [0.85, 1.85], rtol=1e-6)


def test_one_pass_on_two_devices_is_the_step_of_one(two_devices):
    with two_devices.scope():
        variable = keras.Variable([1.0, 2.0, 3.0], name="weights")
        optimizer = FusedAdam(0.1)
        optimizer.build([variable])

    @tf.function
    def step(gradient):
        two_devices.run(lambda: optimizer.apply([gradient / 2]))  # which are summed

    for gradient in GRADIENTS:
        step(tf.constant(gradient, tf.float32))
    for copy in variable.value.values:
        np.testing.assert_allclose(copy, trained(FusedAdam(0.1), GRADIENTS), rtol=1e-6)


def test_the_configuration_of_one_pass_round_trips():
    optimizer = FusedAdam(0.1, beta_1=0.5, use_ema=True, ema_momentum=0.9)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(again, FusedAdam)
    assert again.get_config() == optimizer.get_config()
