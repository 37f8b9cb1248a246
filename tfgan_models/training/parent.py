"""The model that a run starts from: a run, one of its checkpoints, an export or a ``.keras`` file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.files import DAMAGED
from tfgan_models.models import variable_networks
from tfgan_models.models.base import GenerativeModel
from tfgan_models.training import checkpoint
from tfgan_models.training.flag_rules import refusal
from tfgan_models.training.layer_matching import Weight

Averages = dict[int, np.ndarray]


class Parent(NamedTuple):
    """The weights of a model that another one starts from.

    Attributes:
        path: the file or folder that was read.
        weights: the model's variables; None for those that are not weights, such as counters and states of seeds.
        values: the value of each variable.
        averages: averages of variables by their place in the list, if optimizers computed them.
    """

    path: Path
    weights: list[Weight | None]
    values: list[np.ndarray]
    averages: Averages

    @property
    def digest(self) -> str:
        """The hash of all weights and statistics that a run prints at its end."""
        sha256 = hashlib.sha256()
        for value in self.values:
            sha256.update(value.tobytes())
        return sha256.hexdigest()[:16]


def read(path: str) -> Parent:
    """Read the weights of a model.

    Args:
        path: folder of a run, of a checkpoint, of an export or of its versions; or a ``.keras`` file.

    Raises:
        InputError: there is no such model, or it is damaged.
    """
    from tfgan_models import export

    folder = Path(path)
    if folder.suffix == ".keras":
        return _read_keras(folder)
    if (folder / checkpoint.VARIABLES).exists():
        return _read_checkpoint(folder)
    if saved := checkpoint.checkpoints(folder / "checkpoints"):
        return _read_run(path, saved)
    if (folder / "saved_model.pb").exists() or export.versions(folder):
        return _read_export(path)
    reason = "there is no checkpoint, export or .keras file there" if folder.exists() else "it does not exist"
    raise refusal("init_from", path, f"{reason}; give a run, runs/x, an export, saved_models/x/1, or a .keras file")


def weights_of(model: keras.Model) -> list[Weight | None]:
    """The variables of a model as ``match`` takes them."""
    networks = [""] * len(model.variables)
    if isinstance(model, GenerativeModel):
        networks = variable_networks.networks_of_variables(model)
    values = zip(networks, model.variables, strict=True)
    return _weights([(n, v.path, tuple(v.shape), str(v.dtype)) for n, v in values])


def _weights(variables: Sequence[tuple[str, str, Sequence[int], str]]) -> list[Weight | None]:
    """Leave out counters and the states of seeds, which are integers, and what belongs to no network."""
    known = any(network for network, *_ in variables)
    return [
        Weight(network, path, tuple(shape)) if "float" in dtype and (network or not known) else None
        for network, path, shape, dtype in variables
    ]


def _read_run(path: str, saved: list[Path]) -> Parent:
    """The newest checkpoint of a run that is not damaged."""
    damage: InputError | None = None
    for folder in reversed(saved):
        try:
            return _read_checkpoint(folder)
        except InputError as error:
            damage = damage or error
    raise damage or refusal("init_from", path, "there is no checkpoint")


def _read_checkpoint(folder: Path) -> Parent:
    def load() -> Parent:
        manifest, arrays = checkpoint.read(folder)
        names = sorted(name for name in arrays if name.startswith("model-"))
        networks = variable_networks.from_about(manifest.get("networks", []), len(names))
        described = [manifest["variables"][name] for name in names]
        weights = _weights([(n, *about) for n, about in zip(networks, described, strict=True)])
        averages = {names.index(name): arrays[average] for name, average in manifest.get("averages", {}).items()}
        return Parent(folder, weights, [arrays[name] for name in names], averages)

    return _refused_if_damaged(folder, load, checkpoint.DamagedCheckpoint, KeyError, TypeError, ValueError)


def _read_export(path: str) -> Parent:
    from tfgan_models import export

    try:
        exported = export.load(path)
    except InputError as error:
        raise InputError(f"--init_from {path}: {error}", "init_from") from None
    names, values = zip(*export.read_weights(exported), strict=True)
    networks = variable_networks.from_about(exported.manifest.get("networks", []), len(names))
    weights = _weights([(n, p, v.shape, str(v.dtype)) for n, p, v in zip(networks, names, values, strict=True)])
    return Parent(exported.path, weights, list(values), {})


def _read_keras(path: Path) -> Parent:
    if not path.exists():
        raise refusal("init_from", path, "it does not exist; give a .keras file, a run or an export")

    def load() -> Parent:
        model: Any = keras.saving.load_model(path)
        values = [variable.numpy() for variable in model.variables]
        averages: Averages = {}
        if isinstance(model, GenerativeModel) and model.compiled:
            from tfgan_models.training.ema import averages_of

            of = averages_of(model)
            averages = {i: of[id(v)].numpy() for i, v in enumerate(model.variables) if id(v) in of}
        return Parent(path, weights_of(model), values, averages)

    return _refused_if_damaged(path, load, *DAMAGED, InputError)


def _refused_if_damaged(path: Path, load: Callable[[], Parent], *errors: type[Exception]) -> Parent:
    """Read a parent; errors of its files become one line."""
    try:
        return load()
    except errors as error:
        reason = (str(error) or type(error).__name__).strip().splitlines()[0]
        raise refusal("init_from", path, f"it cannot be read, give another model: {reason}") from None
