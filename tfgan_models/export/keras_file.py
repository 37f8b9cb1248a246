"""The Keras model next to a SavedModel, and the model that is rebuilt from it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.export.file_names import CONFIG_FILE, KERAS_FILE
from tfgan_models.files import DAMAGED
from tfgan_models.models.base import GenerativeModel
from tfgan_models.models.variable_networks import exported_variables

REDUCED = ("mixed_bfloat16", "mixed_float16", "bfloat16", "float16")  # types and policies of less than float32


def save(model: GenerativeModel, folder: Path) -> None:
    """Write ``model.keras`` to a folder: the whole model with float32 weights, without optimizers and past fakes."""
    # The moments of the optimizers would take twice the space of the weights, and past fakes may take more.
    config = model.get_config()
    if model.compiled or config.get("replay"):
        source, model = model, type(model).from_config(config | ({"replay": None} if "replay" in config else {}))
        for variable, value in zip(model.variables, exported_variables(source), strict=True):
            variable.assign(value)
    model.save(folder / KERAS_FILE)


def has_config(version: Path) -> bool:
    """Return whether an exported version has the configuration of its model."""
    return any((version / name).is_file() for name in (KERAS_FILE, CONFIG_FILE))


def rebuild(version: Path, weights: Sequence[np.ndarray]) -> GenerativeModel:
    """Rebuild the model of an export, which computes in float32 whatever the precision of its training.

    Args:
        version: the version's folder, with ``model.keras`` or ``model.json``.
        weights: values of the model's variables.

    Raises:
        InputError: there is no configuration, it cannot be read, or it does not fit the weights.
    """
    if not has_config(version):
        raise InputError(
            f"{str(version)!r} has no {KERAS_FILE}: an earlier version exported it, export the model again by "
            "starting the same training again"
        )
    path = version / (KERAS_FILE if (version / KERAS_FILE).is_file() else CONFIG_FILE)
    try:
        config = _in_float32(_read_config(path))
        model: Any = keras.models.model_from_json(
            json.dumps({k: v for k, v in config.items() if k != "compile_config"})
        )
        for variable, value in zip(model.variables, weights, strict=True):
            variable.assign(value)
    except DAMAGED as error:
        # Keras appends whole configurations to its first sentence.
        reason = (str(error) or type(error).__name__).strip().splitlines()[0].partition(". ")[0]
        raise InputError(f"{str(path)!r} is damaged, export the model again: {reason}") from None
    return model


def _read_config(path: Path) -> dict[str, Any]:
    """Read the configuration of a model."""
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    with zipfile.ZipFile(path) as file:
        return json.loads(file.read("config.json"))


def _in_float32(config: Any) -> Any:
    """A configuration in which all types and policies of less than float32 are float32."""
    if isinstance(config, dict):
        return {name: _in_float32(value) for name, value in config.items()}
    if isinstance(config, list):
        return [_in_float32(value) for value in config]
    return "float32" if isinstance(config, str) and config in REDUCED else config
