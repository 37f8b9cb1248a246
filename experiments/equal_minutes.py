"""Train several models for equal times and measure each: ``python experiments/equal_minutes.py --table effects``.

Each row of a table is a command of ``tfgan train``. The steps of all rows are timed first, in processor time of one
thread, and each row gets as many steps as fit into the table's minutes. Nothing else should run while steps are timed.
Times and finished runs are kept in files, so that the same command continues an interrupted table. It prints a Markdown
table with mean and standard deviation over the seeds.
"""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

import numpy as np
import tyro
from rows import TABLES, Row, Table

from tfgan_models.callbacks.metrics_rows import read_rows

THREADS = {f"TF_NUM_{kind}OP_THREADS": "1" for kind in ("INTRA", "INTER")} | {"OMP_NUM_THREADS": "1"}


@dataclasses.dataclass
class EqualMinutesFlags:
    """Train the rows of a table for equal processor times and measure them."""

    table: Literal["table_1", "effects", "presets", "gans", "autoencoders"]
    """The table."""
    dataset: str = "faces"
    """As in tfgan train."""
    attributes: str | None = None
    """As in tfgan train."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Seeds of the runs of each row."""
    samples: int = 2000
    """Number of samples in each measurement."""
    rows: tuple[str, ...] = ()
    """Names of the rows to train; none for all."""
    output: Path = Path("runs/equal_minutes")
    """Folder of the runs, their exports and the file of results."""
    minutes: float | None = None
    """Minutes of each run in place of the table's."""
    timed_steps: tuple[int, int] = (20, 220)
    """Steps of two runs whose start costs the same: the difference of their times is that of the steps between."""
    only_time: bool = False
    """Time the steps of all rows and stop."""


def tfgan(arguments: list[str]) -> None:
    """Run the command ``tfgan`` in a separate process with one thread."""
    subprocess.run([sys.executable, "-m", "tfgan_models", *arguments], check=True, env=os.environ | THREADS)


def train(row: Row, flags: list[str], steps: int, epochs: int) -> float:
    """Train in a separate process and return its processor time in seconds."""
    before = _processor_seconds()
    tfgan(["train", row.algorithm, *flags, "--steps_per_epoch", str(steps), "--epochs", str(epochs)])
    return _processor_seconds() - before


def seconds_per_step(row: Row, flags: list[str], steps: tuple[int, int]) -> float:
    """The processor time of a step, from two runs of different numbers of steps."""
    times = []
    for number in steps:
        with tempfile.TemporaryDirectory() as folder:
            times.append(train(row, [*flags, "--no-export", "--no-health", "--run_dir", folder], number, 1))
    return (times[1] - times[0]) / (steps[1] - steps[0])


def time_all(table: Table, options: EqualMinutesFlags) -> dict[str, float]:
    """Read the processor time of a step of each row from a file, and measure those that are missing."""
    file = options.output / f"{options.table}_seconds_per_step.json"
    all_seconds = json.loads(file.read_text()) if file.exists() else {}
    seconds = all_seconds.setdefault(options.dataset, {})
    for row in table.rows:
        if row.name not in seconds:
            seconds[row.name] = seconds_per_step(row, [*_data(options), *table.flags, *row.flags], options.timed_steps)
            file.write_text(json.dumps(all_seconds, indent=2))
            print(f"{row.name}: {seconds[row.name]:.3f} s a step", flush=True)
    return seconds


def run(row: Row, table: Table, options: EqualMinutesFlags, seed: int, step: float) -> dict:
    """Train a row with one seed and measure it."""
    total = round(60 * (options.minutes or table.minutes) / step)
    steps = min(row.steps_per_epoch or total // row.epochs, total)
    name = f"{options.table}-{row.name}-{seed}".replace(" ", "_").replace("/", "")
    places = ["--run_dir", str(options.output / name), "--export_dir", str(options.output / "exports" / name)]
    flags = [*_data(options), *table.flags, *row.flags, "--seed", str(seed), *places]
    seconds = train(row, flags, steps, total // steps)
    tfgan(["evaluate", "--model", places[-1], "--samples", str(options.samples)])
    (report,) = sorted(Path(places[-1]).glob("*/evaluation.json"))[-1:]
    metrics = read_rows(options.output / name)
    last = metrics[max(metrics)]
    return {
        "row": row.name,
        "seed": seed,
        "flags": flags_of_all(table, options),
        "steps": steps * (total // steps),
        "seconds_per_step": step,
        "processor_seconds": seconds,
        "gates_closed": {key: value for key, value in last.items() if key.endswith("gate_closed")},
        "figures": json.loads(report.read_text())["figures"],
    }


def markdown(table: Table, results: list[dict]) -> str:
    """The Markdown table of all finished runs: mean ± standard deviation over the seeds."""
    titles = ["run", "seeds", "steps", *(f"{figure} of {column}" for column, figure in table.columns), "gates closed"]
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    for row in table.rows:
        runs = [result for result in results if result["row"] == row.name]
        if not runs:
            continue
        cells = [row.name, str(len(runs)), f"{np.mean([r['steps'] for r in runs]):,.0f}"]
        cells += [
            _mean_and_deviation([r["figures"].get(column, {}).get(figure) for r in runs])
            for column, figure in table.columns
        ]
        gates = sorted({key for r in runs for key in r["gates_closed"]})
        closed = {key: _mean_and_deviation([r["gates_closed"].get(key) for r in runs]) for key in gates}
        cells.append(", ".join(f"{key.removesuffix('_gate_closed')} {text}" for key, text in closed.items()))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def flags_of_all(table: Table, options: EqualMinutesFlags) -> dict[str, object]:
    """The flags that all runs of a table have in common."""
    return {
        "dataset": options.dataset,
        "attributes": options.attributes,
        "samples": options.samples,
        "minutes": options.minutes or table.minutes,
    }


def check_same_flags(results: list[dict], table: Table, options: EqualMinutesFlags) -> None:
    """End the program if finished runs in the folder have other flags."""
    flags = flags_of_all(table, options)
    for earlier in (result.get("flags") for result in results):
        if earlier != flags:
            sys.exit(f"--output {options.output}: its runs have the flags {earlier}, not {flags}; give another folder")


def main(options: EqualMinutesFlags) -> None:
    """Run what is missing, and print the table."""
    table = _with_rows(TABLES[options.table], options.rows)
    options.output.mkdir(parents=True, exist_ok=True)
    file = options.output / f"{options.table}.jsonl"
    results = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    check_same_flags(results, table, options)
    step_seconds = time_all(table, options)
    if options.only_time:
        return
    for seed in options.seeds:
        for row in table.rows:
            if any((result["row"], result["seed"]) == (row.name, seed) for result in results):
                continue
            results.append(run(row, table, options, seed, step_seconds[row.name]))
            with file.open("a") as stream:
                stream.write(json.dumps(results[-1]) + "\n")
            print(f"{row.name}, seed {seed}: {results[-1]['steps']} steps", flush=True)
    print(markdown(table, results))


def _with_rows(table: Table, names: tuple[str, ...]) -> Table:
    """The table with the rows of these names alone, or with all if there are none."""
    known = [row.name for row in table.rows]
    for name in names:
        if name not in known:
            sys.exit(f"--rows {name}: the table's rows are: {'; '.join(known)}")
    return dataclasses.replace(table, rows=tuple(row for row in table.rows if not names or row.name in names))


def _data(options: EqualMinutesFlags) -> list[str]:
    attributes = ["--attributes", options.attributes] if options.attributes else []
    return ["--dataset", options.dataset, *attributes]


def _processor_seconds() -> float:
    """The processor time of all separate processes so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _mean_and_deviation(values: list[float | None]) -> str:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return ""
    return f"{np.mean(numbers):.3g}" + (f" ± {np.std(numbers, ddof=1):.2g}" if len(numbers) > 1 else "")


if __name__ == "__main__":
    main(tyro.cli(EqualMinutesFlags))
