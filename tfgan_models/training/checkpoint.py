"""Checkpoints that survive a kill at any time, and detect damage.

A checkpoint is a folder such as ``epoch-00007``. It holds ``variables.npz``, an exact copy of every variable, and
``manifest.json``, with a hash and a list of the variables. The folder is written under another name and renamed when it
is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np

from tfgan_models.errors import InputError, NotFinite
from tfgan_models.files import flush, flush_folder, full_disk_names
from tfgan_models.models import variable_networks
from tfgan_models.models.base import GenerativeModel

VARIABLES, MANIFEST = "variables.npz", "manifest.json"


class DamagedCheckpoint(Exception):
    """The files of a checkpoint do not match its manifest."""


def inventory(model: GenerativeModel) -> dict[str, keras.Variable]:
    """Every variable that a run depends on: weights, statistics, seed states, the step, and optimizers with averages.

    Metrics are left out, because every epoch resets them. The names are numbers, because the paths that Keras gives to
    variables depend on what else the process has built.
    """
    groups = {"model": model.variables}
    groups |= {f"optimizer-{player}": optimizer.variables for player, optimizer in model.optimizers.items()}
    return {f"{group}-{i:04d}": variable for group, members in groups.items() for i, variable in enumerate(members)}


def save(
    model: GenerativeModel,
    folder: str | os.PathLike,
    epoch: int,
    keep: int = 3,
    logs: Mapping[str, Any] | None = None,
) -> Path:
    """Write a checkpoint at the end of an epoch, and remove the checkpoints of later epochs and the oldest ones.

    Args:
        model: a compiled model.
        folder: folder of the run's checkpoints.
        epoch: the number of finished epochs.
        keep: the number of checkpoints to keep, including this one; at least 1.
        logs: the epoch's logs so far.

    Returns:
        The folder of the checkpoint.

    Raises:
        NotFinite: a variable is NaN or infinite. In this case nothing is written.
    """
    variables = inventory(model)
    values = {name: variable.numpy() for name, variable in variables.items()}
    for name, variable in variables.items():
        if np.issubdtype(values[name].dtype, np.floating) and not np.isfinite(values[name]).all():
            raise NotFinite(f"the variable {variable.path} is no longer finite")
    folder = Path(folder)
    remove_unfinished(folder)
    unfinished, finished = folder / f".unfinished-{epoch:05d}", folder / f"epoch-{epoch:05d}"
    with full_disk_names(folder):
        unfinished.mkdir(parents=True)
        with open(unfinished / VARIABLES, "wb") as file:
            np.savez(file, **values)
            flush(file)
        manifest = {
            "epoch": epoch,
            "step": int(model.step.numpy()),
            "sha256": {VARIABLES: _sha256(unfinished / VARIABLES)},
            "variables": {n: [v.path, list(v.shape), str(v.dtype)] for n, v in variables.items()},
            "networks": variable_networks.about(model),
            "averages": _averages(model, variables),
        }
        if logs is not None:
            manifest["logs"] = {name: float(np.mean(value)) for name, value in logs.items()}
        with open(unfinished / MANIFEST, "w") as file:
            json.dump(manifest, file, indent=1)
            flush(file)
    flush_folder(unfinished)
    if finished.exists():  # a damaged checkpoint of the same epoch
        os.rename(finished, folder / f".unfinished-replaced-{epoch:05d}")
    os.rename(unfinished, finished)
    flush_folder(folder)
    # Checkpoints of later epochs are damaged, or the run would have resumed from them.
    newer = [c for c in checkpoints(folder) if epoch_of(c) > epoch]
    older = [c for c in checkpoints(folder) if epoch_of(c) <= epoch][:-keep]
    for unwanted in (*newer, *older):
        os.rename(unwanted, folder / f".unfinished-removed-{epoch_of(unwanted):05d}")
    remove_unfinished(folder)
    return finished


def _averages(model: GenerativeModel, variables: Mapping[str, keras.Variable]) -> dict[str, str]:
    """For each variable of the model that has an average, its name and that of the average in the inventory."""
    from tfgan_models.training.ema import averages_of

    names = {id(variable): name for name, variable in variables.items()}
    averages = averages_of(model)
    return {names[id(v)]: names[id(averages[id(v)])] for v in model.variables if id(v) in averages}


def checkpoints(folder: str | os.PathLike) -> list[Path]:
    """The checkpoints in a folder, oldest first."""
    folders = (path for path in Path(folder).glob("epoch-*") if re.fullmatch(r"epoch-\d+", path.name))
    return sorted(folders, key=epoch_of)


def epoch_of(checkpoint: Path) -> int:
    """The number of finished epochs when the checkpoint was written."""
    return int(checkpoint.name.removeprefix("epoch-"))


def restore(model: GenerativeModel, checkpoint: str | os.PathLike, optimizers: bool = True) -> None:
    """Restore every variable of a compiled model.

    Args:
        model: with the networks of the model that was saved.
        checkpoint: folder such as ``runs/vaegan-digits/checkpoints/epoch-00007``.
        optimizers: restore the optimizers, too. Without them the model need not be compiled.

    Raises:
        DamagedCheckpoint: a file is missing, truncated or changed. In this case no variable has changed.
        OSError: a file exists but cannot be read, for lack of permission or of file handles.
        InputError: the checkpoint belongs to another model, or has optimizers and the model is not compiled.
    """
    checkpoint = Path(checkpoint)
    _, values = read(checkpoint)
    variables = inventory(model)
    if optimizers and not model.compiled and len(_of_model(values)) < len(values):
        raise InputError(
            f"{checkpoint} has optimizers and the model is not compiled: compile it, or restore with optimizers=False"
        )
    if not optimizers:
        variables, values = (_of_model(group) for group in (variables, values))
    if {n: (v.shape, v.dtype.name) for n, v in values.items()} != {
        n: (tuple(v.shape), str(v.dtype)) for n, v in variables.items()
    }:
        raise InputError(
            f"{checkpoint} belongs to another model: give another --run_dir, or start over with --no-resume"
        )
    for name, variable in variables.items():
        variable.assign(values[name])


def read(checkpoint: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read a checkpoint without a model: its manifest, and the values of its variables by their names.

    Raises:
        DamagedCheckpoint: a file is missing, truncated or changed.
        OSError: a file exists but cannot be read.
    """
    try:
        manifest = json.loads((checkpoint / MANIFEST).read_text())
        if _sha256(checkpoint / VARIABLES) != manifest["sha256"][VARIABLES]:
            raise DamagedCheckpoint(f"{checkpoint / VARIABLES} has changed since it was written")
        with np.load(checkpoint / VARIABLES, allow_pickle=False) as file:
            return manifest, {name: file[name] for name in file.files}
    except (FileNotFoundError, NotADirectoryError, BadZipFile, ValueError, KeyError, TypeError, EOFError) as error:
        raise DamagedCheckpoint(f"{checkpoint} cannot be read: {error}") from error


def _of_model(group: dict[str, Any]) -> dict[str, Any]:
    """The entries of an inventory without those of optimizers."""
    return {name: value for name, value in group.items() if name.startswith("model-")}


def read_logs(checkpoint: str | os.PathLike) -> dict[str, float] | None:
    """Read the logs that were saved in a checkpoint; None if there are none."""
    return json.loads((Path(checkpoint) / MANIFEST).read_text()).get("logs")


def digest(model: GenerativeModel) -> str:
    """A hash of all weights and statistics. It is equal for runs that end with the same bits."""
    sha256 = hashlib.sha256()
    for variable in model.variables:
        sha256.update(variable.numpy().tobytes())
    return sha256.hexdigest()[:16]


def remove_unfinished(folder: str | os.PathLike) -> None:
    """Remove incomplete checkpoints of killed runs. No other process may write to the folder."""
    for leftover in Path(folder).glob(".unfinished-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
