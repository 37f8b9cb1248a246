"""Dropout in a generator, whose masks are functions of the latents."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.errors import InputError


@keras.saving.register_keras_serializable("tfgan_models")
class LatentDropout(keras.layers.Layer):
    """Dropout (Srivastava et al. 2014) with a mask for each example that follows from its latent and the seed.

    New latents have new and independent masks, as if each were drawn. But the layer has no state, so that a resumed run
    and any number of devices have the same masks, unlike with ``keras.layers.Dropout``, and an example does not depend
    on its place in the batch. With ``in_inference``, a latent therefore always has the same image.

    Args:
        rate: probability with which a value becomes 0. The others are divided by ``1 - rate``.
        in_inference: drop values in inference, too, as Isola et al. 2016 do (1611.07004, section 2.1).
        seed: seed of the masks; by default from the generator that ``keras.utils.set_random_seed`` seeds.

    Shapes:
        ``[hidden [n, ...], latents [n, latent_dim]]`` to ``[n, ...]``.

    Raises:
        InputError: the rate is not in [0, 1).
    """

    def __init__(self, rate: float, in_inference: bool = False, seed: int | None = None, **kwargs):
        if not 0 <= rate < 1:
            raise InputError(f"rate {rate}: give a dropout rate of 0 or more, and less than 1", "rate")
        # The bits of the latents matter, which a conversion to bfloat16 would change.
        super().__init__(**{"autocast": False, **kwargs})
        self.rate = rate
        self.in_inference = in_inference
        self.seed = random.randint(1, 10**9) if seed is None else seed

    def call(self, inputs: Sequence[tf.Tensor], training: bool = False) -> tf.Tensor:
        """Return the hidden values, in training with some of them dropped."""
        hidden, latents = inputs
        if not (training or self.in_inference):
            return hidden
        kept = uniform(latents, tf.shape(hidden)[1:], self.seed) >= self.rate
        return tf.where(kept, hidden / (1 - self.rate), tf.zeros_like(hidden))

    def compute_output_shape(self, input_shape: Sequence[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """The shape of the hidden values."""
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "in_inference": self.in_inference, "seed": self.seed}


def uniform(latents: tf.Tensor, shape: tf.Tensor, seed: int) -> tf.Tensor:
    """Numbers from [0, 1) that are a hash of a latent, of the place in the shape, and of the seed.

    TensorFlow's random functions have one seed for all examples, so that the numbers of one would depend on its place
    in the batch.

    Args:
        latents: float32 ``[n, latent_dim]``.
        shape: shape of the numbers of each latent, an int32 vector.
        seed: a non-negative integer.

    Returns:
        float32 ``[n, *shape]``.
    """
    bits = tf.bitcast(tf.cast(latents, tf.float32), tf.uint32)
    of_dimension = _mix(tf.cast(tf.range(tf.shape(bits)[1]), tf.uint32) + seed)
    of_latent = _mix(tf.reduce_sum(_mix(tf.bitwise.bitwise_xor(bits, of_dimension)), 1))
    of_place = _mix(tf.cast(tf.range(tf.reduce_prod(shape)), tf.uint32))
    numbers = _mix(tf.bitwise.bitwise_xor(of_latent[:, None], of_place))
    # The 24 upper bits are a float32 without rounding.
    fractions = tf.cast(tf.bitwise.right_shift(numbers, tf.constant(8, tf.uint32)), tf.float32) / 2**24
    return tf.reshape(fractions, tf.concat([tf.shape(latents)[:1], shape], 0))


def _mix(numbers: tf.Tensor) -> tf.Tensor:
    """Scramble uint32 numbers, by the finalizer of MurmurHash3 (A. Appleby, public domain)."""
    for factor, shift in ((0x85EBCA6B, 16), (0xC2B2AE35, 13), (1, 16)):
        shifted = tf.bitwise.right_shift(numbers, tf.constant(shift, tf.uint32))
        numbers = tf.bitwise.bitwise_xor(numbers, shifted) * tf.constant(factor, tf.uint32)
    return numbers
