"""Learning during a human test: accuracy by the number of answers that a person has given."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from tfgan_models.judge.answers import Answer
from tfgan_models.judge.rates import RESAMPLES, Estimate, interval

BLOCK = 9  # answers, one sheet


@dataclasses.dataclass(frozen=True)
class Block:
    """Accuracy of the answers from number ``first`` to ``last`` of each person, counted from 1."""

    first: int
    last: int
    people: int
    answers: int
    accuracy: float


@dataclasses.dataclass(frozen=True)
class Learning:
    """The curve of accuracy, and the change from each person's first third of answers to the last third.

    Attributes:
        blocks: the curve. People who stopped early are missing from later blocks.
        change: mean over people; its interval needs two people.
    """

    blocks: list[Block]
    change: Estimate


def learning(answers: Sequence[Answer], seed: int = 0) -> Learning:
    """Compute the curve of answers that are in the order in which they were given."""
    people: dict[str, list[bool]] = {}
    for answer in answers:
        people.setdefault(answer.person, []).append(answer.is_fake == answer.answered_fake)
    blocks = []
    most = max(map(len, people.values()), default=0)
    for first in range(0, most, BLOCK):
        parts = [part for right in people.values() if (part := right[first : first + BLOCK])]
        flat = [value for part in parts for value in part]
        blocks.append(Block(first + 1, min(first + BLOCK, most), len(parts), len(flat), float(np.mean(flat))))
    changes = [
        float(np.mean(right[-(len(right) // 3) :]) - np.mean(right[: len(right) // 3]))
        for right in people.values()
        if len(right) >= 3
    ]
    return Learning(blocks, _mean(np.array(changes), seed))


def _mean(values: np.ndarray, seed: int) -> Estimate:
    if len(values) < 2:
        return Estimate(float(values[0]) if len(values) else np.nan, np.nan, np.nan)
    rows = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    return interval(float(values.mean()), values[rows].mean(1), len(values))
