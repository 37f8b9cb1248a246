"""Runs over several numbers of labels and label seeds, one after another, and their table."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
import multiprocessing
import re
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from tfgan_models.errors import RunFailed
from tfgan_models.files import replacing
from tfgan_models.training import flags as common_flags
from tfgan_models.training.processes import end_with_parent

F = TypeVar("F", bound=common_flags.Flags)
ERRORS = "errors.json"  # what a run leaves in its folder for the table


def sweep(
    algorithm: str,
    flags: F,
    runs: Sequence[tuple[int, int]],
    perform: Callable[[F], None],
) -> None:
    """Make the runs, each a process of its own that goes on where it was cut short, and write and print their table.

    Args:
        algorithm: names the folders.
        flags: of all runs.
        runs: number of labels and label seed of each.
        perform: makes a run, of the flags that name one number and one seed; picklable.

    Raises:
        RunFailed: a run was killed.
        SystemExit: a run ended with another exit code than 0, which is passed on.
    """
    source = re.sub(r"[^A-Za-z0-9]+", "-", flags.data.dataset).strip("-")
    folder = Path(flags.output.run_dir or Path("runs") / f"{algorithm}-{source}-sweep")
    exports = Path(flags.output.export_dir or Path("saved_models") / algorithm)
    spawn = multiprocessing.get_context("spawn")  # TensorFlow's settings are a process's own
    found: list[dict[str, Any]] = []
    for number, (labels, seed) in enumerate(runs, 1):
        name = f"labels-{labels}-seed-{seed}"
        print(f"\nrun {number} of {len(runs)}: {labels} labels, label seed {seed}", flush=True)
        places = {"run_dir": str(folder / name), "export_dir": str(exports / name)}
        own = dataclasses.replace(
            flags,
            model=dataclasses.replace(flags.model, num_labels=(labels,), label_seed=(seed,)),
            output=dataclasses.replace(flags.output, **places),
        )
        process = spawn.Process(target=_perform, args=(perform, own))
        process.start()
        process.join()
        if process.exitcode is not None and process.exitcode < 0:
            raise RunFailed(f"the run in {folder / name} was killed: run the same command to go on")
        if process.exitcode:
            raise SystemExit(process.exitcode)
        found.append(read_errors(folder / name / ERRORS))
        _write(folder / "errors.csv", found)
    print(f"\n{table(found)}\n\ntable:       {folder / 'errors.csv'}")


def _perform(perform: Callable[[F], None], flags: F) -> None:
    """Make a run that ends with its parent, however that ends, and leaves Ctrl-C to it."""
    end_with_parent()
    perform(flags)


def read_errors(path: Path) -> dict[str, Any]:
    """What a run left; nothing where there is none, or none that can be read."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    names = dict.fromkeys(name for row in rows for name in row)
    with replacing(path) as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def table(errors: Sequence[dict[str, Any]]) -> str:
    """Test errors in percent, a row for each number of labels: mean ± deviation over label seeds."""
    lines = [
        "| labels | label seeds | test images | epochs | error | baseline: the labels alone |",
        "|---|---|---|---|---|---|",
    ]
    for labels, group in itertools.groupby(errors, lambda row: row["labels"]):
        rows = list(group)
        seeds = ", ".join(str(row["label_seed"]) for row in rows)
        figures = (_percent([row[name] for row in rows if name in row]) for name in ("test_error", "baseline_error"))
        lines.append(f"| {labels} | {seeds} | {rows[0]['test_images']} | {rows[0]['epochs']} | {' | '.join(figures)} |")
    return "\n".join(lines)


def _percent(shares: Sequence[float]) -> str:
    if not shares:
        return "—"
    deviation = f" ± {100 * statistics.stdev(shares):.2f}" if len(shares) > 1 else ""
    return f"{100 * statistics.mean(shares):.2f}{deviation} %"
