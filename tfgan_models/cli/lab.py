"""Compare GAN techniques on 2-D toy data: ``tfgan lab --experiment ring --technique base r1``.

With ``--experiment line``, draw figure 1 of Goodfellow et al. 2014, and with ``--experiment eigen``, compare three
methods for eigenvectors.
"""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Annotated

from tfgan_models.cli import outputs
from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.files import atomic_write, made_if_needed
from tfgan_models.lab import eigen, line, line_report, report, xy_game
from tfgan_models.lab.mixtures import MIXTURES
from tfgan_models.lab.results_file import ResultsFile
from tfgan_models.lab.tasks import EXPERIMENTS, GAMES, Settings, Task, perform, tasks
from tfgan_models.lab.techniques import EXCLUDED_FROM_ALL, TECHNIQUES
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import Above, AtLeast, Needs, Was, refusal
from tfgan_models.training.path_flags import IsPath
from tfgan_models.training.processes import run_tasks

STANDARD = Settings()
METHODS = {"xy": xy_game.METHODS, "line": line.METHODS, "eigen": eigen.METHODS}  # the other experiments have techniques
OF_MIXTURES = Needs(
    "experiment",
    "it has no effect without the experiments ring and grid, remove it or add one of them",
    lambda names: any(name in MIXTURES for name in names),
)
OF_RUNS = Needs(
    "experiment",
    "it has no effect on the game xy, remove it or add another experiment",
    lambda names: any(name != "xy" for name in names),
)


@dataclasses.dataclass(kw_only=True)
class LabFlags:
    """Compare GAN techniques on 2-D toy data, in a table and pictures."""

    experiment: tuple[str, ...] = GAMES
    """One or several of xy (a game of two numbers), ring (8 Gaussians), grid (25 Gaussians), line (a GAN of one
    dimension, with its discriminator at four times) and eigen (eigenvectors of matrices by three methods). The default
    does not include line and eigen."""
    technique: Annotated[tuple[str, ...], Was("hack"), OF_MIXTURES] = ("all",)
    """One or several techniques for ring and grid, such as base, minimax, r1 or wgan_gp. An unknown name prints the
    list. all excludes minibatch_discrimination_r1 and minibatch_discrimination_weak_r1, which take long."""
    seeds: Annotated[int, AtLeast(1, "give 1 or more"), OF_RUNS] = 3
    """Number of runs of each technique, with the seeds 0, 1, …; xy always has one."""
    steps: Annotated[int, AtLeast(STANDARD.looks, f"give {STANDARD.looks} or more"), OF_MIXTURES] = STANDARD.steps
    """Number of training steps in each run of ring and grid."""
    batch_size: Annotated[int, AtLeast(2, "give 2 or more"), OF_MIXTURES] = STANDARD.batch_size
    """Number of points in a discriminator step of ring and grid."""
    learning_rate: Annotated[float, Above(0), OF_MIXTURES] = STANDARD.learning_rate
    """Learning rate of both players in ring and grid; some techniques multiply it."""
    workers: Annotated[int, AtLeast(1, "give 1 or more")] = 2
    """Number of processes, each with one thread."""
    output: Annotated[str, IsPath()] = "runs/lab"
    """Folder for lab.json, table.md and the pictures. Runs in lab.json are not repeated."""


def check(flags: LabFlags) -> None:
    """Check names and numbers.

    Raises:
        InputError: a name is unknown, or a number is out of range.
    """
    for flag, names, choices in (
        ("experiment", flags.experiment, EXPERIMENTS),
        ("technique", flags.technique, ("all", *TECHNIQUES)),
    ):
        if unknown := [name for name in names if name not in choices]:
            raise refusal(flag, tuple(unknown), f"give some of {', '.join(choices)}")
        if not names:
            raise refusal(flag, (), f"give some of {', '.join(choices)}")
    flag_rules.check(flags)


def main(flags: LabFlags) -> None:
    """Perform the missing runs, write the table and the pictures, and print the table.

    Raises:
        InputError: a flag is wrong, or another command is writing to the folder.
    """
    check(flags)
    outputs.check_folder("output", flags.output)
    output = Path(flags.output)
    with made_if_needed(output), outputs.locked(output):
        _compare(flags, output)


def _compare(flags: LabFlags, output: Path) -> None:
    """Make the comparison in a folder that no other command writes to."""
    settings = Settings(flags.steps, flags.batch_size, flags.learning_rate)
    default_names = [name for name in TECHNIQUES if name not in EXCLUDED_FROM_ALL] if "all" in flags.technique else []
    techniques = [name for name in TECHNIQUES if name in (*default_names, *flags.technique)]
    experiments = [name for name in EXPERIMENTS if name in flags.experiment]
    results = ResultsFile(output / "lab.json")
    groups = tasks(experiments, techniques, flags.seeds, settings)
    start = time.monotonic()
    run_missing(groups, results, flags.workers)

    tables, pictures = [], []
    for name in experiments:
        pictures.append(output / f"lab-{name}.png")
        rows, seeds = METHODS.get(name, techniques), 1 if name == "xy" else flags.seeds
        outcomes = {row: [results.outcome(Task(name, row, seed, settings)) for seed in range(seeds)] for row in rows}
        tables.append(publish(name, outcomes, settings, pictures[-1]))
    with atomic_write(output / "table.md") as file:
        file.write("\n".join(tables))
    print("\n" + "\n".join(tables))
    print(f"took:       {format_duration(time.monotonic() - start)}")
    print(f"written:    {output / 'table.md'}, {results.path.name}, {', '.join(path.name for path in pictures)}")


def publish(name: str, outcomes: report.Outcomes, settings: Settings, picture: Path) -> str:
    """Draw an experiment's picture, and return its table."""
    if name == "xy":
        report.draw_xy(outcomes, picture)
        return report.xy_table(outcomes)
    if name == "line":
        line_report.draw(outcomes, picture)
        return line_report.table(outcomes)
    if name == "eigen":
        report.draw_eigen(outcomes, picture)
        return report.eigen_table(outcomes)
    report.draw_mixture(MIXTURES[name], outcomes, settings, picture)
    return report.mixture_table(name, MIXTURES[name], outcomes, settings)


def run_missing(groups: list[list[Task]], results: ResultsFile, workers: int) -> None:
    """Perform the runs that the results file lacks, write each outcome when it is complete, and print the progress."""
    missing = [[task for task in group if results.find(task) is None] for group in groups]
    missing = [group for group in missing if group]
    total, num_missing = sum(map(len, groups)), sum(map(len, missing))
    if num_missing < total:
        print(f"{total - num_missing} of {total} runs are done already")
    if not num_missing:
        return
    total_cost = sum(task.cost for group in missing for task in group)
    runs_done, cost_done, start = 0, 0, time.monotonic()

    def record(task: Task, outcome: dict) -> None:
        nonlocal runs_done, cost_done
        results.write(task, outcome)
        runs_done, cost_done = runs_done + 1, cost_done + task.cost
        seconds = (time.monotonic() - start) * (total_cost - cost_done) / cost_done
        print(f"[{runs_done}/{num_missing}] {describe(task, outcome)}; {format_duration(seconds)} left", flush=True)

    run_tasks(missing, perform, record, min(workers, len(missing)), import_tensorflow)


def describe(task: Task, outcome: dict) -> str:
    """Return the outcome of a run in one line."""
    if task.experiment == "xy":
        return f"xy {task.technique}: ends at a distance of {outcome['distance']:.3g}"
    if task.experiment == "line":
        return f"line {task.technique}, seed {task.seed}: distance {outcome['distance']:.3f} at the end"
    if task.experiment == "eigen":
        last = f"{outcome['errors'][-1]:.0e} in {outcome['milliseconds'][-1]:.3g} ms"
        return f"eigen {task.technique}, seed {task.seed}: {last} at n = {outcome['sizes'][-1]}"
    modes = f"{outcome['modes']} of {len(MIXTURES[task.experiment].centers)} modes"
    return (
        f"{task.experiment} {task.technique}, seed {task.seed}: {modes}, {outcome['high_quality']:.0%} of high quality"
    )


def format_duration(seconds: float) -> str:
    """Return a duration in minutes and seconds."""
    return f"{int(seconds) // 60} min {int(seconds) % 60:02} s"


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("run the same command to resume; finished runs are saved")
    with one_line_errors():
        main(read(LabFlags))
