"""Read ``metrics.csv`` of a run. This module does not import TensorFlow."""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

FILE = "metrics.csv"


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
