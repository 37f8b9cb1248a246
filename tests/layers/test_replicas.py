"""Functions of a training step about replicas, on one device and on two."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.layers.replicas import all_reduce, assign_where, replica


def by_replica(strategy: tf.distribute.Strategy, function, *arguments) -> list[np.ndarray]:
    """Results of a function on each replica; the rows of its arguments are divided in order."""
    count = strategy.num_replicas_in_sync
    shares = [
        strategy.experimental_distribute_values_from_function(
            lambda context, rows=rows: tf.constant(np.split(rows, count)[context.replica_id_in_sync_group])
        )
        for rows in arguments
    ]
    outputs = tf.function(lambda *shares: strategy.run(function, args=shares))(*shares)
    return [value.numpy() for value in strategy.experimental_local_results(outputs)]


def test_there_is_one_replica_without_a_strategy_and_outside_of_replicas(two_devices):
    assert replica() == (0, 1)
    with two_devices.scope():
        assert replica() == (0, 1)


def test_replicas_are_counted(two_devices):
    indices = by_replica(two_devices, lambda: tf.stack([replica().index, replica().count]))
    np.testing.assert_array_equal(indices, [[0, 2], [1, 2]])


@pytest.mark.parametrize(("how", "factor"), [("sum", 1.0), ("mean", 0.5)])
def test_all_reduce(how, factor, two_devices):
    rows = np.arange(8, dtype=np.float32).reshape(4, 2)
    for answer in by_replica(two_devices, lambda x: tf.stack(all_reduce(how, [x, 2 * x])), rows):
        total = factor * (rows[:2] + rows[2:])
        np.testing.assert_allclose(answer, [total, 2 * total])


@pytest.mark.parametrize("how", ["sum", "mean"])
def test_all_reduce_alone_changes_nothing(how):
    value = tf.constant([1.0, 2.0])
    assert all_reduce(how, [value])[0] is value


@pytest.mark.parametrize(("how", "factor"), [("sum", 1.0), ("mean", 0.5)])
def test_gradient_of_all_reduce_is_that_of_all_replicas_losses(how, factor, two_devices):
    """The loss of replica i is w_i · y² with y reduced from x; each x moves both losses."""
    x, w = np.array([[3.0], [5.0]], np.float32), np.array([[1.0], [10.0]], np.float32)

    def gradient(x, w):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = w * all_reduce(how, [x])[0] ** 2
        return tape.gradient(loss, x)

    expected = factor * 2 * w.sum() * factor * x.sum()
    np.testing.assert_allclose(np.ravel(by_replica(two_devices, gradient, x, w)), [expected, expected])


@pytest.mark.parametrize("devices", [1, 2])
@pytest.mark.parametrize("condition", [True, False])
def test_assign_where_assigns_or_leaves_the_very_same_bits(condition, devices, two_devices):
    strategy = two_devices if devices == 2 else tf.distribute.get_strategy()
    before = np.array([0.1, -0.0, 1e-40, 3e38, -7.3], np.float32)  # bits that arithmetic would lose
    after = np.array([np.nan, np.inf, 1.0, -2.0, 0.0], np.float32)
    with strategy.scope():
        variables = [
            keras.Variable(before, trainable=True, aggregation="mean"),
            keras.Variable(3, dtype="int64", trainable=False, aggregation="only_first_replica"),
        ]
    run = tf.function(
        lambda: strategy.run(assign_where, (tf.constant(condition), variables, [after, tf.constant(8, tf.int64)]))
    )
    run()
    expected = (after, 8) if condition else (before, 3)
    for variable, value in zip(variables, expected, strict=True):
        for copy in strategy.experimental_local_results(variable.value):
            assert copy.numpy().tobytes() == np.asarray(value, variable.dtype).tobytes()
