"""Heads of clusters (Makhzani et al. 2015, 1511.05644, section 7)."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tfgan_models.shapes import static_size


@keras.saving.register_keras_serializable("tfgan_models")
class ClusterHeads(keras.layers.Layer):
    """Addition of a class's head to a style, y W + z, so that class and style lie in one space.

    The heads W are learned. Their initial values are drawn from N(0, I).

    Args:
        classes: number of heads.

    Shapes:
        ``[n, classes + d]``, class probabilities followed by a style, to ``[n, d]``.
    """

    def __init__(self, classes: int, **kwargs):
        super().__init__(**kwargs)
        self.classes = classes

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the heads."""
        shape = (self.classes, static_size(input_shape[-1]) - self.classes)
        self.heads = self.add_weight(name="heads", shape=shape, initializer=keras.initializers.RandomNormal(stddev=1.0))

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return the position of each example, ``[n, d]``."""
        return inputs[:, : self.classes] @ self.heads + inputs[:, self.classes :]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the styles."""
        return (*input_shape[:-1], static_size(input_shape[-1]) - self.classes)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "classes": self.classes}
