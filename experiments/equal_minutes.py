"""Train several models for equal times and measure each: ``python experiments/equal_minutes.py --table effects``.

Each row of a table is a command of ``tfgan train``. A step is timed first, in processor time of one thread, and the row
gets as many steps as fit into the table's minutes. Each finished run is a line of a file, so that the same command
continues an interrupted table. It prints a Markdown table with mean and standard deviation over the seeds.
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

from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES

SHORT, LONG = 20, 220  # steps of two runs: the difference of their times is that of the steps between
THREADS = {f"TF_NUM_{kind}OP_THREADS": "1" for kind in ("INTRA", "INTER")} | {"OMP_NUM_THREADS": "1"}
CELEBA_WEIGHTS = ("--gamma", "0.6", "--beta", "4")
CELEBA = ("--crop", "80", "--image_size", "64")


@dataclasses.dataclass(frozen=True)
class Row:
    """A command of ``tfgan train``.

    Attributes:
        name: the row's name.
        algorithm: the algorithm to train.
        flags: flags in addition to the table's.
        epochs: number of epochs, which all steps are divided into.
        steps_per_epoch: a fixed length of an epoch, from which the number of epochs follows; None to use ``epochs``.
    """

    name: str
    algorithm: str = "vaegan"
    flags: tuple[str, ...] = ()
    epochs: int = 16
    steps_per_epoch: int | None = None


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows that get equal minutes.

    Attributes:
        rows: the commands.
        minutes: processor time of each row's training steps.
        flags: flags of every row.
        columns: figures to show, as pairs of a column and a figure of ``evaluation.json``.
    """

    rows: tuple[Row, ...]
    minutes: float
    flags: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]


RECONSTRUCTIONS = tuple(
    ("reconstructions", figure)
    for figure in ("attribute_cosine", "attribute_squared_error", "pixel_error", "sharpness_of_data")
)
SAMPLES = tuple(
    ("samples", figure)
    for figure in ("frechet_distance", "precision", "density", "coverage", "sharpness_of_data", "nyquist_share_of_data")
)
TABLES = {
    "table_1": Table(
        (
            Row("GAN", "gan"),
            Row("VAE", "vae"),
            Row("hybrid", flags=("--reconstruction", "pixels", *CELEBA_WEIGHTS)),
            Row("VAE/GAN", flags=CELEBA_WEIGHTS),
        ),
        20,
        CELEBA,
        RECONSTRUCTIONS + SAMPLES,
    ),
    "effects": Table(
        (
            Row("the default"),
            Row("attribute loss, mean over attributes", flags=("--attribute_weight", "1")),
            Row("attribute loss, sum over attributes", flags=("--attribute_weight", str(len(ATTRIBUTE_NAMES)))),
            Row("equilibrium's gates", flags=("--equilibrium",)),
            Row("minimax in place of swapped labels", flags=("--loss", "minimax")),
            Row("γ 0.05", flags=("--gamma", "0.05")),
            Row("γ 0.005", flags=("--gamma", "0.005")),
            Row("γ 0.0005", flags=("--gamma", "0.0005")),
            Row("judged: reconstructions and samples of the prior", flags=("--judge_samples",)),
            Row("judged: samples of the prior", flags=("--judge_samples", "--no-judge_reconstructions")),
            Row("rate × 0.85 an epoch, no cooldown", flags=("--learning_rate_decay", "0.85", "--cooldown", "0")),
            Row("constant rate", flags=("--cooldown", "0")),
            Row("gradients clipped to [-1, 1]", flags=("--gradient_clip", "1")),
            Row("error in pixels", flags=("--similarity_layer", "image")),
            Row("error in the first convolution", flags=("--similarity_layer", "convolution_1")),
            Row("error in the last convolution", flags=("--similarity_layer", "features")),
        ),
        8,
        (),
        RECONSTRUCTIONS + SAMPLES,
    ),
    "presets": Table(
        (
            Row("larsen", flags=("--preset", "larsen"), steps_per_epoch=250),
            Row("bergamini", flags=("--preset", "bergamini"), epochs=12),
            Row("ours", flags=CELEBA_WEIGHTS),
        ),
        60,
        CELEBA,
        RECONSTRUCTIONS + SAMPLES,
    ),
}


@dataclasses.dataclass
class EqualMinutesFlags:
    """Train the rows of a table for equal processor times and measure them."""

    table: Literal["table_1", "effects", "presets"]
    """The table."""
    dataset: str = "faces"
    """As in tfgan train."""
    attributes: str | None = None
    """As in tfgan train."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Seeds of the runs of each row."""
    samples: int = 2000
    """Number of samples in each measurement."""
    output: Path = Path("runs/equal_minutes")
    """Folder of the runs, their exports and the file of results."""
    minutes: float | None = None
    """Minutes of each run in place of the table's."""


def train(row: Row, flags: list[str], steps: int, epochs: int) -> float:
    """Train in a separate process and return its processor time in seconds."""
    before = _processor_seconds()
    _tfgan(["train", row.algorithm, *flags, "--steps_per_epoch", str(steps), "--epochs", str(epochs)])
    return _processor_seconds() - before


def seconds_per_step(row: Row, flags: list[str]) -> float:
    """The processor time of a step, from two runs whose start costs the same."""
    times = []
    for steps in (SHORT, LONG):
        with tempfile.TemporaryDirectory() as folder:
            times.append(train(row, [*flags, "--no-export", "--no-health", "--run_dir", folder], steps, 1))
    short, long = times
    return (long - short) / (LONG - SHORT)


def run(row: Row, table: Table, options: EqualMinutesFlags, seed: int, step: float) -> dict:
    """Train a row with one seed and measure it."""
    total = round(60 * (options.minutes or table.minutes) / step)
    steps = row.steps_per_epoch or total // row.epochs
    name = f"{options.table}-{row.name}-{seed}".replace(" ", "_").replace("/", "")
    places = ["--run_dir", str(options.output / name), "--export_dir", str(options.output / "exports" / name)]
    flags = [*_data(options), *table.flags, *row.flags, "--seed", str(seed), *places]
    seconds = train(row, flags, steps, total // steps)
    _tfgan(["evaluate", "--model", places[-1], "--samples", str(options.samples)])
    (report,) = sorted(Path(places[-1]).glob("*/evaluation.json"))[-1:]
    metrics = (options.output / name / "metrics.csv").read_text().splitlines()
    last = dict(zip(metrics[0].split(","), metrics[-1].split(","), strict=True))
    return {
        "row": row.name,
        "seed": seed,
        "steps": steps * (total // steps),
        "seconds_per_step": step,
        "processor_seconds": seconds,
        "gates_closed": {key: float(last[key]) for key in last if key.endswith("gate_closed") and last[key]},
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


def main(options: EqualMinutesFlags) -> None:
    """Run what is missing, and print the table."""
    table = TABLES[options.table]
    options.output.mkdir(parents=True, exist_ok=True)
    file = options.output / f"{options.table}.jsonl"
    results = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    for seed in options.seeds:
        for row in table.rows:
            if any((result["row"], result["seed"]) == (row.name, seed) for result in results):
                continue
            timed = [result["seconds_per_step"] for result in results if result["row"] == row.name]
            flags = [*_data(options), *table.flags, *row.flags]
            step = timed[0] if timed else seconds_per_step(row, flags)
            results.append(run(row, table, options, seed, step))
            with file.open("a") as stream:
                stream.write(json.dumps(results[-1]) + "\n")
            print(f"{row.name}, seed {seed}: {results[-1]['steps']} steps of {step:.3f} s", flush=True)
    print(markdown(table, results))


def _data(options: EqualMinutesFlags) -> list[str]:
    attributes = ["--attributes", options.attributes] if options.attributes else []
    return ["--dataset", options.dataset, *attributes]


def _tfgan(arguments: list[str]) -> None:
    subprocess.run([sys.executable, "-m", "tfgan_models", *arguments], check=True, env=os.environ | THREADS)


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
