"""Draw a distance against processor minutes: ``python experiments/distance_over_time.py --output growth.png``.

A GAN is trained with images of the full size from the start, and with images that grow (``--grow_from``); or, with
``--grow_depth``, with all residual blocks from the start, with blocks that are added, and without any. Each run is
measured several times on its way: the same command with more ``--epochs`` continues it. The processor time of a command
that has nothing left to train is subtracted, which is that of the start and of the export. Finished parts are kept in a
file, so that the same command continues; a run that was interrupted within a part starts again.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import tyro
from equal_minutes import tfgan, train
from rows import Row

from tfgan_models.callbacks.metrics_file import read_rows
from tfgan_models.data import sources


@dataclasses.dataclass(kw_only=True)
class DistanceOverTimeFlags:
    """Train and measure runs with and without growth, and draw both."""

    output: Path
    """PNG file of the figure. The runs and a file of the measurements are next to it."""
    image_size: int = 64
    """Side of the images at the end, in pixels."""
    grow_from: int = 16
    """Side of the images at the start of the runs that grow."""
    grow_depth: int | None = None
    """Number of residual blocks to add, in place of images that grow."""
    epochs_per_stage: int = 4
    """Epochs of each stage but the last."""
    steps_per_epoch: int = 100
    """Steps of an epoch."""
    parts: int = 5
    """Number of measurements of each run."""
    epochs_per_part: int = 3
    """Epochs between two measurements. The first one of a run that grows is after the first part of its last stage."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Seeds of the runs."""
    samples: int = 1000
    """Number of samples in each measurement."""
    figure: str = "frechet_distance"
    """The figure of the samples in evaluation.json that is drawn."""


def rows(flags: DistanceOverTimeFlags) -> dict[str, tuple[Row, int]]:
    """Each kind of run, and its epochs before the last stage."""
    if flags.grow_depth:
        blocks, each = ("--grow_depth", str(flags.grow_depth)), flags.epochs_per_stage
        return {
            "no blocks": (Row("plain", "gan"), 0),
            f"{flags.grow_depth} blocks from the start": (
                Row(f"deep-{flags.grow_depth}", "gan", (*blocks, "--epochs_per_stage", "0")),
                0,
            ),
            f"{flags.grow_depth} blocks, one after the other": (
                Row(f"deeper-{flags.grow_depth}-{each}", "gan", (*blocks, "--epochs_per_stage", str(each))),
                flags.grow_depth * each,
            ),
        }
    stages = int(np.log2(flags.image_size / flags.grow_from))
    grown = ("--grow_from", str(flags.grow_from), "--epochs_per_stage", str(flags.epochs_per_stage))
    return {
        "full size from the start": (Row("full", "gan"), 0),
        f"growing from {flags.grow_from} pixels": (Row("grown", "gan", grown), stages * flags.epochs_per_stage),
    }


def measure(row: Row, epochs_before: int, seed: int, flags: DistanceOverTimeFlags, known: list[dict]) -> None:
    """Train and measure the parts of a run that are not in ``known``, and add them."""
    folder = flags.output.parent / f"{row.name}-{seed}"
    command = ["--image_size", str(flags.image_size), *row.flags, "--seed", str(seed), "--no-health"]
    command += ["--run_dir", str(folder / "run"), "--export_dir", str(folder / "export")]
    done = parts_of(known, row.name, seed)
    if max(read_rows(folder / "run"), default=0) != (done[-1]["epochs"] if done else 0):
        # The time of the interrupted part is not known.
        shutil.rmtree(folder)
        known[:] = [part for part in known if part not in done]
        done = []
    seconds = done[-1]["seconds"] if done else 0.0
    for part in range(len(done) + 1, flags.parts + 1):
        epochs = epochs_before + part * flags.epochs_per_part
        spent = train(row, command, flags.steps_per_epoch, epochs)
        seconds += spent - train(row, command, flags.steps_per_epoch, epochs)
        tfgan(["evaluate", "--model", str(folder / "export"), "--samples", str(flags.samples)])
        newest = max(folder.glob("export/*/evaluation.json"), key=lambda file: int(file.parent.name))
        value = json.loads(newest.read_text())["figures"]["samples"][flags.figure]
        known.append({"row": row.name, "seed": seed, "epochs": epochs, "seconds": seconds, "value": value})
        flags.output.with_suffix(".json").write_text(json.dumps(known, indent=1))
        print(f"{row.name}, seed {seed}, {epochs} epochs: {seconds / 60:.1f} minutes, {value:.1f}", flush=True)


def parts_of(known: list[dict], name: str, seed: int) -> list[dict]:
    """The measured parts of a run in their order."""
    return [part for part in known if (part["row"], part["seed"]) == (name, seed)]


def draw(flags: DistanceOverTimeFlags, known: list[dict]) -> None:
    """Draw a thin line for each run, and a thick one for the mean of each kind."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    sheet, panel = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for i, (title, (row, _)) in enumerate(rows(flags).items()):
        runs = [parts_of(known, row.name, seed)[: flags.parts] for seed in flags.seeds]
        curves = np.array([[(part["seconds"] / 60, part["value"]) for part in run] for run in runs])
        for curve in curves:
            panel.plot(*curve.T, color=f"C{i}", linewidth=0.6, alpha=0.6)
        panel.plot(*curves.mean(axis=0).T, color=f"C{i}", marker="o", label=title)
    panel.set_xlabel("processor minutes")
    panel.set_ylabel(f"{flags.figure.replace('_', ' ')} of samples")
    panel.legend()
    sheet.savefig(flags.output, dpi=100)


def main(flags: DistanceOverTimeFlags) -> None:
    """Train and measure what is missing, and draw the figure."""
    flags.output.parent.mkdir(parents=True, exist_ok=True)
    file = flags.output.with_suffix(".json")
    known = json.loads(file.read_text()) if file.exists() else []
    stages = 0 if flags.grow_depth else int(np.log2(flags.image_size / flags.grow_from))
    for stage in range(stages + 1):
        for split in ("train", "test"):  # drawn now, as the first run would take long to draw them
            sources.load("faces", split, image_size=flags.image_size >> stage)
    for seed in flags.seeds:
        for row, epochs_before in rows(flags).values():
            measure(row, epochs_before, seed, flags, known)
    draw(flags, known)


if __name__ == "__main__":
    main(tyro.cli(DistanceOverTimeFlags))
