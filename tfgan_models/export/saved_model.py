"""Models as SavedModels with named signatures, and reading them back.

A SavedModel is a program: load only those whose origin you trust.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_models import protocols
from tfgan_models.errors import InputError
from tfgan_models.export.signatures import sampler_of, shapes, signatures
from tfgan_models.files import flush_folder, flush_tree, remove_stale
from tfgan_models.latent.code_prior import CodePrior
from tfgan_models.models.base import GenerativeModel

MANIFEST = "manifest.json"
DEFAULT_SIGNATURE = "serving_default"  # what TensorFlow Serving calls where no signature is named


def save(
    model: GenerativeModel,
    folder: str | os.PathLike,
    manifest: dict[str, Any],
    attribute_names: tuple[str, ...] = (),
    code_prior: CodePrior | None = None,
) -> Path:
    """Export a model as the next version under a folder, numbered as TensorFlow Serving expects.

    Args:
        model: has ``generate`` and, as it may, ``prior``, ``encode``, ``reconstruct``, ``discriminate`` and
            ``classify``; ``encode_style`` and ``reconstruct_as`` where latents have a class beside the style.
        folder: holds the versions: ``saved_models/vaegan``.
        manifest: what a user should know beside sizes and signatures, JSON values: the data set, the run.
        attribute_names: in the order of the discriminator's attribute logits.
        code_prior: what ``sample`` draws latents from, fitted to the model's codes: ``latent.code_prior``. By default
            it draws from the model's prior, as ``sample_prior`` always does.

    Returns:
        The version's folder. It is whole: where anything fails, nothing is left behind.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    remove_stale(folder.glob(".unfinished-*"))
    unfinished = folder / f".unfinished-{secrets.token_hex(8)}"
    try:
        names = _write_saved_model(model, unfinished, code_prior)
        latent_dim, image_shape = shapes(model)
        contents = {
            "algorithm": type(model).__name__,
            "image_shape": list(image_shape),
            "latent_dim": latent_dim,
            "prior": model.prior.name if isinstance(model, protocols.SupportsPrior) else None,
            "sampler": sampler_of(model, code_prior),
            "code_prior": code_prior.about() if code_prior else None,
            "signatures": names,
            "attribute_names": list(attribute_names),
            **manifest,
        }
        (unfinished / MANIFEST).write_text(json.dumps(contents, indent=2) + "\n")
        flush_tree(unfinished)
        version = _number(unfinished, folder)
        flush_folder(folder)
        return version
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _number(unfinished: Path, folder: Path) -> Path:
    """Give a finished export the next free number; another process may take one at the same time."""
    number = max((int(v.name) for v in _numbered(folder)), default=0)
    while True:
        number += 1
        try:
            return unfinished.rename(folder / str(number))
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise


def _write_saved_model(model: GenerativeModel, folder: Path, code_prior: CodePrior | None) -> list[str]:
    """Write the program and its variables, and return the names of its signatures."""
    functions = {
        name: tf.function(function, inputs, autograph=False) for name, function, inputs in signatures(model, code_prior)
    }
    names = list(functions)
    module: Any = tf.Module()
    # The TensorFlow variables themselves. Keras' own archive writes every weight twice, once for each of its wrappers.
    module.weights = [variable.value for variable in model.variables]
    for name, function in functions.items():  # so that a SavedModel read by TensorFlow alone has them as methods
        setattr(module, name, function)
    tf.saved_model.save(module, str(folder), {**functions, DEFAULT_SIGNATURE: functions[names[0]]})
    return names


@dataclasses.dataclass(frozen=True)
class Exported:
    """A SavedModel that was read back.

    Attributes:
        path: the version's folder.
        manifest: what was known at the export: ``algorithm``, ``image_shape``, ``latent_dim``, ``prior``, ``sampler``,
            ``code_prior``, ``signatures``, ``attribute_names``, ``dataset`` and more. A run's export has
            ``averaged_weights``: the momentum of ``--ema`` where its weights are averages, else None.
    """

    path: Path
    manifest: dict[str, Any]
    _loaded: Any

    def inputs(self, signature: str) -> dict[str, tf.TensorSpec]:
        """What one of ``manifest["signatures"]`` takes."""
        return self._loaded.signatures[signature].structured_input_signature[1]

    def sampler(self, source: str | None = None) -> str:
        """The signature that draws from ``codes`` or from the ``prior``; by default ``sample``, whatever it draws from.

        Raises:
            InputError: the model has no such signature.
        """
        signatures = self.manifest["signatures"]
        drawn_by = {self.manifest.get("sampler", "prior"): "sample"}  # earlier versions knew the prior alone
        if "sample_prior" in signatures:
            drawn_by["prior"] = "sample_prior"
        name = "sample" if source is None else drawn_by.get(source)
        if name is None or name not in signatures:
            which = "no samples can be drawn" if source is None else f"--sampler {source}"
            raise InputError(
                f"{which}: {self.path} has the signatures {', '.join(signatures)} and "
                f"sampler {self.manifest.get('sampler')!r}"
            )
        return name

    def __call__(self, signature: str, **inputs: Any) -> dict[str, np.ndarray]:
        """Call a signature: ``exported("sample", count=64, seed=0)["image"]``.

        Raises:
            InputError: the model has no such signature, or the signature other inputs.
        """
        if signature not in self.manifest["signatures"]:
            known = ", ".join(self.manifest["signatures"])
            raise InputError(f"{self.path} has no signature {signature!r}: it has {known}")
        function, specs = self._loaded.signatures[signature], self.inputs(signature)
        if set(inputs) != set(specs):
            raise InputError(f"{signature!r} takes {', '.join(specs)}, received {', '.join(inputs)}")
        outputs = function(**{k: tf.convert_to_tensor(v, specs[k].dtype) for k, v in inputs.items()})
        return {name: value.numpy() for name, value in outputs.items()}


def load(path: str | os.PathLike) -> Exported:
    """Read an export back; of a folder of versions the newest.

    Loading a SavedModel runs code that it contains: load only what you trust.

    Raises:
        InputError: there is no export of ours.
    """
    path = Path(path)
    if not (path / "saved_model.pb").exists() and path.is_dir() and (numbered := versions(path)):
        path = numbered[-1]
    if not (path / "saved_model.pb").exists() or not (path / MANIFEST).exists():
        raise InputError(f"{str(path)!r} is no exported model: give a folder like saved_models/vaegan/1")
    try:
        return Exported(path, read_manifest(path), tf.saved_model.load(str(path)))
    except InputError:
        raise
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{str(path)!r} is damaged, export it again: {reason}") from error


def read_manifest(version: str | os.PathLike) -> dict[str, Any]:
    """What is known of an exported version, without loading it.

    Raises:
        InputError: what is written there cannot be read.
    """
    path = Path(version) / MANIFEST
    try:
        if not isinstance(found := json.loads(path.read_text()), dict):
            raise ValueError("it holds no names and values")
        return found
    except ValueError as error:
        raise InputError(f"{str(path)!r} is damaged, export the model again: {error}") from None


def versions(folder: str | os.PathLike) -> list[Path]:
    """The exported versions under a folder, oldest first; none where there is no folder.

    A numbered folder without a manifest, made by hand or with another program, is none of ours.
    """
    return [numbered for numbered in _numbered(folder) if (numbered / MANIFEST).is_file()]


def _numbered(folder: str | os.PathLike) -> list[Path]:
    """Everything whose name is a number, the smallest first."""
    return sorted((v for v in Path(folder).glob("*") if re.fullmatch(r"[0-9]+", v.name)), key=lambda v: int(v.name))
