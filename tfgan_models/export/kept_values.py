"""Values that an export keeps besides the weights, such as vectors of attributes."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def kept(values: Any, name: str) -> tf.Variable:
    """Values as a variable, so that they are written once and can be read from the SavedModel."""
    return tf.Variable(tf.constant(values), trainable=False, name=name)
