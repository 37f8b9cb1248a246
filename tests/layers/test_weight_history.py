"""The running mean of weights, and the game that it settles."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.layers.weight_history import WeightHistory


@pytest.mark.parametrize("devices", [1, 2])
def test_the_historical_average_is_the_running_mean(devices, two_devices):
    """Means, penalty and gradient, θ[1] … θ[t] at each of four steps."""
    strategy = two_devices if devices == 2 else tf.distribute.get_strategy()
    with strategy.scope():
        variables = [keras.Variable(np.zeros(shape, np.float32)) for shape in ((2, 3), (4,))]
        history = WeightHistory(variables)

    def step():
        with tf.GradientTape() as tape:
            penalty = history.distance(variables)
        gradients = tape.gradient(penalty, [v.value for v in variables])
        return tf.concat([[penalty], *(tf.reshape(g, [-1]) for g in gradients)], 0)

    run = tf.function(lambda: strategy.run(step))
    path = np.random.default_rng(0).normal(size=(4, 10))
    for t in range(4):
        for variable, values in zip(variables, np.split(path[t], [6]), strict=True):
            variable.assign(values.reshape(variable.shape))
        mean = path[: t + 1].mean(0)
        for answer in strategy.experimental_local_results(run()):
            np.testing.assert_allclose(answer[0], np.sum((path[t] - mean) ** 2), rtol=1e-5, atol=1e-10)
            np.testing.assert_allclose(answer[1:], 2 * (path[t] - mean), rtol=1e-4, atol=1e-5)
        for kept, values in zip(history.means, np.split(mean, [6]), strict=True):
            for copy in strategy.experimental_local_results(kept.value):
                np.testing.assert_allclose(np.ravel(copy), values, rtol=1e-5, atol=1e-6)


class Player(keras.Model):
    """A model that keeps the history of its network, as a player's model may."""

    def __init__(self):
        super().__init__()
        self.network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
        self.history_of_network = WeightHistory(self.network.trainable_variables)
        self.built = True


def test_a_model_saves_its_history(tmp_path):
    """Among its variables, and in its file; in float32 whatever the policy; and no weight of the player twice."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        one, other = Player(), Player()
    finally:
        keras.config.set_dtype_policy("float32")
    for _ in range(3):
        one.history_of_network.distance(one.network.trainable_variables)
    assert len(one.variables) == 2 + 2 + 1
    assert {v.dtype for v in one.variables} == {"float32"}
    one.save_weights(tmp_path / "player.weights.h5")
    other.load_weights(tmp_path / "player.weights.h5")
    assert float(other.history_of_network.steps) == 3
    for saved, loaded in zip(one.variables, other.variables, strict=True):
        np.testing.assert_array_equal(saved, loaded)


def play(weight: float, steps: int = 2000, rate: float = 0.1) -> np.ndarray:
    """Distances from the equilibrium of the game of x·y, both players moving at once (Salimans et al. 2016, 3)."""
    x, y = keras.Variable([1.0]), keras.Variable([0.0])
    histories = WeightHistory([x]), WeightHistory([y])

    @tf.function
    def step():
        with tf.GradientTape(persistent=True) as tape:
            game = tf.reduce_sum(x.value * y.value)
            first = game + weight * histories[0].distance([x])
            second = -game + weight * histories[1].distance([y])
        moves = tape.gradient(first, x.value), tape.gradient(second, y.value)
        for variable, move in zip((x, y), moves, strict=True):
            variable.assign(variable - rate * move)
        return tf.sqrt(tf.reduce_sum(x.value**2 + y.value**2))

    return np.array([step().numpy() for _ in range(steps)])


@pytest.mark.parametrize("weight", [0.1, 0.2])
def test_historical_averaging_settles_the_game_that_spirals_out_without(weight):
    """Once it turns no more, the distance falls as t^(−1/(1 + 4 weight²)), with the slowness of the mean."""
    plain, averaged = play(0.0, 500), play(weight)
    np.testing.assert_allclose(plain, 1.01 ** (np.arange(1, 501) / 2), rtol=1e-3)  # √(1 + rate²) in each step
    assert averaged.max() < 1.1
    assert averaged[-1] < 0.01
    assert averaged[1999] / averaged[999] == pytest.approx(2 ** (-1 / (1 + 4 * weight**2)), rel=0.05)
