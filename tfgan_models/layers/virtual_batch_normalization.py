"""Batch normalization against a fixed reference batch."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from tfgan_models.keras_private import flatten_layers


class Statistics(NamedTuple):
    """Mean and variance of each channel of a reference batch, ``[c]``, and the number of its examples."""

    mean: tf.Tensor
    variance: tf.Tensor
    examples: tf.Tensor


class _Reference(threading.local):
    """Statistics of the reference batches inside of contexts. Local, as each replica is traced in its own thread."""

    collecting = False
    statistics: dict[int, Statistics] = {}


_reference = _Reference()


@keras.saving.register_keras_serializable("tfgan_models")
class VirtualBatchNormalization(keras.layers.Layer):
    """Normalization of each example with a fixed reference batch and itself (Salimans et al. 2016, section 3.5).

    The statistics of n reference examples weigh n/(n + 1), the example's own 1/(n + 1), so that an output does not
    depend on the other examples of its batch. Reference statistics must belong to the current weights: in training,
    call the network inside ``virtual_batch``, as ``VirtualBatchGenerator`` does. The layer keeps the last statistics,
    uses them outside of the context, and saves them; ``set_reference`` updates them. A new layer has the statistics
    of one example with mean 0 and variance 1.

    Args:
        epsilon: added to the variance.

    Shapes:
        ``[n, c]`` or ``[n, h, w, c]`` in and out. Statistics, gain and offset are float32 whatever the compute type.
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create gain, offset and the reference's statistics.

        Raises:
            ValueError: an input of another rank.
        """
        if len(input_shape) not in (2, 4):
            raise ValueError(f"VirtualBatchNormalization takes [n, c] or [n, h, w, c], received {tuple(input_shape)}")
        channels = (input_shape[-1],)
        options = {"dtype": "float32", "autocast": False, "aggregation": "mean"}
        self.gamma = self.add_weight(name="gamma", shape=channels, initializer="ones", **options)
        self.beta = self.add_weight(name="beta", shape=channels, initializer="zeros", **options)
        self.kept = Statistics(
            *(
                self.add_weight(name=f"reference_{name}", shape=shape, initializer=initial, trainable=False, **options)
                for name, shape, initial in (
                    ("mean", channels, "zeros"),
                    ("variance", channels, "ones"),
                    ("examples", (), "ones"),
                )
            )
        )

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Normalize each example; a reference batch is normalized with its own statistics."""
        values = tf.cast(inputs, tf.float32)
        if _reference.collecting:
            mean, variance = self._keep(values)
        else:
            mean, variance = self._combined(values)
        outputs = (values - mean) * tf.math.rsqrt(variance + self.epsilon) * self.gamma.value + self.beta.value
        return tf.cast(outputs, inputs.dtype)

    def _keep(self, values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        mean, variance = tf.nn.moments(values, list(range(values.shape.rank - 1)))
        statistics = Statistics(mean, variance, tf.cast(tf.shape(values)[0], tf.float32))
        _reference.statistics[id(self)] = statistics
        for kept, value in zip(self.kept, statistics, strict=True):
            kept.assign(tf.stop_gradient(value))
        return mean, variance

    def _combined(self, values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and variance of reference and example together: the authors' mean squares without cancellation."""
        kept = Statistics(*(variable.value for variable in self.kept))
        reference = _reference.statistics.get(id(self), kept)
        places = tf.range(1, values.shape.rank - 1)  # none in a vector: there the value is its own mean
        own_mean, own_variance = tf.nn.moments(values, places, keepdims=True)
        new = 1 / (reference.examples + 1)
        old = 1 - new
        mean = new * own_mean + old * reference.mean
        spread = new * old * tf.square(own_mean - reference.mean)
        return mean, new * own_variance + old * reference.variance + spread

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "epsilon": self.epsilon}


def has_virtual_batch_norm(network: keras.Model) -> bool:
    """Whether a network has a layer of type ``VirtualBatchNormalization``, at any depth."""
    return any(isinstance(layer, VirtualBatchNormalization) for layer in flatten_layers(network))


@contextlib.contextmanager
def virtual_batch(network: Callable[..., Any], reference: tf.Tensor, training: bool = True) -> Iterator[None]:
    """Run the reference batch through a network, and normalize with its statistics inside the context.

    Enter it inside the tape, whose gradients then flow through the statistics too.

    Args:
        network: a model with layers of type ``VirtualBatchNormalization`` at any depth, or its ``call``.
        reference: a batch of its inputs, drawn once and the same at every step.
        training: how the network is called.
    """
    outer = _reference.statistics
    _reference.statistics = dict(outer)
    try:
        _reference.collecting = True
        try:
            network(reference, training=training)
        finally:
            _reference.collecting = False
        yield
    finally:
        _reference.statistics = outer


def set_reference(network: keras.Model, reference: tf.Tensor) -> None:
    """Keep the statistics of a reference batch in all of a network's layers: before the first use, and before export.

    Args:
        network: has layers of type ``VirtualBatchNormalization``, at any depth.
        reference: a batch of its inputs.

    Raises:
        ValueError: the network has no such layer.
    """
    if not has_virtual_batch_norm(network):
        raise ValueError(f"{network.name!r} has no VirtualBatchNormalization layer for a reference batch")
    with virtual_batch(network, reference, training=False):
        pass
