"""Contract of every layer: shapes, weights, serialization and mixed precision."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


def check_layer(
    make: Callable[[], keras.layers.Layer],
    input_shape: tuple[int, ...],
    output_shape: tuple[int, ...],
    trainable: int,
    non_trainable: int,
    non_linear_tolerance: float = 0.05,
) -> None:
    """Check a layer on one input.

    Args:
        make: a new layer of the same arguments at every call.
        input_shape: with the batch.
        output_shape: with the batch.
        trainable: how many trainable weights the layer has.
        non_trainable: how many others it has.
        non_linear_tolerance: how far an output under mixed_bfloat16 may be from float32's, absolute and relative.
    """
    inputs = np.random.default_rng(0).normal(size=input_shape).astype(np.float32)
    layer = make()
    outputs = {training: np.asarray(layer(inputs, training=training)) for training in (False, True)}
    for value in outputs.values():
        assert value.shape == output_shape
        assert np.isfinite(value).all()
    assert len(layer.trainable_weights) == trainable
    assert len(layer.non_trainable_weights) == non_trainable
    _check_symbolic_shapes(make, input_shape, output_shape)
    _check_serialization(layer, inputs)
    _check_gradients(make(), inputs)
    _check_mixed_precision(make, inputs, outputs[False], non_linear_tolerance)


def _check_symbolic_shapes(make, input_shape, output_shape) -> None:
    batch_free = keras.Input(input_shape[1:])
    assert make()(batch_free).shape == (None, *output_shape[1:])
    assert make().compute_output_shape(input_shape) == output_shape


def _check_serialization(layer: keras.layers.Layer, inputs: np.ndarray) -> None:
    """A model with the layer comes back from its configuration and weights and answers with the same bits."""
    images = keras.Input(inputs.shape[1:])
    model = keras.Model(images, layer(images))
    again = keras.Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(inputs), model(inputs))
    assert type(again.layers[-1]).from_config(layer.get_config()).get_config() == layer.get_config()


def _check_gradients(layer: keras.layers.Layer, inputs: np.ndarray) -> None:
    """Every trainable weight and the input are reached, eagerly and in a graph."""
    weighing = np.random.default_rng(1).normal(size=layer(inputs).shape).astype(np.float32)

    def gradients(inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            loss = tf.reduce_sum(layer(inputs, training=True) * weighing)
        return tape.gradient(loss, [inputs, *(v.value for v in layer.trainable_weights)])

    eager, graph = gradients(tf.constant(inputs)), tf.function(gradients)(tf.constant(inputs))
    for one, other in zip(eager, graph, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
        assert np.abs(one).max() > 0


def _check_mixed_precision(make, inputs: np.ndarray, expected: np.ndarray, tolerance: float) -> None:
    """Weights stay float32, outputs are bfloat16 and near float32's."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        layer = make()
        outputs = layer(inputs, training=False)
    finally:
        keras.config.set_dtype_policy(before)
    assert outputs.dtype == tf.bfloat16
    assert {v.dtype for v in layer.weights} <= {"float32", "int64", "uint32"}
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), expected, rtol=tolerance, atol=tolerance)
