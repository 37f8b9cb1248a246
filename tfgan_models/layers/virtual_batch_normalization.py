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
    """Statistics of the reference batches inside ``virtual_batch``.

    They are local to a thread, because each replica is traced in a thread of its own.
    """

    collecting = False
    statistics: dict[int, Statistics] = {}


_reference = _Reference()


@keras.saving.register_keras_serializable("tfgan_models")
class VirtualBatchNormalization(keras.layers.Layer):
    """Normalization of each example with a fixed reference batch and itself (Salimans et al. 2016, section 3.5).

    The statistics of n reference examples weigh n/(n + 1), the example's own 1/(n + 1), so that an output does not
    depend on the other examples of its batch. Reference statistics must belong to the current weights: in training,
    call the network inside ``virtual_batch``, as ``VirtualBatchGenerator`` does. The layer keeps the last statistics,
    uses them outside of the context, and saves them: after a step they are those of the weights before it, until
    ``set_reference`` updates them. A new layer has the statistics
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
        self.saved_statistics = Statistics(
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
            mean, variance = self._save_statistics(values)
        else:
            mean, variance = self._combined(values)
        outputs = (values - mean) * tf.math.rsqrt(variance + self.epsilon) * self.gamma.value + self.beta.value
        return tf.cast(outputs, inputs.dtype)

    def _save_statistics(self, values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        mean, variance = tf.nn.moments(values, list(range(values.shape.rank - 1)))
        statistics = Statistics(mean, variance, tf.cast(tf.shape(values)[0], tf.float32))
        _reference.statistics[id(self)] = statistics
        for variable, value in zip(self.saved_statistics, statistics, strict=True):
            variable.assign(tf.stop_gradient(value))
        return mean, variance

    def _combined(self, values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return mean and variance of the reference batch and each example together.

        The authors' code subtracts squared means, which cancels digits. These formulas do not.
        """
        saved = Statistics(*(variable.value for variable in self.saved_statistics))
        reference = _reference.statistics.get(id(self), saved)
        axes = tf.range(1, values.shape.rank - 1)  # empty for vectors, whose values are their own means
        example_mean, example_variance = tf.nn.moments(values, axes, keepdims=True)
        example_weight = 1 / (reference.examples + 1)
        reference_weight = 1 - example_weight
        mean = example_weight * example_mean + reference_weight * reference.mean
        spread = example_weight * reference_weight * tf.square(example_mean - reference.mean)
        return mean, example_weight * example_variance + reference_weight * reference.variance + spread

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "epsilon": self.epsilon}


def has_virtual_batch_norm(network: keras.Model) -> bool:
    """Return whether a network has a layer of type ``VirtualBatchNormalization``, at any depth."""
    return any(isinstance(layer, VirtualBatchNormalization) for layer in flatten_layers(network))


@contextlib.contextmanager
def virtual_batch(network: Callable[..., Any], reference: tf.Tensor, training: bool = True) -> Iterator[None]:
    """Run the reference batch through a network, and normalize with its statistics inside the context.

    Enter it inside the tape, whose gradients then flow through the statistics too.

    Args:
        network: a model with layers of type ``VirtualBatchNormalization`` at any depth, or its ``call``.
        reference: a batch of its inputs, drawn once and the same at every step.
        training: whether the network is called in training mode.
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
    """Save the statistics of a reference batch in a network's layers. Call it before the first use and before export.

    Args:
        network: network with layers of type ``VirtualBatchNormalization``, at any depth.
        reference: a batch of its inputs.

    Raises:
        ValueError: the network has no such layer.
    """
    if not has_virtual_batch_norm(network):
        raise ValueError(f"{network.name!r} has no VirtualBatchNormalization layer for a reference batch")
    with virtual_batch(network, reference, training=False):
        pass
