"""Stateless random functions of TensorFlow that its type stubs lack or get wrong."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def fold_in(seed: tf.Tensor, number: tf.Tensor) -> tf.Tensor:
    """``tf.random.fold_in``: a seed of its own for each number.

    Args:
        seed: ``[2]``.
        number: integer scalar.

    Returns:
        ``[2]``.
    """
    return tf.random.fold_in(seed, number)  # pyright: ignore[reportArgumentType, reportReturnType]  # its stub says int


def shuffle(values: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """``tf.random.experimental.stateless_shuffle``: the rows in an order that the seed decides.

    Args:
        values: ``[n, ...]``.
        seed: ``[2]``.

    Returns:
        ``[n, ...]``.
    """
    return tf.random.experimental.stateless_shuffle(values, seed)  # pyright: ignore[reportAttributeAccessIssue]  # no stub


def narrow(seed: tf.Tensor) -> tf.Tensor:
    """A seed of 32 bits, as TensorFlow Probability takes them, from one of 64.

    Args:
        seed: int64 ``[2]``.

    Returns:
        int32 ``[2]``.
    """
    lowest: Any = None  # draws from all integers; the stub does not allow for it
    return tf.random.stateless_uniform((2,), seed, minval=lowest, maxval=None, dtype=tf.int32)
