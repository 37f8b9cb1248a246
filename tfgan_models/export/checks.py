"""Checks of a signature's inputs: inside the graph, for every program that loads it, and in Python before the call.

The declared shapes of a signature do not protect it. TensorFlow calls a loaded signature with a tensor of any shape,
and kernels that rely on the declared number of axes then end the process. So the graph checks each input itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.models.keras_verbs import LIMIT

COUNT = "a number above 0"
IMAGE = "float32 values in [-1, 1]: bytes are converted by x / 127.5 - 1"
FINITE = "finite values"
SHARE = "values from 0 to 1"
# Inputs with a row for each image or latent.
PAIRED = ("label", "strength")


def check_tensor(spec: tf.TensorSpec, value: tf.Tensor, classes: int | None = None) -> tf.Tensor:
    """Add the checks of one input to the graph of a signature, and return the input after them.

    The signature keeps its declared shape, so that programs which read the signature see it. TensorFlow would remove
    checks that the declared shape makes true, therefore they are made on a tensor whose shape is hidden from it.

    Args:
        spec: the input, named ``image``, ``latent``, ``strength``, ``label``, ``count`` or ``seed``.
        value: the tensor that a caller gave, of any shape.
        classes: number of classes if the input is a label.
    """
    name, sizes = spec.name, spec.shape.as_list()
    if not sizes:
        # The names are in the error's message.
        number = tf.ensure_shape(tf.identity(value, name=name), (), name=f"{name}_must_be_a_number")
        if name != "count":
            return number
        with tf.control_dependencies([tf.debugging.Assert(number > 0, [f"count: give {COUNT}, not", number])]):
            return tf.identity(number)
    hidden = tf.raw_ops.PlaceholderWithDefault(input=value, shape=tf.TensorShape(None))  # pyright: ignore[reportArgumentType]
    shape = tf.shape(hidden)
    # Padded by -1, so that shapes of any rank can be compared with the declared one.
    padded = tf.concat([shape, tf.fill([len(sizes) + 1], -1)], 0)[: len(sizes) + 1]
    expected = tf.constant([-1 if size is None else size for size in sizes] + [-1], tf.int32)
    free = tf.constant([size is None for size in sizes] + [False])
    fits = tf.reduce_all(tf.where(free, padded >= 0, tf.equal(padded, expected)))
    checked = [tf.debugging.Assert(fits, [f"{name}: give the shape {shape_text(sizes)}, not", shape])]
    with tf.control_dependencies(checked):
        hidden = tf.identity(hidden)
    if name == "image":
        # NaN fails the comparison, too.
        checked = [_require(tf.abs(hidden) <= LIMIT, f"image: give {IMAGE}")]
    elif name in ("latent", "strength"):
        checked = [_require(tf.math.is_finite(hidden), f"{name}: give {FINITE}")]
    elif name == "condition":
        checked = [_require(tf.logical_and(hidden >= 0, hidden <= 1), f"condition: give {SHARE}")]
    elif name == "label" and classes is not None:
        inside = tf.logical_and(hidden >= 0, hidden < classes)
        checked = [_require(inside, f"label: give numbers from 0 to {classes - 1}")]
    with tf.control_dependencies(checked):
        return tf.ensure_shape(tf.identity(hidden), spec.shape)


def check_same_length(tensors: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Add the check that there is a label, or a row of strengths, for each image or latent; return all tensors."""
    of = "image" if "image" in tensors else "latent"
    checked = dict(tensors)
    for name in set(PAIRED) & tensors.keys():
        lengths = tf.shape(tensors[name])[0], tf.shape(tensors[of])[0]
        same = tf.debugging.Assert(tf.equal(*lengths), [f"{name}: give one for each {of}", *lengths])
        with tf.control_dependencies([same]):
            checked[name] = tf.identity(tensors[name])
    return checked


def check_lengths(tensors: dict[str, tf.Tensor]) -> None:
    """Check the inputs of a loaded signature as ``check_same_length`` does.

    Raises:
        InputError: the lengths differ.
    """
    of = "image" if "image" in tensors else "latent"
    for name in set(PAIRED) & tensors.keys():
        if len(tensors[name]) != len(tensors[of]):
            raise InputError(f"{name}: give one for each of {len(tensors[of])} {of}s, not {len(tensors[name])}")


def check_value(name: str, value: Any, spec: tf.TensorSpec) -> tf.Tensor:
    """Check one input of a loaded signature, also of an export without checks of its own, and convert it.

    Raises:
        InputError: the shape or the values are not those that the signature takes.
    """
    sizes = spec.shape.as_list()
    try:
        array = np.asarray(value)
        numbers = array.astype(spec.dtype.as_numpy_dtype)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name}: give numbers of the shape {shape_text(sizes)}") from None
    if array.ndim != len(sizes) or any(s not in (None, given) for s, given in zip(sizes, array.shape, strict=True)):
        raise InputError(
            f"{name}: give the shape {shape_text(sizes)}, not {shape_text(array.shape)}{_hint(array, sizes)}"
        )
    if spec.dtype.is_integer and not np.array_equal(array, numbers):
        raise InputError(f"{name} {value}: give whole numbers below {spec.dtype.max}")
    if name == "count" and numbers <= 0:
        raise InputError(f"count {value}: give {COUNT}")
    if name == "image" and not (np.abs(numbers) <= LIMIT).all():
        raise InputError(f"image: it has values from {numbers.min():g} to {numbers.max():g}, give {IMAGE}")
    if name in ("latent", "strength") and not np.isfinite(numbers).all():
        raise InputError(f"{name}: it has values that are NaN or infinite, give {FINITE}")
    return tf.convert_to_tensor(numbers, spec.dtype)


def shape_text(sizes: Sequence[int | None]) -> str:
    """A shape in one word, with n for a size that is free."""
    return f"[{', '.join('n' if size is None else str(size) for size in sizes)}]"


def _hint(array: np.ndarray, sizes: Sequence[int | None]) -> str:
    """Advice for an input whose batch axis is missing; empty for other inputs."""
    alone = array.ndim == len(sizes) - 1 and all(s in (None, g) for s, g in zip(sizes[1:], array.shape, strict=True))
    return "; add the batch axis by [None]" if alone else ""


def _require(conditions: tf.Tensor, message: str) -> tf.Operation:
    return tf.debugging.Assert(tf.reduce_all(conditions), [message])
