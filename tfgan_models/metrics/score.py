"""The mean of a measure over parts of a set, and how far the parts lie from it."""

from __future__ import annotations

from typing import NamedTuple


class Score(NamedTuple):
    """A measure taken on several parts of a set.

    Attributes:
        mean: over the parts.
        deviation: standard deviation between the parts, not the error of their mean.
    """

    mean: float
    deviation: float
