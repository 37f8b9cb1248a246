"""Minibatch discrimination."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tfgan_models.layers.replicas import replica
from tfgan_models.shapes import static_size


@keras.saving.register_keras_serializable("tfgan_models")
class MinibatchDiscrimination(keras.layers.Layer):
    """How close each example is to the others of its batch, beside its features (Salimans et al. 2016, section 3.2).

    With M_i = f(x_i) T, a row for each kernel: o_b(x_i) = Σ_{j≠i} exp(−‖M_ib − M_jb‖₁). The paper's sum includes j = i,
    which adds 1; the authors' code leaves it out.

    The others are those of the global batch, so that replicas together answer as one. Also where it is no training an
    answer depends on its batch. As in the authors' code each column of T has a length of about 1 to begin with.

    Args:
        kernels: B, outputs to add.
        dimensions: C, of each kernel.

    Shapes:
        ``[n, f]`` to ``[n, f + kernels]``. Distances are float32 whatever the compute type.
    """

    def __init__(self, kernels: int = 100, dimensions: int = 5, **kwargs):
        super().__init__(**kwargs)
        self.kernels = kernels
        self.dimensions = dimensions

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create T.

        Raises:
            ValueError: the features are not ``[n, f]``.
        """
        if len(input_shape) != 2:
            raise ValueError(f"MinibatchDiscrimination takes features [n, f], received {tuple(input_shape)}")
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.kernels * self.dimensions),
            initializer=keras.initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal"),
            dtype="float32",
            autocast=False,
            aggregation="mean",
        )

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """The features and, beside them, how close the other examples are in each kernel."""
        projected = tf.matmul(tf.cast(features, tf.float32), self.kernel.value)
        here = tf.reshape(projected, (-1, self.kernels, self.dimensions))
        examples, everyone, own = tf.shape(here)[0], here, tf.range(tf.shape(here)[0])
        if replica().count > 1:
            everyone = tf.distribute.get_replica_context().all_gather(here, axis=0)
            own += examples * replica().index
        distances = tf.reduce_sum(tf.abs(here[:, tf.newaxis] - everyone[tf.newaxis]), -1)
        others = 1 - tf.one_hot(own, tf.shape(everyone)[0])
        head_spacing_penalty = tf.reduce_sum(tf.exp(-distances) * others[:, :, tf.newaxis], 1)
        return tf.concat([features, tf.cast(head_spacing_penalty, features.dtype)], -1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape with as many more features as there are kernels."""
        return (*input_shape[:-1], static_size(input_shape[-1]) + self.kernels)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "kernels": self.kernels, "dimensions": self.dimensions}
