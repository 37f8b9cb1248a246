"""Gaussian noise in a generator, which is a function of the latents."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.layers.latent_dropout import uniform


@keras.saving.register_keras_serializable("tfgan_models")
class LatentNoise(keras.layers.Layer):
    """Noise N(0, stddev²) on the values of each example, in training and not in inference (Zhao et al. 2016).

    The noise follows from the example's latent and the seed, as the masks of ``LatentDropout`` do. New latents have new
    and independent noise, and a resumed run and any number of devices have the same noise.

    Args:
        stddev: standard deviation of the noise.
        seed: seed of the noise; by default from the generator that ``keras.utils.set_random_seed`` seeds.

    Shapes:
        ``[hidden [n, ...], latents [n, latent_dim]]`` to ``[n, ...]``.

    Raises:
        InputError: the standard deviation is negative.
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs):
        if stddev < 0:
            raise InputError(f"stddev {stddev}: give a standard deviation of 0 or more", "stddev")
        # The bits of the latents matter, which a conversion to bfloat16 would change.
        super().__init__(**{"autocast": False, **kwargs})
        self.stddev = stddev
        self.seed = random.randint(1, 10**9) if seed is None else seed

    def call(self, inputs: Sequence[tf.Tensor], training: bool = False) -> tf.Tensor:
        """Return the hidden values, in training with noise."""
        hidden, latents = inputs
        if not training:
            return hidden
        noise = self.stddev * normal(latents, tf.shape(hidden)[1:], self.seed)
        return hidden + tf.cast(noise, hidden.dtype)

    def compute_output_shape(self, input_shape: Sequence[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """The shape of the hidden values."""
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "stddev": self.stddev, "seed": self.seed}


def normal(latents: tf.Tensor, shape: tf.Tensor, seed: int) -> tf.Tensor:
    """Numbers from N(0, 1) that follow from a latent, the place in the shape, and the seed (Box and Muller 1958).

    Args:
        latents: float32 ``[n, latent_dim]``.
        shape: shape of the numbers of each latent, an int32 vector.
        seed: a non-negative integer.

    Returns:
        float32 ``[n, *shape]``.
    """
    # The second seed is far from the first, because neighboring seeds share the hashes of most dimensions.
    radius = tf.sqrt(-2 * tf.math.log1p(-uniform(latents, shape, seed)))
    return radius * tf.cos(2 * math.pi * uniform(latents, shape, seed ^ 0x5BD1E995))
