"""New layers that fade in while a network grows."""

from __future__ import annotations

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfgan_models")
class FadeIn(keras.layers.Layer):
    """α·new + (1 − α)·old (Karras et al. 2018, 1710.10196, section 2 and figure 2).

    α is a variable, which checkpoints hold. It begins at 0, and ``callbacks.FadeInSchedule`` raises it to 1 from step
    to step. All devices have the same α.

    Shapes:
        a list of two tensors of one shape, the new and the old one, to a tensor of this shape.
    """

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        """Create α."""
        self.alpha = self.add_weight(
            name="alpha",
            dtype="float32",
            initializer="zeros",
            trainable=False,
            autocast=False,
            aggregation="only_first_replica",
        )

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        """Mix both inputs, in float32."""
        new, old = (tf.cast(each, tf.float32) for each in inputs)
        alpha = tf.convert_to_tensor(self.alpha)
        return tf.cast(alpha * new + (1 - alpha) * old, inputs[0].dtype)

    def compute_output_shape(self, input_shape: list[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """The shape of the new input."""
        return tuple(input_shape[0])
