"""ONNX files of signatures. The packages of the extra ``onnx`` are imported when they are first used."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.export.portable import Portable

NAME = "ONNX"
SUFFIX = ".onnx"
PACKAGES = ("tf2onnx", "onnx", "onnxruntime")
OPSET = 18  # the newest that tf2onnx 1.17 writes


def convert(signature: Portable) -> bytes:
    """Convert a signature to the content of an ONNX file. The batch has any size.

    Raises:
        InputError: ONNX has no counterpart of an operation.
    """
    import onnx
    import tf2onnx

    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)  # the errors below say the same in one line
    model, _ = tf2onnx.convert.from_function(
        signature.function,
        # tf2onnx changes the names of the inputs that it gets.
        [tf.TensorSpec(spec.shape, spec.dtype, spec.name) for spec in signature.inputs],
        opset=OPSET,
        custom_op_handlers={"BroadcastArgs": (_broadcast_shapes, [])},
    )
    for node in model.graph.node:
        if not onnx.defs.has(node.op_type, node.domain):
            raise InputError(f"ONNX has no counterpart of the operation {node.op_type} of {node.name.split(':')[0]!r}")
    return model.SerializeToString()


def run(content: bytes, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compute the outputs of an ONNX file's content by name."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    values: Any = session.run(names, dict(inputs))  # Any, because ONNX also has outputs that are no arrays
    return dict(zip(names, values, strict=True))


def _broadcast_shapes(context: Any, node: Any, name: str, arguments: Any) -> None:
    """Convert TensorFlow's BroadcastArgs, which tf2onnx does not know: the shape of ones that are broadcast."""
    from onnx import TensorProto

    (first, second), (output,) = node.input, node.output
    context.remove_node(node.name)
    shapes = [context.make_node("Cast", [shape], attr={"to": TensorProto.INT64}).output[0] for shape in (first, second)]
    ones = context.make_node("ConstantOfShape", shapes[:1]).output[0]
    broadcast = context.make_node("Expand", [ones, shapes[1]]).output[0]
    shape = context.make_node("Shape", [broadcast]).output[0]
    context.make_node("Cast", [shape], attr={"to": TensorProto.INT32}, outputs=[output], dtypes=[TensorProto.INT32])
