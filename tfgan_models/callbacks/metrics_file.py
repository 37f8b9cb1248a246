"""Write a run's metrics to files."""

from __future__ import annotations

import csv
import json
import math
import os
import sys
from pathlib import Path

import keras
import numpy as np

from tfgan_models.files import atomic_write

FILE = "metrics.csv"


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
        with atomic_write(self.folder / FILE) as file:
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows({"epoch": e, **row} for e, row in sorted(self.rows.items()))
        with atomic_write(self.folder / "metrics.json") as file:
            last = {name: value if math.isfinite(value) else None for name, value in self.rows[epoch + 1].items()}
            json.dump({"epoch": epoch + 1, **last}, file, indent=2, allow_nan=False)
            file.write("\n")


def add_figure(folder: str | os.PathLike, epoch: int, name: str, value: float) -> None:
    """Add a figure to the row of an epoch, counted from 1, in the files of a run's folder."""
    file = MetricsFile(folder)
    file.on_train_begin()
    file.on_epoch_end(epoch - 1, file.rows.get(epoch, {}) | {name: value})


def read_rows(folder: str | os.PathLike) -> dict[int, dict[str, float]]:
    """Read the rows of ``metrics.csv`` in a run's folder by their epochs; empty if it is missing or unreadable."""
    return _read(Path(folder) / FILE) or {}


def put_aside_unreadable(folder: str | os.PathLike) -> None:
    """Rename ``metrics.csv`` in a run's folder, and print a line, if its rows cannot be read.

    Another program may have saved the file in its own format. A run can do without the metrics of its earlier epochs.
    """
    path = Path(folder) / FILE
    if _read(path) is not None:
        return
    number = 1
    while (aside := path.with_name(f"{FILE}.unreadable-{number}")).exists():
        number += 1
    os.rename(path, aside)
    print(
        f"unreadable:  {path}, perhaps saved by another program, is now {aside.name}; "
        "the run continues with a new file",
        file=sys.stderr,
    )


def _read(path: Path) -> dict[int, dict[str, float]] | None:
    """Read the rows of a file by their epochs; None if it is not a table of numbers with a column ``epoch``.

    A missing file has no rows.
    """
    try:
        # Spreadsheets may write a byte order mark.
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if "epoch" not in (reader.fieldnames or ["epoch"]):
                return None
            rows = [{k: float(v) for k, v in row.items() if v} for row in reader]
        return {int(row.pop("epoch")): row for row in rows}
    except FileNotFoundError:
        return {}
    except (KeyError, OverflowError, TypeError, ValueError, csv.Error):
        return None
