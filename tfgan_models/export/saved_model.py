"""Export models as SavedModels with named signatures, and read them back.

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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_models import protocols
from tfgan_models.errors import InputError
from tfgan_models.export import conditional
from tfgan_models.export.checks import check_value
from tfgan_models.export.parts import BLOCK, arrays, draw, generate, joined
from tfgan_models.export.signatures import sampler_of, shapes, signatures
from tfgan_models.files import flush_folder, flush_tree, remove_stale
from tfgan_models.latent.code_prior import CodePrior
from tfgan_models.models.base import GenerativeModel

MANIFEST = "manifest.json"
DEFAULT_SIGNATURE = "serving_default"  # TensorFlow Serving calls it if a request names no signature


def save(
    model: GenerativeModel,
    folder: str | os.PathLike,
    manifest: dict[str, Any],
    attribute_names: tuple[str, ...] = (),
    code_prior: CodePrior | None = None,
) -> Path:
    """Export a model as the next version under a folder, numbered as TensorFlow Serving expects.

    Args:
        model: a model with ``generate`` and optionally ``prior``, ``encode``, ``reconstruct``, ``discriminate`` and
            ``classify``; ``encode_style`` and ``reconstruct_as`` if latents consist of class and style.
        folder: folder of the versions: ``saved_models/vaegan``.
        manifest: further entries of the manifest, JSON values, for example the data set and the run.
        attribute_names: names in the order of the discriminator's attribute logits.
        code_prior: mixture fitted to the model's codes, from which ``sample`` draws latents: ``latent.code_prior``. By
            default it draws from the model's prior, like ``sample_prior``.

    Returns:
        The version's folder, which is complete: after a failure nothing is left behind.
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
            **conditional.about(model),
            **manifest,
        }
        (unfinished / MANIFEST).write_text(json.dumps(contents, indent=2) + "\n")
        flush_tree(unfinished)
        version = _assign_number(unfinished, folder)
        flush_folder(folder)
        return version
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _assign_number(unfinished: Path, folder: Path) -> Path:
    """Rename an export to the next free number; other processes may do the same at the same time."""
    number = max((int(v.name) for v in _version_folders(folder)), default=0)
    while True:
        number += 1
        try:
            return unfinished.rename(folder / str(number))
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise


def _write_saved_model(model: GenerativeModel, folder: Path, code_prior: CodePrior | None) -> list[str]:
    """Write the SavedModel, and return the names of its signatures."""
    functions = {
        name: tf.function(function, inputs, autograph=False) for name, function, inputs in signatures(model, code_prior)
    }
    names = list(functions)
    module: Any = tf.Module()
    # The TensorFlow variables, not Keras' wrappers: with these every weight would be written twice.
    module.weights = [variable.value for variable in model.variables]
    for name, function in functions.items():  # makes them methods of a SavedModel that is loaded without this package
        setattr(module, name, function)
    tf.saved_model.save(module, str(folder), {**functions, DEFAULT_SIGNATURE: functions[names[0]]})
    return names


@dataclasses.dataclass(frozen=True)
class ExportedModel:
    """A loaded export.

    Attributes:
        path: the version's folder.
        manifest: information written by the export: ``algorithm``, ``image_shape``, ``latent_dim``, ``prior``,
            ``sampler``, ``code_prior``, ``signatures``, ``attribute_names``, ``dataset`` and more. A run's export has
            ``averaged_weights``: the momentum of ``--ema`` if its weights are averages, else None.
    """

    path: Path
    manifest: dict[str, Any]
    _loaded: Any

    def inputs(self, signature: str) -> dict[str, tf.TensorSpec]:
        """Return the inputs of one of ``manifest["signatures"]``."""
        return self._loaded.signatures[signature].structured_input_signature[1]

    def sampler(self, source: str | None = None) -> str:
        """Name of the signature that draws from ``codes`` or from the ``prior``; ``sample`` by default.

        Raises:
            InputError: the model has no such signature.
        """
        signatures = self.manifest["signatures"]
        signature_of = {self.manifest.get("sampler", "prior"): "sample"}  # earlier versions had only the prior
        if "sample_prior" in signatures:
            signature_of["prior"] = "sample_prior"
        name = "sample" if source is None else signature_of.get(source)
        if name is None or name not in signatures:
            which = "no samples can be drawn" if source is None else f"--sampler {source}"
            raise InputError(
                f"{which}: {self.path} has the signatures {', '.join(signatures)} and "
                f"sampler {self.manifest.get('sampler')!r}"
            )
        return name

    def __call__(self, signature: str, **inputs: Any) -> dict[str, np.ndarray]:
        """Call a signature: ``exported("sample", count=64, seed=0)["image"]``.

        More than 128 samples are those of ``samples``, and more than 128 latents are given to ``generate`` in parts, so
        that the memory needed exceeds that of the result by no more than a fixed amount.

        Raises:
            InputError: the model has no such signature, or the signature takes other inputs.
        """
        if signature not in self.manifest["signatures"]:
            names = ", ".join(self.manifest["signatures"])
            raise InputError(f"{self.path} has no signature {signature!r}: it has {names}")
        function, specs = self._loaded.signatures[signature], self.inputs(signature)
        if set(inputs) != set(specs):
            raise InputError(f"{signature!r} takes {', '.join(specs)}, received {', '.join(inputs)}")
        tensors = {name: check_value(name, value, specs[name]) for name, value in inputs.items()}
        if set(specs) == {"image", "label"} and len(tensors["image"]) != len(tensors["label"]):
            raise InputError(f"label: give one for each of {len(tensors['image'])} images, not {len(tensors['label'])}")
        conditional.check_inputs(self.manifest, tensors)
        if set(specs) - {"condition"} == {"count", "seed"}:
            parts = draw(function, **tensors)
        elif set(specs) == {"latent"} and len(tensors["latent"]) > BLOCK:
            parts = generate(function, tensors["latent"])
        else:
            return arrays(function(**tensors))
        return joined(list(parts))

    def samples(
        self, count: int, seed: int = 0, source: str | None = None, condition: Any = None
    ) -> Iterator[dict[str, np.ndarray]]:
        """Draw samples part by part, each of at most 128: ``image`` and ``latent`` of any count in bounded memory.

        The first 128 are what the signature draws from the seed. Each further block of 128 has a seed that follows from
        the seed and its place, so that n samples are the first n of any larger number.

        Args:
            count: total number of samples.
            seed: the same seed gives the same samples.
            source: ``codes`` or ``prior``, as in ``sampler``.
            condition: condition ``[k]`` of all samples, which ``sample_as`` draws; see ``manifest["condition"]``.

        Raises:
            InputError: the model has no such signature, or count, seed or condition is out of range.
        """
        signature = self.sampler(source) if condition is None else "sample_as"
        specs = self.inputs(signature)
        inputs = {"count": count, "seed": seed} | ({} if condition is None else {"condition": condition})
        checked = {name: check_value(name, value, specs[name]) for name, value in inputs.items()}
        conditional.check_inputs(self.manifest, checked)
        return draw(self._loaded.signatures[signature], **checked)


def load(path: str | os.PathLike) -> ExportedModel:
    """Load an export; from a folder of versions the newest.

    Loading a SavedModel runs code that it contains: load only exports whose origin you trust.

    Raises:
        InputError: the path is not an export of this package.
    """
    path = Path(path)
    if not (path / "saved_model.pb").exists() and path.is_dir() and (exported := versions(path)):
        path = exported[-1]
    if not (path / "saved_model.pb").exists() or not (path / MANIFEST).exists():
        raise InputError(f"{str(path)!r} is not an exported model: give a folder like saved_models/vaegan/1")
    try:
        return ExportedModel(path, read_manifest(path), tf.saved_model.load(str(path)))
    except InputError:
        raise
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{str(path)!r} is damaged, export it again: {reason}") from error


def read_manifest(version: str | os.PathLike) -> dict[str, Any]:
    """Read the manifest of an exported version without loading the model.

    Raises:
        InputError: the manifest cannot be read.
    """
    path = Path(version) / MANIFEST
    try:
        if not isinstance(manifest := json.loads(path.read_text()), dict):
            raise ValueError("it is not a JSON object")
        return manifest
    except ValueError as error:
        raise InputError(f"{str(path)!r} is damaged, export the model again: {error}") from None


def versions(folder: str | os.PathLike) -> list[Path]:
    """List the exported versions under a folder, oldest first; empty if there is no folder.

    A numbered folder without a manifest is not an export of this package.
    """
    return [version for version in _version_folders(folder) if (version / MANIFEST).is_file()]


def _version_folders(folder: str | os.PathLike) -> list[Path]:
    """List the entries of a folder whose name is a number, the smallest first."""
    return sorted((v for v in Path(folder).glob("*") if re.fullmatch(r"[0-9]+", v.name)), key=lambda v: int(v.name))
