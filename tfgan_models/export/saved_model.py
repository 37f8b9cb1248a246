"""Export models as SavedModels with named signatures, and read them back.

A SavedModel is a program: load only those whose origin you trust.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_models import protocols
from tfgan_models.errors import InputError
from tfgan_models.export import card_files, conditional, keras_file, portable
from tfgan_models.export.exported_model import ExportedModel
from tfgan_models.export.file_names import MANIFEST
from tfgan_models.export.kept_values import kept
from tfgan_models.export.signatures import sampler_of, shapes, signatures
from tfgan_models.files import flush_folder, flush_tree, full_disk_names, remove_stale
from tfgan_models.latent.attribute_vectors import AttributeVectors
from tfgan_models.latent.code_prior import CodePrior
from tfgan_models.latent.model_directions import ModelDirections
from tfgan_models.models import variable_networks
from tfgan_models.models.base import GenerativeModel

_unfinished: set[Path] = set()  # folders of versions that this process is writing
ENTRIES = ("algorithm", "image_shape", "latent_dim", "signatures")  # of every manifest, which others read
DEFAULT_SIGNATURE = "serving_default"  # TensorFlow Serving calls it if a request names no signature


def save(
    model: GenerativeModel,
    folder: str | os.PathLike,
    manifest: dict[str, Any],
    attribute_names: tuple[str, ...] = (),
    code_prior: CodePrior | None = None,
    attribute_vectors: AttributeVectors | None = None,
    directions: ModelDirections | None = None,
) -> Path:
    """Export a model as the next version under a folder, numbered as TensorFlow Serving expects.

    ``model.keras``, the whole Keras model with float32 weights, lies next to the SavedModel.

    Args:
        model: a model with ``generate`` and optionally ``prior``, ``encode``, ``reconstruct``, ``discriminate`` and
            ``classify``; ``encode_style`` and ``reconstruct_as`` if latents consist of class and style.
        folder: folder of the versions: ``saved_models/vaegan``.
        manifest: further entries of the manifest, JSON values, for example the data set and the run.
        attribute_names: names in the order of the discriminator's attribute logits.
        code_prior: mixture fitted to the model's codes, from which ``sample`` draws latents: ``latent.code_prior``. By
            default it draws from the model's prior, like ``sample_prior``.
        attribute_vectors: vectors of a model with ``encode``, for ``edit`` and ``edit_image``:
            ``latent.attribute_vectors``.
        directions: directions without labels, which the export keeps for ``ExportedModel.direction_vectors``:
            ``latent.model_directions``.

    Returns:
        The version's folder, which is complete: after a failure nothing is left behind.
    """

    def write(unfinished: Path) -> None:
        functions = _write_saved_model(model, unfinished, code_prior, attribute_vectors, directions)
        keras_file.save(model, unfinished)
        if code_prior is not None:
            portable.save_code_prior(code_prior, unfinished)
        latent_dim, image_shape = shapes(model)
        contents = {
            "algorithm": type(model).__name__,
            "image_shape": list(image_shape),
            "latent_dim": latent_dim,
            "prior": model.prior.name if isinstance(model, protocols.SupportsPrior) else None,
            "sampler": sampler_of(model, code_prior),
            "code_prior": code_prior.about() if code_prior else None,
            "attribute_vectors": attribute_vectors.about() if attribute_vectors else None,
            "directions": directions.about() if directions else None,
            "signatures": list(functions),
            "networks": variable_networks.about(model, variable_networks.exported_variables(model)),
            "attribute_names": list(attribute_names),
            **conditional.about(model),
            **manifest,
        }
        (unfinished / MANIFEST).write_text(json.dumps(contents, indent=2) + "\n")
        card_files.write(unfinished, contents, functions.get("sample"))

    return add_version(Path(folder), write)


def add_version(folder: Path, write: Callable[[Path], None]) -> Path:
    """Add the next version under a folder of versions.

    Args:
        folder: the folder, which is made if it does not exist.
        write: writes the version to a folder with another name, which need not exist.

    Returns:
        The version's folder, which is complete: after a failure nothing is left behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    remove_stale(folder.glob(".unfinished-*"))
    unfinished = folder / f".unfinished-{secrets.token_hex(8)}"
    _unfinished.add(unfinished)
    try:
        with full_disk_names(folder):
            write(unfinished)
            flush_tree(unfinished)
            version = _assign_number(unfinished, folder)
            flush_folder(folder)
        return version
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    finally:
        _unfinished.discard(unfinished)


def remove_unfinished() -> None:
    """Remove the versions that this process has not finished."""
    for path in list(_unfinished):
        shutil.rmtree(path, ignore_errors=True)


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


def _write_saved_model(
    model: GenerativeModel,
    folder: Path,
    code_prior: CodePrior | None,
    attribute_vectors: AttributeVectors | None,
    directions: ModelDirections | None,
) -> dict[str, Any]:
    """Write the SavedModel, and return the functions of its signatures by their names."""
    module: Any = tf.Module()
    vectors = None
    if attribute_vectors is not None:
        vectors = module.attribute_vectors = kept(attribute_vectors.vectors, "attribute_vectors")
    if code_prior is not None and code_prior.effects is not None:
        module.condition_effects = kept(code_prior.effects, "condition_effects")
    condition = getattr(model, "condition", None)
    if condition is not None and condition.rows:
        module.condition_rows = kept(condition.table(), "condition_rows")
    if directions is not None:
        module.directions = kept(directions.vectors, "directions")
    functions = {
        name: tf.function(function, inputs, autograph=False)
        for name, function, inputs in signatures(model, code_prior, vectors)
    }
    # The TensorFlow variables, not Keras' wrappers: with these every weight would be written twice.
    module.weights = [variable.value for variable in variable_networks.exported_variables(model)]
    for name, function in functions.items():  # makes them methods of a SavedModel that is loaded without this package
        setattr(module, name, function)
    tf.saved_model.save(module, str(folder), {**functions, DEFAULT_SIGNATURE: next(iter(functions.values()))})
    return functions


def load(path: str | os.PathLike) -> ExportedModel:
    """Load an export; from a folder of versions the newest.

    Loading a SavedModel runs code that it contains: load only exports whose origin you trust.

    Raises:
        InputError: the path is not an export of this package.
    """
    path = version_of(path)
    try:
        return ExportedModel(path, read_manifest(path), _loaded(path))
    except InputError:
        raise
    except (OSError, ValueError, LookupError, tf.errors.OpError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{str(path)!r} is damaged, export it again: {reason}") from error


def _loaded(path: Path) -> Any:
    """Load the SavedModel in a folder. TensorFlow takes its path for a pattern, so brackets need a link without any."""
    if not set("*?[\\") & set(str(path)):
        return tf.saved_model.load(str(path))
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "model"
        link.symlink_to(path.resolve())
        return tf.saved_model.load(str(link))


def version_of(path: str | os.PathLike) -> Path:
    """The folder of an exported version; of a folder of versions the newest.

    Raises:
        InputError: the path is not an export of this package.
    """
    path = Path(path)
    if not (path / "saved_model.pb").exists() and path.is_dir() and (exported := versions(path)):
        path = exported[-1]
    if not (path / "saved_model.pb").exists() or not (path / MANIFEST).exists():
        raise InputError(f"{str(path)!r} is not an exported model: give a folder like saved_models/vaegan/1")
    return path


def read_weights(exported: ExportedModel) -> list[tuple[str, np.ndarray]]:
    """Read the weights and statistics of an export: paths and values, in the order of the model's variables."""
    return [(variable.name.partition(":")[0], variable.numpy()) for variable in exported._loaded.weights]


def read_manifest(version: str | os.PathLike) -> dict[str, Any]:
    """Read the manifest of an exported version without loading the model.

    Raises:
        InputError: the manifest cannot be read.
    """
    path = Path(version) / MANIFEST
    try:
        if not isinstance(manifest := json.loads(path.read_text()), dict):
            raise ValueError("it is not a JSON object")
        if missing := [entry for entry in ENTRIES if entry not in manifest]:
            raise ValueError(f"it has no entry {missing[0]!r}")
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
