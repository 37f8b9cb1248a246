"""The maxout layer."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfgan_models")
class Maxout(keras.layers.Layer):
    """The largest of several linear functions for each unit: h_i(x) = max_j (x W_ij + b_ij) (Goodfellow et al. 2013).

    See "Maxout Networks" (1302.4389), section 3. The discriminator of the first GAN uses this layer.

    Args:
        units: number of outputs.
        pieces: number of linear functions for each unit.
        kernel_initializer: as in ``keras.layers.Dense``.

    Shapes:
        ``[n, ..., f]`` to ``[n, ..., units]``.

    Raises:
        ValueError: fewer than one unit or piece.
    """

    def __init__(self, units: int, pieces: int = 5, kernel_initializer: Any = "glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        if units < 1 or pieces < 1:
            raise ValueError(f"Maxout takes units and pieces of 1 or more, received {units} and {pieces}")
        self.units = units
        self.pieces = pieces
        self.kernel_initializer: Any = keras.initializers.get(kernel_initializer)
        self.dense = keras.layers.Dense(
            units * pieces, kernel_initializer=self.kernel_initializer, dtype=self.dtype_policy, name="pieces"
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights of all pieces."""
        self.dense.build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return the largest piece of each unit."""
        pieces = self.dense(inputs)
        leading = tf.shape(pieces)[:-1]
        outputs = tf.reduce_max(tf.reshape(pieces, tf.concat([leading, [self.units, self.pieces]], 0)), -1)
        return tf.ensure_shape(outputs, self.compute_output_shape(tuple(inputs.shape)))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the input's shape with ``units`` as its last size."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "pieces": self.pieces,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
