"""Compare runs: ``tfgan compare runs/* --output compare.png``. This command does not need TensorFlow."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from typing import Annotated

from tfgan_models.cli import outputs, train
from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.errors import InputError
from tfgan_models.metrics.direction import column_of
from tfgan_models.training import comparison, flag_rules
from tfgan_models.training.comparison import Run
from tfgan_models.training.flag_rules import refusal
from tfgan_models.training.path_flags import IsPath

SAMPLES = ("frechet_distance", "kernel_distance", "coverage", "two_sample_accuracy")
DEFAULT = (*(f"samples/{name}" for name in SAMPLES), "reconstructions/attribute_cosine")
DEFAULT += ("val_pixel_error", "test_error")


@dataclasses.dataclass(kw_only=True)
class CompareFlags:
    """Print a table of the flags in which runs differ and of their figures, and draw curves."""

    runs: Annotated[tuple[str, ...], IsPath(may_be_first=True)]
    """Folders of runs, such as runs/gan runs/vaegan. As the first words they need no --runs. Folders without a run are
    left out."""
    metric: tuple[str, ...] = ()
    """Figures of metrics.csv, without extractor and number of images: samples/frechet_distance. By default the leading
    ones of evaluations, val_pixel_error and test_error."""
    output: Annotated[str | None, IsPath()] = None
    """PNG file to write, with the curves of the figures."""


def check(flags: CompareFlags) -> None:
    """Check the flags.

    Raises:
        InputError: a flag breaks one of its rules, or the output is not a PNG file.
    """
    flag_rules.check(flags)
    if not flags.runs:
        raise refusal("runs", flags.runs, "give at least one folder of a run")
    if flags.output is not None and not flags.output.lower().endswith(".png"):
        raise refusal("output", flags.output, "give a file name that ends in .png")


def main(flags: CompareFlags) -> None:
    """Print the table and draw the curves."""
    check(flags)
    if flags.output is not None:
        outputs.check_file("output", flags.output)
    runs = read_runs(flags)
    columns = columns_of(flags, runs)
    groups, differing = comparison.by_seeds(runs), comparison.differing(runs)
    names = comparison.flag_columns(runs, differing)
    print(comparison.table(groups, names, columns))
    if more := len(differing) - len(names):
        print(f"\n{more} more flags differ, which only some of the algorithms have: see config.json of the runs")
    if any(len(group) > 1 for group in groups):
        print("\nmean ± standard deviation over the seeds of runs that differ in nothing else")
    for column, title in columns.items():
        if column != title and column.count("/") == 3:
            _, _, extractor, images = column.split("/")
            print(f"{title}: extractor {extractor}, {images} images")
    if flags.output is None:
        return
    if not columns:
        raise refusal("output", flags.output, "the runs have no figures to draw, give --metric")
    from tfgan_models.plots import image_grid
    from tfgan_models.plots.figure_curves import figure_curves

    labels = comparison.labels(groups, differing)
    panels = {title: curves(groups, labels, column) for column, title in columns.items()}
    image_grid.save(figure_curves(panels), flags.output)
    print(f"curves:      {flags.output}")


def curves(groups: list[list[Run]], labels: list[str], column: str) -> dict[str, list[tuple[int, float, float]]]:
    """The curve of each group that has a figure, by the group's label."""
    points = {label: comparison.curves(group, column) for label, group in zip(labels, groups, strict=True)}
    return {name: values for name, values in points.items() if values}


def read_runs(flags: CompareFlags) -> list[Run]:
    """Read the runs. A line on standard error names each folder that is left out.

    Raises:
        InputError: there is no run.
    """
    known, runs = train.names(), []
    folders: dict[Path, Path] = {}
    for folder in map(Path, flags.runs):
        folders.setdefault(Path(os.path.realpath(folder)), folder)  # so that no run counts twice
    for folder in folders.values():
        try:
            runs.append(comparison.read_run(folder, lambda name: train.load(_known(name, known)).flags()))
        except InputError as error:
            print(f"left out: {folder}: {error}", file=sys.stderr)
    if not runs:
        raise refusal("runs", flags.runs, "there is no run, give folders such as runs/vaegan-faces")
    return comparison.with_names(runs)


def _known(name: str, known: list[str]) -> str:
    if name not in known:
        raise InputError(f"the algorithm {name!r} is unknown")
    return name


def columns_of(flags: CompareFlags, runs: list[Run]) -> dict[str, str]:
    """The columns of ``metrics.csv`` to show, with their titles.

    A figure on other numbers of images, or by another extractor, is another column, and has all of it in its title.

    Raises:
        InputError: no run has one of the figures that the flags name.
    """
    names = list(dict.fromkeys(name for run in runs for row in run.rows.values() for name in row))
    columns: dict[str, str] = {}
    for figure in flags.metric or DEFAULT:
        matching = [name for name in names if column_of(figure, [name])]
        if not matching and flags.metric:
            short = dict.fromkeys("/".join(name.split("/")[:2]) for name in names)
            raise refusal("metric", figure, f"no run has this figure, give some of {', '.join(short) or 'none'}")
        columns |= {name: figure if len(matching) == 1 else name for name in matching}
    return columns


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("nothing was written")
    with one_line_errors():
        main(read(CompareFlags))
