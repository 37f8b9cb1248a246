"""What is common to all runs of a table."""

from __future__ import annotations

from typing import NamedTuple


class Settings(NamedTuple):
    """What is common to all runs of a table.

    Attributes:
        steps: of the generator.
        batch_size: points in a step of the discriminator.
        learning_rate: of both players, times the optimizer's factor in ``hacks``.
        looks: how many times samples are kept on the way, at equal distances; the last after all steps.
    """

    steps: int = 6_000
    batch_size: int = 128
    learning_rate: float = 2e-3
    looks: int = 5
