"""Keep the checkpoint of the best epoch by a figure, and stop when no better one comes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tfgan_models.callbacks.metrics_file import read_rows
from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.errors import InputError
from tfgan_models.metrics.direction import column_of, higher_is_better, is_better
from tfgan_models.training import checkpoint

FOLDER = "best"  # in a run's folder


class Best(NamedTuple):
    """The best epoch so far.

    Attributes:
        epoch: the number of completed epochs.
        column: the figure's full name, with extractor and number of images.
        value: the figure.
        path: folder of the checkpoint.
    """

    epoch: int
    column: str
    value: float
    path: Path


class KeepBest(ModelCallback):
    """Save a checkpoint whenever a figure in the epoch's logs is better than ever before, and remove the one before.

    The figure stands in the checkpoint's manifest, so that a resumed run continues with it. Place the callback after
    those that measure, and before the one that writes the epoch's row.

    Args:
        folder: folder of the best checkpoint, in the run's folder.
        figure: name in the logs, which may lack extractor and number of images: ``samples/frechet_distance``.
        patience: number of epochs without a better figure, after which the training stops; None to never stop.

    Raises:
        InputError: at the end of the first epoch or evaluation that should have measured the figure and did not.
    """

    def __init__(self, folder: str | os.PathLike, figure: str, patience: int | None = None):
        super().__init__()
        self.folder = Path(folder)
        self.figure = figure
        self.patience = patience

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Compare the figure of an epoch, counted from 0, with the best one."""
        logs = logs or {}
        column, best = column_of(self.figure, logs), read_best(self.folder, self.figure)
        if column is None:
            # If an earlier epoch had it, the run measures it, and had too little memory for it in this epoch.
            if best is None and not any(column_of(self.figure, row) for row in read_rows(self.folder.parent).values()):
                self._require_evaluation(logs)
            return
        value = float(np.mean(logs[column]))
        if np.isfinite(value) and (best is None or best.column != column or is_better(column, value, best.value)):
            checkpoint.save(self.model, self.folder, epoch + 1, keep=1, logs=logs)
        elif best and self.patience and epoch + 1 - best.epoch >= self.patience:
            count = epoch + 1 - best.epoch
            print(f"\nstopping: no better {self.figure} than {best.value:.5g} of epoch {best.epoch} in {count} epochs")
            self.model.stop_training = True

    def _require_evaluation(self, logs: Mapping[str, Any]) -> None:
        """Refuse a figure that no epoch has had in its logs, unless an evaluation may still measure it."""
        if "/" not in self.figure:
            names = [name for name in logs if higher_is_better(name) is not None]
            choice = (
                f"choose one of {', '.join(names)}" if names else "add --evaluate_every, and choose one of samples/…"
            )
            raise InputError(f"--keep_best {self.figure}: the run does not measure it; {choice}", "keep_best")
        # An evaluation measures all of its figures or, without enough memory, none.
        measured = [
            "/".join(name.split("/")[:2]) for name in logs if "/" in name and higher_is_better(name) is not None
        ]
        if measured:
            raise InputError(
                f"--keep_best {self.figure}: the evaluation does not measure it; choose one of {', '.join(measured)}",
                "keep_best",
            )


def read_best(folder: str | os.PathLike, figure: str) -> Best | None:
    """The best checkpoint in a folder; None if there is none with this figure.

    A run that was killed while it replaced one may have left two.
    """
    candidates = []
    for path in checkpoint.checkpoints(folder):
        try:
            logs: Mapping[str, Any] = checkpoint.read_logs(path) or {}
        except (OSError, ValueError, AttributeError):
            continue  # damaged
        if column := column_of(figure, logs):
            candidates.append(Best(checkpoint.epoch_of(path), column, logs[column], path))
    best: Best | None = None
    for candidate in candidates:  # of equal ones the first
        if best is None or is_better(candidate.column, candidate.value, best.value):
            best = candidate
    return best
