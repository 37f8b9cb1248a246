"""Minibatch discrimination."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tfgan_models.keras_private import flatten_layers
from tfgan_models.layers.replicas import replica
from tfgan_models.shapes import static_size


@keras.saving.register_keras_serializable("tfgan_models")
class MinibatchDiscrimination(keras.layers.Layer):
    """Features with the closeness of each example to the others of its batch (Salimans et al. 2016, section 3.2).

    Closeness is o_b(x_i) = Σ_{j≠i} exp(−‖M_ib − M_jb‖₁), where row b of M_i = f(x_i) T belongs to kernel b. The paper's
    sum includes j = i, which adds 1. The authors' code and this layer leave it out.

    The sum runs over the global batch, so that the number of replicas makes no difference. Outputs depend on the other
    examples of the batch in inference, too. Each column of T has an initial length of about 1. As in the authors' code,
    ``layers.weight_normalization.initialise`` scales T from data. The offset that they add to o is left out, because
    the next layer has one.

    Args:
        kernels: B, number of outputs to add.
        dimensions: C, number of dimensions of each kernel.

    Shapes:
        ``[n, f]`` to ``[n, f + kernels]``. Distances are float32 whatever the compute type.
    """

    def __init__(self, kernels: int = 100, dimensions: int = 5, **kwargs):
        super().__init__(**kwargs)
        self.kernels = kernels
        self.dimensions = dimensions
        self.initializing = False

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
        """Concatenate to the features how close the other examples are in each kernel."""
        if self.initializing:
            self._set_from_data(features)
        local_rows = self._project(features)
        examples, global_rows, indices = tf.shape(local_rows)[0], local_rows, tf.range(tf.shape(local_rows)[0])
        if replica().count > 1:
            global_rows = tf.distribute.get_replica_context().all_gather(local_rows, axis=0)
            indices += examples * replica().index
        distances = tf.reduce_sum(tf.abs(local_rows[:, tf.newaxis] - global_rows[tf.newaxis]), -1)
        is_other = 1 - tf.one_hot(indices, tf.shape(global_rows)[0])
        # expand_dims, because LiteRT has no indexing by a new axis for two sizes that are free.
        closeness = tf.reduce_sum(tf.exp(-distances) * tf.expand_dims(is_other, 2), 1)
        return tf.concat([features, tf.cast(closeness, features.dtype)], -1)

    def _project(self, features: tf.Tensor) -> tf.Tensor:
        """M, ``[n, B, C]``."""
        projected = tf.matmul(tf.cast(features, tf.float32), self.kernel.value)
        return tf.reshape(projected, (-1, self.kernels, self.dimensions))

    def _set_from_data(self, features: tf.Tensor) -> None:
        """Scale each kernel so that the mean distance of an example to its nearest one is 2."""
        rows = self._project(features)

        def nearest(row: tf.Tensor) -> tf.Tensor:
            distances = tf.reduce_sum(tf.abs(rows - row), -1)
            return tf.sort(distances, 0)[1]  # the smallest is 0, that of the example to itself

        mean = tf.reduce_mean(tf.map_fn(nearest, rows), 0)
        scale = tf.where(mean > 0, 2 / mean, 1.0)  # equal examples have no distance to scale
        self.kernel.assign(self.kernel.value * tf.repeat(scale, self.dimensions))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the input's shape with one more feature for each kernel."""
        return (*input_shape[:-1], static_size(input_shape[-1]) + self.kernels)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "kernels": self.kernels, "dimensions": self.dimensions}


def discriminates_minibatches(network: keras.Model) -> bool:
    """Return whether a network has a layer ``MinibatchDiscrimination`` at any depth."""
    return any(isinstance(layer, MinibatchDiscrimination) for layer in flatten_layers(network))
