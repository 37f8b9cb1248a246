"""What there is to do: one run each, described by plain values, so that a finished one is recognised."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from tfgan_models.lab import eigen, xy_game
from tfgan_models.lab.mixtures import MIXTURES
from tfgan_models.lab.settings import Settings
from tfgan_models.lab.techniques import HACKS

GAMES = ("xy", *MIXTURES)
EXPERIMENTS = (*GAMES, "eigen")
DRAWN = 300  # samples of a look that are kept for the pictures, of the first seed
VERSION = 1  # to be raised when networks or mixtures change, so that older runs are not taken for new ones


class Task(NamedTuple):
    """One run.

    Attributes:
        experiment: one of ``EXPERIMENTS``.
        hack: a key of ``HACKS``; of ``xy_game.WAYS`` in the xy game, and of ``eigen.METHODS`` for eigenvectors.
        seed: of the run; the xy game has no chance in it.
        settings: of the table; the xy game and eigenvectors have their own.
    """

    experiment: str
    hack: str
    seed: int
    settings: Settings

    @property
    def cost(self) -> float:
        """About how long it takes; the base takes 1."""
        table = eigen.METHODS if self.experiment == "eigen" else HACKS
        return table[self.hack].cost if self.hack in table else 1.0

    def description(self) -> dict[str, Any]:
        """All that decides the outcome, ready for JSON: equal for equal runs."""
        described: dict[str, Any] = {"version": VERSION, **self._asdict()}
        if self.experiment == "xy":
            described["settings"] = [xy_game.START, xy_game.RATE, xy_game.STEPS, xy_game.WEIGHT]
        elif self.experiment == "eigen":
            described["settings"] = [eigen.SIZES, eigen.ITERATIONS, eigen.REPETITIONS, eigen.SECONDS]
        else:
            described["settings"] = self.settings._asdict()
            recipe = dataclasses.asdict(HACKS[self.hack])
            described["recipe"] = {name: recipe[name] for name in recipe if name not in ("what", "cost")}
        return json.loads(json.dumps(described))


def tasks(experiments: Sequence[str], hacks: Sequence[str], seeds: int, settings: Settings) -> list[list[Task]]:
    """What to do, in groups that share a model, the costliest first, so that workers end at about the same time.

    Eigenvectors are one group: their times are measured one after the other.
    """
    mixtures = [name for name in experiments if name in MIXTURES]
    groups = [[Task(name, hack, seed, settings) for name in mixtures for seed in range(seeds)] for hack in hacks]
    if "xy" in experiments:
        groups.append([Task("xy", way, 0, settings) for way in xy_game.WAYS])
    if "eigen" in experiments:
        groups.append([Task("eigen", method, seed, settings) for method in eigen.METHODS for seed in range(seeds)])
    return sorted(filter(None, groups), key=lambda group: -sum(task.cost for task in group))


def perform(task: Task) -> dict[str, Any]:
    """Do it, and return the outcome, ready for JSON; ``seconds`` is how long it took."""
    began = time.monotonic()
    if task.experiment == "xy":
        path = xy_game.play(task.hack)
        outcome = {"distance": float((path[-1] ** 2).sum() ** 0.5), "path": path.round(4).tolist()}
    elif task.experiment == "eigen":
        outcome = eigen.run(task.hack, task.seed)
    else:
        from tfgan_models.lab import training

        score, looks = training.run(task.hack, MIXTURES[task.experiment], task.seed, task.settings)
        outcome = score._asdict()
        if task.seed == 0:
            outcome["looks"] = [_finite(look[:DRAWN]) for look in looks]
    return {**outcome, "seconds": round(time.monotonic() - began, 1)}


def _finite(points) -> list[list[float]]:
    return [[round(float(x), 3), round(float(y), 3)] for x, y in points if abs(x) < 1e3 and abs(y) < 1e3]
