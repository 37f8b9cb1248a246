"""Stateless random functions, with the types that TensorFlow's stubs lack or get wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from tfgan_models.errors import InputError

Draw = Callable[..., tf.Tensor]
SCRAMBLE = 0x02461E293EC8F720  # the key with which TensorFlow mixes seeds (stateless_random_ops_v2.cc)


def fold_in(seed: tf.Tensor, number: tf.Tensor) -> tf.Tensor:
    """Derive a seed for a number, by ``tf.random.fold_in``.

    Args:
        seed: ``[2]``.
        number: integer scalar.

    Returns:
        ``[2]``.
    """
    return tf.random.fold_in(seed, number)  # pyright: ignore[reportArgumentType, reportReturnType]  # its stub says int


def shuffle(values: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Shuffle rows by a seed, with ``tf.random.experimental.stateless_shuffle``.

    Args:
        values: ``[n, ...]``.
        seed: ``[2]``.

    Returns:
        ``[n, ...]``.
    """
    return tf.random.experimental.stateless_shuffle(values, seed)  # pyright: ignore[reportAttributeAccessIssue]  # no stub


def to_32_bits(seed: tf.Tensor) -> tf.Tensor:
    """Derive a 32-bit seed, which TensorFlow Probability needs, from a 64-bit seed.

    Args:
        seed: int64 ``[2]``.

    Returns:
        int32 ``[2]``.
    """
    lowest: Any = None  # None draws from all integers, which the stub does not allow
    return tf.random.stateless_uniform((2,), seed, minval=lowest, maxval=None, dtype=tf.int32)


def draw_alike(draw: Draw, compiled: bool) -> Draw:
    """A function that draws the same numbers as ``draw``, except for rounding, in steps that XLA compiles.

    XLA has TensorFlow's generator (Philox, Salmon et al. 2011), but uses the lower halves of a 64-bit seed only, and
    makes other floats of the random bits.

    Args:
        draw: ``tf.random.stateless_normal`` or ``stateless_uniform``; any function if the step is not compiled.
        compiled: whether XLA compiles the step.

    Raises:
        InputError: XLA has no equal of the function.
    """
    if not compiled:
        return draw
    for function, alike in ((tf.random.stateless_normal, _normal), (tf.random.stateless_uniform, _uniform)):
        if draw is function:
            return alike
    raise InputError("jit: XLA cannot draw from the prior of this model as TensorFlow does, leave jit out", "jit")


def _uniform(shape: Sequence[int | tf.Tensor], seed: tf.Tensor) -> tf.Tensor:
    """``tf.random.stateless_uniform``: a float of [0, 1) has the lower 23 of 32 random bits as its fraction."""
    return tf.bitcast(_bits(shape, seed) & 0x7FFFFF | 0x3F800000, tf.float32) - 1  # below 2, with the exponent of 1


def _normal(shape: Sequence[int | tf.Tensor], seed: tf.Tensor) -> tf.Tensor:
    """``tf.random.stateless_normal``: the Box-Muller transform of each two uniform numbers in sequence."""
    count = tf.reduce_prod(shape)
    pairs = tf.reshape(_uniform((2 * ((count + 1) // 2),), seed), (-1, 2))
    radius = tf.sqrt(-2 * tf.math.log(tf.maximum(pairs[:, 0], 1e-7)))
    angle = 2 * math.pi * pairs[:, 1]
    normal = tf.reshape(tf.stack([tf.sin(angle) * radius, tf.cos(angle) * radius], 1), (-1,))
    return tf.reshape(normal[:count], shape)


def _bits(shape: Sequence[int | tf.Tensor], seed: tf.Tensor) -> tf.Tensor:
    """The 32 random bits of each number, uint32. TensorFlow makes Philox's key and counter of both seeds in full."""
    mixed = tf.cast(_philox((4,), tf.constant([SCRAMBLE], tf.uint64), tf.bitcast(seed, tf.uint64)), tf.uint64)
    key, counter = mixed[:1] | tf.bitwise.left_shift(mixed[1:2], 32), mixed[2:3] | tf.bitwise.left_shift(mixed[3:], 32)
    return _philox(shape, key, tf.concat([tf.zeros_like(counter), counter], 0))


def _philox(shape: Sequence[int | tf.Tensor], key: tf.Tensor, counter: tf.Tensor) -> tf.Tensor:
    alg = tf.random.Algorithm.PHILOX.value
    return tf.raw_ops.StatelessRandomUniformFullIntV2(shape=shape, key=key, counter=counter, alg=alg, dtype=tf.uint32)
