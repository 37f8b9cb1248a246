"""Try every technique on small games in two dimensions: ``tfgan lab --experiment ring --technique base r1``."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.files import check_writable, replacing
from tfgan_models.lab import report, xy_game
from tfgan_models.lab.mixtures import MIXTURES
from tfgan_models.lab.results_file import ResultsFile
from tfgan_models.lab.tasks import EXPERIMENTS, Settings, Task, perform, tasks
from tfgan_models.lab.techniques import NOT_AMONG_ALL, TECHNIQUES
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import Above, AtLeast, Was, refusal
from tfgan_models.training.processes import work

STANDARD = Settings()


@dataclasses.dataclass(kw_only=True)
class LabFlags:
    """Compare techniques of training on small games in two dimensions, in a table and pictures."""

    experiment: tuple[str, ...] = EXPERIMENTS
    """xy: two players of one number each; ring: 8 Gaussians; grid: 25 Gaussians. One or several."""
    technique: Annotated[tuple[str, ...], Was("hack")] = ("all",)
    """What to try on ring and grid, each alone: base, minimax, r1, wgan_gp, … One or several; an unknown name lists
    them, of which minibatch_discrimination_r1 and _weak_r1 take long and are not among all."""
    seeds: Annotated[int, AtLeast(1, "give 1 or more")] = 3
    """Runs of each, with the seeds 0, 1, …"""
    steps: Annotated[int, AtLeast(STANDARD.looks, f"give {STANDARD.looks} or more")] = STANDARD.steps
    """The generator's in each run."""
    batch_size: Annotated[int, AtLeast(2, "give 2 or more")] = STANDARD.batch_size
    """Points in a step of the discriminator."""
    learning_rate: Annotated[float, Above(0)] = STANDARD.learning_rate
    """Of both players; some techniques multiply it."""
    workers: Annotated[int, AtLeast(1, "give 1 or more")] = 2
    """Processes, each with one thread."""
    output: str = "runs/lab"
    """Folder of lab.json, table.md and the pictures. Runs that lab.json has already are not done again."""


def check(asked: LabFlags) -> None:
    """Refuse names that are none, and numbers that mean nothing, with an ``InputError``."""
    for flag, names, known in (
        ("experiment", asked.experiment, EXPERIMENTS),
        ("technique", asked.technique, ("all", *TECHNIQUES)),
    ):
        if unknown := [name for name in names if name not in known]:
            raise refusal(flag, tuple(unknown), f"give some of {', '.join(known)}")
        if not names:
            raise refusal(flag, (), f"give some of {', '.join(known)}")
    flag_rules.check(asked)


def main(asked: LabFlags) -> None:
    """Do the runs that were not done yet, write the table and the pictures, and print the table."""
    check(asked)
    settings = Settings(asked.steps, asked.batch_size, asked.learning_rate)
    usual = [name for name in TECHNIQUES if name not in NOT_AMONG_ALL] if "all" in asked.technique else []
    techniques = [name for name in TECHNIQUES if name in (*usual, *asked.technique)]
    experiments = [name for name in EXPERIMENTS if name in asked.experiment]
    output = Path(asked.output)
    results = ResultsFile(output / "lab.json")
    check_writable(output)  # or the first run would end in a file that cannot be written
    groups = tasks(experiments, techniques, asked.seeds, settings)
    began = time.monotonic()
    experiment(groups, results, asked.workers)

    def outcomes(name: str, rows: Sequence[str], seeds: int) -> report.Outcomes:
        return {row: [results.outcome(Task(name, row, seed, settings)) for seed in range(seeds)] for row in rows}

    tables, pictures = [], []
    for name in experiments:
        pictures.append(output / f"lab-{name}.png")
        if name == "xy":
            found = outcomes(name, list(xy_game.METHODS), 1)
            tables.append(report.xy_table(found))
            report.draw_xy(found, pictures[-1])
        else:
            found = outcomes(name, techniques, asked.seeds)
            tables.append(report.mixture_table(name, MIXTURES[name], found, settings))
            report.draw_mixture(MIXTURES[name], found, settings, pictures[-1])
    with replacing(output / "table.md") as file:
        file.write("\n".join(tables))
    print("\n" + "\n".join(tables))
    print(f"took:       {clock(time.monotonic() - began)}")
    print(f"written:    {output / 'table.md'}, {results.path.name}, {', '.join(path.name for path in pictures)}")


def experiment(groups: list[list[Task]], results: ResultsFile, workers: int) -> None:
    """Do what the results file does not have, each run written as soon as it is done, and say how far it is."""
    missing = [[task for task in group if results.find(task) is None] for group in groups]
    missing = [group for group in missing if group]
    total, left = sum(map(len, groups)), sum(map(len, missing))
    if left < total:
        print(f"{total - left} of {total} runs were done before")
    if not left:
        return
    cost, done, paid, began = sum(task.cost for group in missing for task in group), 0, 0, time.monotonic()

    def note(task: Task, outcome: dict) -> None:
        nonlocal done, paid
        results.write(task, outcome)
        done, paid = done + 1, paid + task.cost
        remaining = (time.monotonic() - began) * (cost - paid) / paid
        print(f"[{done}/{left}] {said(task, outcome)}; {clock(remaining)} left", flush=True)

    work(missing, perform, note, min(workers, len(missing)), import_tensorflow)


def said(task: Task, outcome: dict) -> str:
    """A run's outcome in a few words."""
    if task.experiment == "xy":
        return f"xy {task.technique}: ends at a distance of {outcome['distance']:.3g}"
    modes = f"{outcome['modes']} of {len(MIXTURES[task.experiment].centers)} modes"
    return (
        f"{task.experiment} {task.technique}, seed {task.seed}: {modes}, {outcome['high_quality']:.0%} of high quality"
    )


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60} min {int(seconds) % 60:02} s"


def command() -> None:
    """Read the command line, and end as all commands do."""
    end_on_signals("run the same command to go on; the runs that were finished are kept")
    with one_line_errors():
        main(read(LabFlags))
