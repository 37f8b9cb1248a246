"""LiteRT files of signatures, formerly TensorFlow Lite. The extra ``litert`` has the runtime that checks them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.export.portable import Portable

NAME = "LiteRT"
SUFFIX = ".tflite"
PACKAGES = ("ai_edge_litert",)


def convert(signature: Portable) -> bytes:
    """Convert a signature to the content of a LiteRT file. The batch has any size.

    The operations are LiteRT's own, so that the runtime needs none of TensorFlow.

    Raises:
        InputError: LiteRT has no counterpart of an operation.
    """
    module: Any = tf.Module()
    module.weights = [variable.value for variable in signature.model.variables]
    with tempfile.TemporaryDirectory() as folder:
        # From a SavedModel, because a file that is converted from a function has no names of inputs and outputs.
        tf.saved_model.save(module, folder, {signature.name: signature.function})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[signature.name])
        try:
            return converter.convert()
        except Exception as error:  # the class of the converter's errors is private
            if not (missing := sorted(set(re.findall(r"'tf\.(\w+)' op is neither", str(error))))):
                raise
            raise InputError(f"LiteRT has no counterpart of the operation {' and '.join(missing)}") from None


def run(content: bytes, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compute the outputs of a LiteRT file's content by name."""
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(model_content=content).get_signature_runner()(**inputs)
