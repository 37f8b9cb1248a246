"""Checkpoints that survive a kill at any instant and tell when they are damaged.

A checkpoint is a folder ``epoch-00007`` with ``variables.npz``, every variable bit for bit, and ``manifest.json``, its
hash and inventory. It is written under another name and renamed when whole, so that a folder of that name is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np

from tfgan_models.errors import InputError, NotFinite
from tfgan_models.files import flush, flush_folder
from tfgan_models.models.base import GenerativeModel

VARIABLES, MANIFEST = "variables.npz", "manifest.json"


class DamagedCheckpoint(Exception):
    """A checkpoint's files are not what its manifest says."""


def inventory(model: GenerativeModel) -> dict[str, keras.Variable]:
    """Every variable that a run depends on: weights, statistics, seed states, step, optimizers with their averages.

    The running means of the logs are not among them: every epoch begins by resetting them. The names count the
    variables; Keras' own paths depend on what else the process has built.
    """
    groups = {"model": model.variables}
    groups |= {f"optimizer-{player}": optimizer.variables for player, optimizer in model.optimizers.items()}
    return {f"{group}-{i:04d}": variable for group, members in groups.items() for i, variable in enumerate(members)}


def save(model: GenerativeModel, folder: str | os.PathLike, epoch: int, keep: int = 3) -> Path:
    """Write the checkpoint of an epoch's end; remove those of later epochs, and of the others all but the newest.

    Args:
        model: compiled.
        folder: holds the run's checkpoints.
        epoch: epochs that are finished.
        keep: how many checkpoints to keep, this one among them; at least 1.

    Returns:
        The checkpoint's folder.

    Raises:
        NotFinite: a variable is NaN or infinite; nothing is written.
    """
    variables = inventory(model)
    values = {name: variable.numpy() for name, variable in variables.items()}
    for name, variable in variables.items():
        if np.issubdtype(values[name].dtype, np.floating) and not np.isfinite(values[name]).all():
            raise NotFinite(f"the variable {variable.path} is no longer finite")
    folder = Path(folder)
    remove_unfinished(folder)
    unfinished, finished = folder / f".unfinished-{epoch:05d}", folder / f"epoch-{epoch:05d}"
    unfinished.mkdir(parents=True)
    with open(unfinished / VARIABLES, "wb") as file:
        np.savez(file, **values)
        flush(file)
    manifest = {
        "epoch": epoch,
        "step": int(model.step.numpy()),
        "sha256": {VARIABLES: _sha256(unfinished / VARIABLES)},
        "variables": {n: [v.path, list(v.shape), str(v.dtype)] for n, v in variables.items()},
    }
    with open(unfinished / MANIFEST, "w") as file:
        json.dump(manifest, file, indent=1)
        flush(file)
    flush_folder(unfinished)
    if finished.exists():  # a damaged one, that this replaces
        os.rename(finished, folder / f".unfinished-replaced-{epoch:05d}")
    os.rename(unfinished, finished)
    flush_folder(folder)
    # Newer ones were passed over as damaged, or the run would not be at this epoch: they count for nothing.
    newer = [c for c in checkpoints(folder) if epoch_of(c) > epoch]
    older = [c for c in checkpoints(folder) if epoch_of(c) <= epoch][:-keep]
    for unwanted in (*newer, *older):
        os.rename(unwanted, folder / f".unfinished-removed-{epoch_of(unwanted):05d}")
    remove_unfinished(folder)
    return finished


def checkpoints(folder: str | os.PathLike) -> list[Path]:
    """The checkpoints of a folder, oldest first."""
    found = (path for path in Path(folder).glob("epoch-*") if re.fullmatch(r"epoch-\d+", path.name))
    return sorted(found, key=epoch_of)


def epoch_of(checkpoint: Path) -> int:
    """How many epochs were finished when the checkpoint was written."""
    return int(checkpoint.name.removeprefix("epoch-"))


def restore(model: GenerativeModel, checkpoint: str | os.PathLike) -> None:
    """Give every variable of a compiled model the value it had.

    Raises:
        DamagedCheckpoint: a file is missing, truncated or changed; no variable was touched.
        OSError: a file is there but cannot be read now, for want of rights or of file handles.
        InputError: the checkpoint is of another model.
    """
    checkpoint = Path(checkpoint)
    try:
        manifest = json.loads((checkpoint / MANIFEST).read_text())
        if _sha256(checkpoint / VARIABLES) != manifest["sha256"][VARIABLES]:
            raise DamagedCheckpoint(f"{checkpoint / VARIABLES} has changed since it was written")
        with np.load(checkpoint / VARIABLES, allow_pickle=False) as file:
            values = {name: file[name] for name in file.files}
    except (FileNotFoundError, NotADirectoryError, BadZipFile, ValueError, KeyError, TypeError, EOFError) as error:
        raise DamagedCheckpoint(f"{checkpoint} cannot be read: {error}") from error
    variables = inventory(model)
    if {n: (v.shape, v.dtype.name) for n, v in values.items()} != {
        n: (tuple(v.shape), str(v.dtype)) for n, v in variables.items()
    }:
        raise InputError(f"{checkpoint} holds another model's variables: start over with --no-resume")
    for name, variable in variables.items():
        variable.assign(values[name])


def digest(model: GenerativeModel) -> str:
    """A hash of all weights and statistics: equal for runs that ended the same, to the bit."""
    whole = hashlib.sha256()
    for variable in model.variables:
        whole.update(variable.numpy().tobytes())
    return whole.hexdigest()[:16]


def remove_unfinished(folder: str | os.PathLike) -> None:
    """Remove what killed runs left half-written. Nothing else may be writing there."""
    for leftover in Path(folder).glob(".unfinished-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
