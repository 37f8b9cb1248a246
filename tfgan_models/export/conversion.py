"""Conversion of an export to files of other runtimes, each checked against TensorFlow."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.export import keras_file, litert_format, onnx_format
from tfgan_models.export.exported_model import ExportedModel
from tfgan_models.export.file_names import MANIFEST
from tfgan_models.export.portable import Portable, portable_signatures, read_code_prior
from tfgan_models.export.saved_model import load, read_manifest, read_weights
from tfgan_models.files import atomic_write
from tfgan_models.shapes import static_size

FORMATS: dict[str, ModuleType] = {"onnx": onnx_format, "litert": litert_format}
EXAMPLES = 16  # inputs of the check
TOLERANCE = 1e-4


class Converted(NamedTuple):
    """A file that was written.

    Attributes:
        path: the file.
        difference: the largest difference of its outputs from TensorFlow's on 16 inputs.
    """

    path: Path
    difference: float


def convert(
    path: str | os.PathLike, formats: Sequence[str] = ("onnx",), signatures: Sequence[str] = ()
) -> Iterator[Converted]:
    """Convert an export to ``<version>/<format>/<signature>.onnx`` or ``.tflite``, and yield each file.

    The model is rebuilt in float32 whatever the precision of its training. A file is written only if its outputs differ
    from TensorFlow's by at most 1e-4 on 16 inputs; values above 1 count relative to the largest. The manifest gets
    the largest difference of each file.

    Args:
        path: folder of a version, or of versions, of which the newest is converted.
        formats: names of ``FORMATS``.
        signatures: names of signatures; by default all that need no draw: see ``portable_signatures``.

    Raises:
        InputError: the path is not an export, its model cannot be rebuilt, a package is missing, a signature is
            unknown or needs a draw, or it cannot be converted or differs too much.
    """
    for name in formats:
        check_format(name)
    exported = load(path)
    model = keras_file.rebuild(exported.path, [value for _, value in read_weights(exported)])
    vectors = exported.vectors if exported.editable else None
    available = {each.name: each for each in portable_signatures(model, read_code_prior(exported.path), vectors)}
    if unknown := [name for name in signatures if name not in available]:
        has = ", ".join(available)
        raise InputError(f"signatures {unknown[0]}: without a draw {exported.path} has {has}, give these", "signatures")
    examples = _examples(exported, available)
    for name in dict.fromkeys(formats):
        for signature in dict.fromkeys(signatures or available):
            yield _convert(exported.path, name, available[signature], examples)


def check_format(name: str) -> None:
    """Refuse a format whose packages are not installed.

    Raises:
        InputError: says what to install.
    """
    if name not in FORMATS:
        raise InputError(f"format {name}: give {' or '.join(FORMATS)}", "format")
    if missing := [package for package in FORMATS[name].PACKAGES if importlib.util.find_spec(package) is None]:
        raise InputError(
            f"format {name}: {missing[0]} is not installed, run: pip install 'tfgan_models[{name}]'", "format"
        )


def _convert(version: Path, name: str, signature: Portable, examples: Mapping[str, np.ndarray]) -> Converted:
    """Convert one signature, check the result, write it, and add it to the manifest."""
    path = version / name / f"{signature.name}{FORMATS[name].SUFFIX}"
    inputs = {str(spec.name): examples[str(spec.name)] for spec in signature.inputs}
    try:
        content = FORMATS[name].convert(signature)
    except InputError as error:
        raise _refused(signature, str(error)) from None
    expected = {key: value.numpy() for key, value in signature.function(*inputs.values()).items()}
    difference = largest_difference(FORMATS[name].run(content, inputs), expected)
    if not difference <= TOLERANCE:
        reason = f"{FORMATS[name].NAME} computes outputs that differ from TensorFlow's by {difference:.1e}"
        raise _refused(signature, f"{reason}, more than {TOLERANCE:g}")
    with atomic_write(path, "wb") as file:
        file.write(content)
    manifest = read_manifest(version)
    manifest[name] = manifest.get(name, {}) | {signature.name: float(f"{difference:.2g}")}
    with atomic_write(version / MANIFEST) as file:
        file.write(json.dumps(manifest, indent=2) + "\n")
    return Converted(path, difference)


def _refused(signature: Portable, reason: str) -> InputError:
    return InputError(f"signatures {signature.name}: {reason}; give those without it", "signatures")


def largest_difference(outputs: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> float:
    """The largest difference of outputs, relative to the largest expected value of an output if that is above 1.

    Infinite if an output has another shape, or is NaN.
    """
    differences = [0.0]
    for name, values in expected.items():
        if outputs[name].shape != values.shape:
            return float("inf")
        difference = float(np.abs(np.float64(outputs[name]) - values).max()) / max(1.0, float(np.abs(values).max()))
        differences.append(difference if np.isfinite(difference) else float("inf"))
    return max(differences)


def _examples(exported: ExportedModel, signatures: Mapping[str, Portable]) -> dict[str, np.ndarray]:
    """Inputs of the check by name: latents of the model's own distribution, their images, and random numbers."""
    random = np.random.default_rng(0)
    manifest = exported.manifest
    latents = random.standard_normal((EXAMPLES, manifest["latent_dim"]), np.float32)
    if "sample" in manifest["signatures"]:
        latents = exported("sample", count=EXAMPLES, seed=0)["latent"]
    images = signatures["generate"].function(tf.constant(latents))["image"].numpy()
    examples: dict[str, Any] = {"latent": latents, "image": np.clip(images, -1, 1)}
    if "sample" in signatures:
        noise = next(spec for spec in signatures["sample"].inputs if spec.name == "noise")
        examples["noise"] = random.standard_normal((EXAMPLES, static_size(noise.shape[1])), np.float32)
    examples["uniform"] = random.random(EXAMPLES, np.float32)
    # Of integers, because a label has to be below the number of classes, which is at least 2.
    examples["label"] = np.arange(EXAMPLES, dtype=np.int32) % 2
    if exported.editable:
        examples["strength"] = random.standard_normal((EXAMPLES, len(exported.editable)), np.float32)
    if "condition" in manifest:
        size = len(manifest["condition"]["names"])
        examples["condition"] = np.eye(size, dtype=np.float32)[np.arange(EXAMPLES) % size]
    return examples
