"""Gaussian noise that does not depend on the number of devices."""

from __future__ import annotations

import random
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.layers.replicas import replica
from tfgan_models.seeds import fold_in


@keras.saving.register_keras_serializable("tfgan_models")
class GaussianNoise(keras.layers.Layer):
    """Gaussian noise N(0, stddev²) that is added to every value in training, and not in inference.

    The noise is a pure function of the seed and of the number of calls in training, which the layer counts in a
    variable. Therefore a resumed run continues with the same noise. With several replicas, each uses its rows of the
    global batch's noise, so that the number of devices makes no difference, unlike in ``keras.layers.GaussianNoise``.
    Two batches that a model joins into one on each device are in another order there, and have other noise.

    Args:
        stddev: standard deviation of the noise.
        seed: seed of the draws; by default from the generator that ``keras.utils.set_random_seed`` seeds.

    Shapes:
        any, in and out.
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.stddev = stddev
        self.seed = random.randint(1, 10**9) if seed is None else seed

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the counter of calls."""
        self.calls = self.add_weight(
            name="calls", dtype="int64", initializer="zeros", trainable=False, aggregation="only_first_replica"
        )

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the inputs, in training with noise."""
        if not training:
            return inputs
        (index, count), examples = replica(), tf.shape(inputs)[0]
        seed = fold_in(tf.constant([self.seed, 0], tf.int64), self.calls.value)
        shape = tf.concat([[examples * count], tf.shape(inputs)[1:]], 0)
        noise = tf.random.stateless_normal(shape, seed)
        self.calls.assign_add(1)
        rows = noise[index * examples : (index + 1) * examples]
        return inputs + tf.cast(self.stddev * rows, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "stddev": self.stddev, "seed": self.seed}
