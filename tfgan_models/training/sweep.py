"""Sweeps: one run for each number of labels and each label seed, and a table of their errors."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import multiprocessing
import re
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from tfgan_models.data.utils import FILES, name_behind_links
from tfgan_models.errors import RunFailed
from tfgan_models.files import atomic_write, read_json_or_empty
from tfgan_models.training import flags as common_flags
from tfgan_models.training.comparison import span
from tfgan_models.training.processes import exit_with_parent
from tfgan_models.training.stop_advice import advice, same_command

F = TypeVar("F", bound=common_flags.Flags)
ERRORS = "errors.json"  # in the folder of each run


def sweep(
    algorithm: str,
    flags: F,
    runs: Sequence[tuple[int, int]],
    perform: Callable[[F], None],
) -> None:
    """Make the runs, and write and print the table of their errors.

    Each run has its own process. An interrupted run resumes if the sweep is started again.

    Args:
        algorithm: name of the algorithm, for the folders.
        flags: flags of all runs.
        runs: the number of labels and the label seed of each run.
        perform: makes a run from flags with one number and one seed. It has to be picklable.

    Raises:
        RunFailed: a run was killed.
        SystemExit: a run ended with another exit code than 0, which becomes the exit code of the sweep.
    """
    folder = Path(flags.output.run_dir or default_folder(algorithm, flags.data.dataset))
    exports = Path(flags.output.export_dir or Path("saved_models") / algorithm)
    spawn = multiprocessing.get_context("spawn")  # each process needs its own TensorFlow settings
    errors: list[dict[str, Any]] = []
    command = same_command(flags.output.resume)
    advice.set_text(f"{command} to resume the sweep; finished runs are saved")
    for number, (labels, seed) in enumerate(runs, 1):
        name = f"labels-{labels}-seed-{seed}"
        print(f"\nrun {number} of {len(runs)}: {labels} labels, label seed {seed}", flush=True)
        folders = {"run_dir": str(folder / name), "export_dir": str(exports / name)}
        run_flags = dataclasses.replace(
            flags,
            model=dataclasses.replace(flags.model, num_labels=(labels,), label_seed=(seed,)),
            output=dataclasses.replace(flags.output, **folders),
        )
        process = spawn.Process(target=_perform, args=(perform, run_flags, sys.orig_argv))
        process.start()
        process.join()
        if process.exitcode is not None and process.exitcode < 0:
            raise RunFailed(f"the run in {folder / name} was killed: {command} to resume")
        if process.exitcode:
            raise SystemExit(process.exitcode)
        errors.append(read_json_or_empty(folder / name / ERRORS))
        _write(folder / "errors.csv", errors)
    print(f"\n{table(errors)}\n\ntable:       {folder / 'errors.csv'}")


def default_folder(algorithm: str, dataset: str) -> Path:
    """The folder of a sweep, the same for every spelling of a folder of pictures.

    Early versions named it after the spelling; where they have left a folder, the sweep goes on there.
    """
    source = dataset
    if dataset.startswith(FILES):
        kind, _, path = dataset.partition(":")
        source = f"{kind}:{name_behind_links(path)}"
    present, former = (
        Path("runs") / f"{algorithm}-{re.sub(r'[^A-Za-z0-9]+', '-', text).strip('-')}-sweep"
        for text in (source, dataset)
    )
    return former if former.exists() else present


def _perform(perform: Callable[[F], None], flags: F, call: list[str]) -> None:
    """Make a run in a process that exits with its parent, and prints commands as the sweep was called."""
    exit_with_parent()
    sys.orig_argv = call  # multiprocessing passes on sys.argv, but not how the interpreter was called
    perform(flags)


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    names = dict.fromkeys(name for row in rows for name in row)
    with atomic_write(path) as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def table(errors: Sequence[dict[str, Any]]) -> str:
    """A Markdown table of test errors in percent: mean ± standard deviation over label seeds, by number of labels."""
    lines = [
        "| labels | label seeds | test images | epochs | error | baseline: the labels alone |",
        "|---|---|---|---|---|---|",
    ]
    for labels, group in itertools.groupby(errors, lambda row: row["labels"]):
        rows = list(group)
        seeds = ", ".join(str(row["label_seed"]) for row in rows)
        figures = (_percent([row[name] for row in rows if name in row]) for name in ("test_error", "baseline_error"))
        epochs = span(row["epochs"] for row in rows)  # --keep_best may choose another one for each seed
        lines.append(f"| {labels} | {seeds} | {rows[0]['test_images']} | {epochs} | {' | '.join(figures)} |")
    return "\n".join(lines)


def _percent(shares: Sequence[float]) -> str:
    if not shares:
        return "—"
    deviation = f" ± {100 * statistics.stdev(shares):.2f}" if len(shares) > 1 else ""
    return f"{100 * statistics.mean(shares):.2f}{deviation} %"
