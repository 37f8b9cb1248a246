"""Runs described by plain values, so that completed runs are recognized."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from tfgan_models.lab import eigen, line, xy_game
from tfgan_models.lab.mixtures import MIXTURES
from tfgan_models.lab.techniques import TECHNIQUES

GAMES = ("xy", *MIXTURES)
EXPERIMENTS = (*GAMES, "line", "eigen")
PICTURE_SAMPLES = 300  # number of samples of each look that the first seed's run saves for the pictures
VERSION = 1  # raise it when networks or mixtures change, so that older runs are repeated


class Settings(NamedTuple):
    """Settings of all runs of a table.

    Attributes:
        steps: training steps, each with one step of the generator; ``three_generator_steps`` has three in each.
        batch_size: points in a step of the discriminator.
        learning_rate: learning rate of both players, which a technique's ``Optimizer.rate`` multiplies.
        looks: number of times that samples are saved, at equal intervals up to the last step.
    """

    steps: int = 6_000
    batch_size: int = 128
    learning_rate: float = 2e-3
    looks: int = 5


class Task(NamedTuple):
    """One run.

    Attributes:
        experiment: one of ``EXPERIMENTS``.
        technique: a key of ``TECHNIQUES``, or of the ``METHODS`` of the experiments xy, line and eigen.
        seed: seed of the run; the xy game is deterministic.
        settings: settings of the table; only ring and grid use them.
    """

    experiment: str
    technique: str
    seed: int
    settings: Settings

    @property
    def cost(self) -> float:
        """Approximate duration relative to the technique ``base``."""
        table = eigen.METHODS if self.experiment == "eigen" else TECHNIQUES
        return table[self.technique].cost if self.technique in table else 1.0

    def description(self) -> dict[str, Any]:
        """Return everything that determines the outcome, as JSON values."""
        values: dict[str, Any] = {"version": VERSION, **self._asdict()}
        values["hack"] = values.pop("technique")  # the name in results files, which must stay valid
        if self.experiment == "xy":
            values["settings"] = [xy_game.START, xy_game.RATE, xy_game.STEPS, xy_game.WEIGHT]
        elif self.experiment == "line":
            values["settings"] = [line.MEAN, line.DEVIATION, line.LOOKS, line.BATCH_SIZE, line.UNITS, line.RATES]
        elif self.experiment == "eigen":
            values["settings"] = [eigen.SIZES, eigen.ITERATIONS, eigen.REPETITIONS, eigen.SECONDS]
        else:
            values["settings"] = self.settings._asdict()
            recipe = dataclasses.asdict(TECHNIQUES[self.technique])
            values["recipe"] = {name: recipe[name] for name in recipe if name not in ("description", "cost")}
            if TECHNIQUES[self.technique].discriminator_optimizer is None:  # earlier results do not have it
                del values["recipe"]["discriminator_optimizer"]
        return json.loads(json.dumps(values))


def tasks(experiments: Sequence[str], techniques: Sequence[str], seeds: int, settings: Settings) -> list[list[Task]]:
    """List all runs in groups that share a model, the longest first, so that workers end at about the same time.

    All runs of eigenvectors are one group, so that one process measures their times one after the other.
    """
    mixtures = [name for name in experiments if name in MIXTURES]
    groups = [[Task(name, row, seed, settings) for name in mixtures for seed in range(seeds)] for row in techniques]
    if "xy" in experiments:
        groups.append([Task("xy", method, 0, settings) for method in xy_game.METHODS])
    if "line" in experiments:
        groups += [[Task("line", method, seed, settings) for seed in range(seeds)] for method in line.METHODS]
    if "eigen" in experiments:
        groups.append([Task("eigen", method, seed, settings) for method in eigen.METHODS for seed in range(seeds)])
    return sorted(filter(None, groups), key=lambda group: -sum(task.cost for task in group))


def perform(task: Task) -> dict[str, Any]:
    """Run a task, and return its outcome as JSON values, with its duration as ``seconds``."""
    start = time.monotonic()
    if task.experiment == "xy":
        path = xy_game.play(task.technique)
        outcome = {"distance": float((path[-1] ** 2).sum() ** 0.5), "path": path.round(4).tolist()}
    elif task.experiment == "line":
        outcome = line.run(task.technique, task.seed)
    elif task.experiment == "eigen":
        outcome = eigen.run(task.technique, task.seed)
    else:
        from tfgan_models.lab import training

        score, looks = training.run(task.technique, MIXTURES[task.experiment], task.seed, task.settings)
        outcome = score._asdict()
        if task.seed == 0:
            outcome["looks"] = [_finite_points(look[:PICTURE_SAMPLES]) for look in looks]
    return {**outcome, "seconds": round(time.monotonic() - start, 1)}


def _finite_points(points) -> list[list[float]]:
    return [[round(float(x), 3), round(float(y), 3)] for x, y in points if abs(x) < 1e3 and abs(y) < 1e3]
