"""Instance normalization."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfgan_models")
class InstanceNormalization(keras.layers.Layer):
    """Normalization of each map of each example by itself (Ulyanov et al. 2016, 1607.08022, equation 3).

    An output depends neither on the other examples of the batch nor on running statistics, so that training and
    inference are the same, and gradient penalties can be used. The contrast of a map is lost, and with it its mean.
    Statistics, gain and offset are float32 with every compute type.

    Args:
        epsilon: added to the variance.

    Shapes:
        ``[n, h, w, c]`` in and out.
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create gain and offset for the size of the last axis.

        Raises:
            ValueError: the inputs are not ``[n, h, w, c]``.
        """
        if len(input_shape) != 4:
            raise ValueError(f"InstanceNormalization takes [n, h, w, c], received {tuple(input_shape)}")

        def weight(name: str, initial: str) -> keras.Variable:
            return self.add_weight(
                name=name,
                shape=(input_shape[-1],),
                initializer=initial,
                dtype="float32",
                autocast=False,
                aggregation="mean",
            )

        self.gamma, self.beta = weight("gamma", "ones"), weight("beta", "zeros")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Normalize each map with its own mean and variance."""
        values = tf.cast(inputs, tf.float32)
        centered = values - tf.reduce_mean(values, (1, 2), keepdims=True)
        variance = tf.reduce_mean(tf.square(centered), (1, 2), keepdims=True)
        outputs = centered * (tf.math.rsqrt(variance + self.epsilon) * self.gamma) + self.beta
        return tf.cast(outputs, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "epsilon": self.epsilon}
