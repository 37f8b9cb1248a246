"""Compare runs by their flags and figures. This module does not import TensorFlow."""

from __future__ import annotations

import itertools
import math
import os
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tfgan_models.callbacks.metrics_rows import read_rows
from tfgan_models.errors import InputError
from tfgan_models.files import read_json_or_empty
from tfgan_models.metrics.direction import higher_is_better, is_better
from tfgan_models.training.earlier_flags import with_defaults
from tfgan_models.training.flags import Flags

SEEDS = ("seed", "label_seed")
# Flags that change neither weights nor figures. Of the group ``output`` only --sampler changes figures.
PLACES = {"data_dir", "cache_dir", "strategy", "virtual_devices", "export_epoch", "parent"}
LEGEND = 80  # characters of a name in a legend, which would leave no room for curves if it were longer


class Run(NamedTuple):
    """A run as its folder describes it.

    Attributes:
        path: its folder.
        flags: the algorithm, and the flags that change weights or figures, with the hash of the pictures.
        rows: figures of each epoch.
        name: the end of its path, as ``with_names`` sets it.
    """

    path: Path
    flags: dict[str, Any]
    rows: dict[int, dict[str, float]]
    name: str = ""

    @property
    def epochs(self) -> int:
        """Number of epochs that have figures."""
        return max(self.rows, default=0)


class Figure(NamedTuple):
    """A figure of a run.

    Attributes:
        last: its value in the last epoch that has it.
        best: the best value; None if neither higher nor lower values are better.
        epoch: epoch of the best value.
    """

    last: float
    best: float | None
    epoch: int | None


def read_run(folder: Path, flags_of: Callable[[str], Flags]) -> Run:
    """Read a run.

    Args:
        folder: folder of the run.
        flags_of: returns the default flags of an algorithm.

    Raises:
        InputError: the folder has no run of a known algorithm.
    """
    config = read_json_or_empty(folder / "config.json")
    groups = {name: values for name, values in config.items() if isinstance(values, dict)}
    if not groups or "algorithm" not in config:
        raise InputError("config.json is missing, damaged or not of a run")
    groups = with_defaults(groups, flags_of(config["algorithm"]))
    groups["output"] = {"sampler": groups["output"].get("sampler")}
    flags = {name: value for values in groups.values() for name, value in values.items() if name not in PLACES}
    return Run(folder, {"algorithm": config["algorithm"], **flags}, read_rows(folder))


def with_names(runs: Sequence[Run]) -> list[Run]:
    """The runs with the shortest ends of their paths as names, of which no two are equal if no two paths are."""
    parts = [Path(os.path.abspath(run.path)).parts for run in runs]  # without "..", and with the names of links
    for count in range(1, max(map(len, parts), default=0) + 1):
        names = ["/".join(path[-count:]) for path in parts]
        if len(set(names)) == len(names):
            break
    return [run._replace(name=name) for run, name in zip(runs, names, strict=True)]


def differing(runs: Sequence[Run]) -> list[str]:
    """The names of the flags that are not equal in all runs, without seeds."""
    names = dict.fromkeys(name for run in runs for name in run.flags if name not in SEEDS)
    return [name for name in names if len({_hashable(run.flags.get(name)) for run in runs}) > 1]


def flag_columns(runs: Sequence[Run], names: Sequence[str]) -> list[str]:
    """Those of the flags that all runs have, and those in which runs of one algorithm differ."""
    algorithms = {run.flags["algorithm"] for run in runs}
    of_one = [differing([run for run in runs if run.flags["algorithm"] == algorithm]) for algorithm in algorithms]
    own = set(itertools.chain.from_iterable(of_one))  # without these, two rows of the algorithm could look the same
    return [name for name in names if name in own or all(name in run.flags for run in runs)]


def by_seeds(runs: Sequence[Run]) -> list[list[Run]]:
    """Groups of runs that differ in their seeds only, in the order of their first runs. Equal runs stay apart."""
    names = differing(runs)
    groups: dict[tuple, list[Run]] = {}
    for run in runs:
        key, number = tuple(_hashable(run.flags.get(name)) for name in names), 0
        while _seed(run) in map(_seed, groups.get((*key, number), ())):
            number += 1
        groups.setdefault((*key, number), []).append(run)
    return list(groups.values())


def figure(run: Run, column: str) -> Figure | None:
    """The last and the best value of a column; None if the run does not have it."""
    values = {epoch: row[column] for epoch, row in sorted(run.rows.items()) if column in row}
    if not values:
        return None
    last = values[max(values)]
    if higher_is_better(column) is None:
        return Figure(last, None, None)
    epoch = min(values)
    for other in values:
        if is_better(column, values[other], values[epoch]):
            epoch = other
    return Figure(last, values[epoch], epoch)


def table(groups: Sequence[Sequence[Run]], flags: Sequence[str], columns: Mapping[str, str]) -> str:
    """A Markdown table with a row for each group of runs that differ in their seeds only, and columns of equal width.

    Args:
        groups: result of ``by_seeds``.
        flags: names of the flags to show.
        columns: columns of ``metrics.csv`` with their titles.
    """
    directed = [column for column in columns if higher_is_better(column) is not None]
    seeds = any(len(group) > 1 for group in groups)
    titles = ["run", *flags, *(["seeds"] if seeds else []), "epochs done"]
    titles += [title for column in columns for title in _titles(columns[column], column in directed)]
    lines = [titles]
    for group in groups:
        cells = [", ".join(run.name for run in group), *(_text(group[0].flags.get(name)) for name in flags)]
        cells += [", ".join(_seed(run) for run in group)] if seeds else []
        cells.append(span(run.epochs for run in group))
        for column in columns:
            figures = [value for run in group if (value := figure(run, column))]
            cells.append(_mean([value.last for value in figures]))
            if column in directed:
                cells.append(_best(figures))
        lines.append(cells)
    lines = [[cell.replace("|", "/") for cell in line] for line in lines]
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def curves(group: Sequence[Run], column: str) -> list[tuple[int, float, float]]:
    """Epochs with the mean and the deviation over a group's runs, where all that have the column have a value."""
    having = [run for run in group if any(column in row for row in run.rows.values())]
    points = []
    for epoch in sorted(set(itertools.chain.from_iterable(run.rows for run in having))):
        values = [run.rows[epoch][column] for run in having if column in run.rows.get(epoch, {})]
        if len(values) == len(having):
            points.append((epoch, statistics.mean(values), _deviation(values)))
    return points


def labels(groups: Sequence[Sequence[Run]], flags: Sequence[str]) -> list[str]:
    """The names of groups in a legend: the flags that differ, or the folders if these are too many or not enough."""
    texts = [", ".join(f"{name} {_text(group[0].flags.get(name))}" for name in flags) for group in groups]
    if len(set(texts)) == len(texts) and all(0 < len(text) <= LEGEND for text in texts):
        return texts
    return [group[0].name + (f" and {len(group) - 1} more" if len(group) > 1 else "") for group in groups]


def _titles(title: str, is_directed: bool) -> list[str]:
    return [f"{title}, last", f"{title}, best"] if is_directed else [f"{title}, last"]


def _best(figures: Sequence[Figure]) -> str:
    """The mean of the best values and their epochs."""
    if not figures:
        return "—"
    values = [value.best for value in figures if value.best is not None]
    epochs = [value.epoch for value in figures if value.epoch is not None]
    return f"{_mean(values)} (epoch {span(epochs)})"


def _mean(values: Sequence[float]) -> str:
    """The mean, with the deviation of several values."""
    if not values:
        return "—"
    mean = statistics.mean(values)
    deviation = f" ± {_deviation(values):.2g}" if len(values) > 1 and math.isfinite(mean) else ""
    return f"{mean:.4g}{deviation}"


def _deviation(values: Sequence[float]) -> float:
    """The standard deviation; 0 of one value, and where a value is NaN or infinite, as so is the mean."""
    return statistics.stdev(values) if len(values) > 1 and all(map(math.isfinite, values)) else 0.0


def span(numbers: Iterable[int]) -> str:
    """The only number, or the lowest and the highest one: ``3–7``."""
    low, *_, high = sorted(numbers := list(numbers)) * 2
    return str(low) if low == high else f"{low}–{high}"


def _seed(run: Run) -> str:
    """The seed of a run, and the label seed of one with few labels."""
    seeds = [run.flags[name] for name in SEEDS if name in run.flags]
    return "/".join(_text(seed) for seed in seeds)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "—"
    text = "—" if value is None else {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return f"{text[:8]}…" if len(text) == 64 else text  # a hash


def _hashable(value: Any) -> str:
    return repr(value)
