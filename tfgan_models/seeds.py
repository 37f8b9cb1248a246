"""Stateless random functions, with the types that TensorFlow's stubs lack or get wrong."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


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
