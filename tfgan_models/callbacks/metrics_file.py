"""Write a run's metrics to files."""

from __future__ import annotations

import csv
import json
import math
import os
from pathlib import Path

import keras
import numpy as np

from tfgan_models.callbacks.metrics_rows import FILE, put_aside_unreadable, read_rows
from tfgan_models.files import atomic_write

__all__ = ["FILE", "MetricsFile", "add_figure", "put_aside_unreadable", "read_rows"]


class MetricsFile(keras.callbacks.Callback):
    """Write ``metrics.csv``, one row per epoch, and ``metrics.json``, the last row, with null for NaN and infinity.

    A resumed run keeps the rows of completed epochs and writes the others again.

    Args:
        folder: the run's folder.
    """

    def __init__(self, folder: str | os.PathLike):
        super().__init__()
        self.folder = Path(folder)
        self.rows: dict[int, dict[str, float]] = {}

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Read the rows of earlier epochs."""
        self.rows = read_rows(self.folder)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Drop rows of epochs that are computed again."""
        self.rows = {e: row for e, row in self.rows.items() if e <= epoch}

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Rewrite both files."""
        self.rows[epoch + 1] = {name: float(np.mean(value)) for name, value in (logs or {}).items()}
        names = ["epoch", *dict.fromkeys(name for row in self.rows.values() for name in row)]
        with atomic_write(self.folder / "metrics.json") as file:
            newest = max(self.rows)  # ``add_figure`` may change an earlier one
            last = {name: value if math.isfinite(value) else None for name, value in self.rows[newest].items()}
            json.dump({"epoch": newest, **last}, file, indent=2, allow_nan=False)
            file.write("\n")
        # The row comes last, because it shows that the epoch is complete.
        with atomic_write(self.folder / FILE) as file:
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows({"epoch": e, **row} for e, row in sorted(self.rows.items()))


def add_figure(folder: str | os.PathLike, epoch: int, name: str, value: float) -> None:
    """Add a figure to the row of an epoch, counted from 1, in the files of a run's folder."""
    file = MetricsFile(folder)
    file.on_train_begin()
    file.on_epoch_end(epoch - 1, file.rows.get(epoch, {}) | {name: value})
