"""Our batch normalization against Keras', on one device and on two."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.contract import check_layer
from tests.layers.test_replicas import by_replica
from tests.tiers import tiered
from tfgan_models.layers.batch_normalization import BatchNormalization

SHAPES = [(16, 5), (8, 4, 6, 5)]
SETTINGS = {"momentum": 0.7, "epsilon": 1e-3}
STATE = ("gamma", "beta", "moving_mean", "moving_variance")


def data(shape, dtype="float32") -> np.ndarray:
    """Values whose channels differ in place and spread."""
    channels = np.arange(1, shape[-1] + 1)
    values = np.random.default_rng(0).normal(size=shape) * channels + 0.5 * channels
    return tf.cast(values.astype(np.float32), dtype).numpy()


def built(make, shape):
    """A layer whose weights and statistics are none of their initial values, the same at every call."""
    layer = make(**SETTINGS)
    layer.build((None, *shape[1:]))
    random = np.random.default_rng(1)
    for name in STATE:
        getattr(layer, name).assign(random.uniform(0.5, 2, shape[-1]))
    return layer


def trained(layer, values, weighing) -> tuple[tf.Tensor, ...]:
    """Outputs in training and the gradients of Σ weighing·outputs of inputs, gamma and beta."""
    values = tf.convert_to_tensor(values)
    with tf.GradientTape() as tape:
        tape.watch(values)
        outputs = tf.cast(layer(values, training=True), tf.float32)
        loss = tf.reduce_sum(outputs * weighing)
    return outputs, *(
        tf.cast(g, tf.float32) for g in tape.gradient(loss, [values, layer.gamma.value, layer.beta.value])
    )


def weights(shape) -> np.ndarray:
    return np.random.default_rng(2).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_contract(shape):
    check_layer(lambda: BatchNormalization(**SETTINGS), shape, shape, trainable=2, non_trainable=2)
    check_layer(lambda: BatchNormalization(scale=False), shape, shape, trainable=1, non_trainable=3)
    check_layer(lambda: BatchNormalization(offset=False), shape, shape, trainable=1, non_trainable=3)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("policy", "tolerance"), [("float32", 1e-5), ("mixed_bfloat16", 0.05)])
def test_training_and_inference_are_as_in_keras(shape, policy, tolerance):
    keras.config.set_dtype_policy(policy)
    try:
        ours, theirs = (built(make, shape) for make in (BatchNormalization, keras.layers.BatchNormalization))
        values = data(shape, ours.compute_dtype)
        one, other = (trained(layer, values, weights(shape)) for layer in (ours, theirs))
        inference = [tf.cast(layer(values, training=False), tf.float32) for layer in (ours, theirs)]
    finally:
        keras.config.set_dtype_policy("float32")
    assert {getattr(ours, name).dtype for name in STATE} == {"float32"}
    for a, b in zip([*one, inference[0]], [*other, inference[1]], strict=True):
        size = np.abs(b).max()
        np.testing.assert_allclose(a / size, b / size, atol=tolerance)
    for name in STATE:
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=tolerance, err_msg=name)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_running_statistics_follow_the_biased_moments(shape):
    layer, values = BatchNormalization(momentum=0.9), data(shape)
    layer(values, training=True)
    axes = tuple(range(len(shape) - 1))
    np.testing.assert_allclose(layer.moving_mean, 0.1 * values.mean(axes), rtol=1e-4)
    np.testing.assert_allclose(layer.moving_variance, 0.9 + 0.1 * values.var(axes), rtol=1e-5)


def test_bfloat16_statistics_are_not_rounded():
    """The running mean moves by less than bfloat16 could add to it."""
    layer = BatchNormalization(momentum=0.999, dtype="mixed_bfloat16")
    layer.build((None, 1))
    layer.moving_mean.assign([1.0])
    layer(tf.fill((4, 1), 1.5), training=True)
    np.testing.assert_allclose(layer.moving_mean, [1.0005], rtol=1e-6)


def test_inference_leaves_the_statistics():
    layer = built(BatchNormalization, (4, 3))
    before = [getattr(layer, name).numpy() for name in STATE]
    layer(data((4, 3)), training=False)
    layer(data((4, 3)))
    for name, value in zip(STATE, before, strict=True):
        np.testing.assert_array_equal(getattr(layer, name), value)


def test_a_frozen_layer_normalizes_with_its_running_statistics_as_in_keras():
    ours, theirs = (built(make, (4, 3)) for make in (BatchNormalization, keras.layers.BatchNormalization))
    ours.trainable = theirs.trainable = False
    np.testing.assert_allclose(
        ours(data((4, 3)), training=True), theirs(data((4, 3)), training=True), rtol=1e-5, atol=1e-6
    )
    np.testing.assert_array_equal(ours.moving_mean, theirs.moving_mean)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("theirs", tiered([False, True], [False]))
def test_two_devices_are_one_over_the_whole_batch(shape, theirs, two_devices):
    """Outputs, all gradients and running statistics; against ours alone, and against Keras' synchronised layer."""
    values, weighing = data(shape), weights(shape)
    alone = built(BatchNormalization, shape)
    outputs, of_inputs, of_gamma, of_beta = trained(alone, values, weighing)
    with two_devices.scope():
        make = (lambda **o: keras.layers.BatchNormalization(synchronized=True, **o)) if theirs else BatchNormalization
        shared = built(make, shape)

    def step(values, weighing):
        outputs, of_inputs, of_gamma, of_beta = trained(shared, values, weighing)
        return tf.concat([tf.reshape(t, (-1, shape[-1])) for t in (outputs, of_inputs, [of_gamma], [of_beta])], 0)

    rows = np.prod(shape[:-1]) // 2
    answers = [np.split(a, [rows, 2 * rows, 2 * rows + 1]) for a in by_replica(two_devices, step, values, weighing)]
    for i, whole in enumerate((outputs, of_inputs)):
        together = np.concatenate([answer[i] for answer in answers]).reshape(shape)
        np.testing.assert_allclose(together, whole, rtol=1e-5, atol=1e-5)
    for i, whole in ((2, of_gamma), (3, of_beta)):
        np.testing.assert_allclose(sum(answer[i][0] for answer in answers), whole, rtol=1e-5, atol=1e-4)
    for name in STATE:
        np.testing.assert_allclose(getattr(shared, name), getattr(alone, name), rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("shape", [(4,), (4, 5, 3), (2, 2, 2, 2, 3)], ids=str)
def test_other_ranks_are_refused(shape):
    with pytest.raises(ValueError, match=str(shape[-1])):
        BatchNormalization()(np.zeros(shape, np.float32))


def test_a_batch_of_one_is_finite():
    layer = BatchNormalization()
    assert np.isfinite(layer(data((1, 3)), training=True)).all()
    assert np.isfinite(layer.moving_variance).all()
