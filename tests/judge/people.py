"""Simulated people."""

from __future__ import annotations

import numpy as np

from tfgan_models.judge.answers import Answer


def row(person: str = "ann", picture: str = "p", is_fake: bool = True, answered_fake: bool = True, **fields) -> Answer:
    """An answer with usual values."""
    usual = {"session": "s", "time": 0.0, "weights": "w", "kind": "sheet", "feedback": False, "shown_ms": None}
    usual |= {"trial": 0, "position": 0}
    return Answer(person=person, picture=picture, is_fake=is_fake, answered_fake=answered_fake, **usual | fields)


def answers_of(people: int, each: int, d_prime: float, criterion: float, seed: int, spread: float = 0.0, **fields):
    """Answers of people whose impressions are normal, half of them to fakes.

    The impression of a fake has the mean d′ / 2 and that of a real -d′ / 2. A person answers «fake» if it is above the
    criterion. ``spread`` is the standard deviation of d′ among people.
    """
    generator = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        distance = d_prime + spread * generator.standard_normal()
        for i in range(each):
            is_fake = i % 2 == 0
            impression = generator.standard_normal() + (distance / 2 if is_fake else -distance / 2)
            names = {"trial": i // 9, "position": i % 9, "picture": f"{i}"}
            rows.append(
                row(str(person), is_fake=is_fake, answered_fake=bool(impression > criterion), **names, **fields)
            )
    return rows
