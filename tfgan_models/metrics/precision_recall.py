"""Improved precision and recall (Kynkäänniemi et al. 2019, 1904.06991, equations 1 and 2).

A set's manifold is taken to be the balls around its examples that reach to their k-th nearest neighbours. Precision is
the share of generated examples on the data's manifold (quality), recall the share of the data on the generated one
(variety). One outlier in the data inflates precision; density (``density_coverage.py``) is the remedy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tfgan_models.metrics.checks import check_features
from tfgan_models.metrics.neighbours import distance_blocks, reaches


class PrecisionRecall(NamedTuple):
    """Shares in [0, 1].

    Attributes:
        precision: of the generated examples, those on the data's manifold.
        recall: of the data, those on the generated manifold.
    """

    precision: float
    recall: float


def precision_recall(real: np.ndarray, fake: np.ndarray, k: int = 3) -> PrecisionRecall:
    """Precision and recall of generated features.

    Args:
        real: ``[n, d]``, features of data.
        fake: ``[m, d]``, features of generated images; m near n, since both shares depend on the numbers.
        k: the neighbour that ends a ball; the ball's edge belongs to it.

    Raises:
        InputError: features of different widths, or no k other examples in a set.
    """
    real = check_features(real, "real features")
    fake = check_features(fake, "fake features", like=real)
    real_reach, fake_reach = reaches(real, k), reaches(fake, k)
    real_covered, fake_covered = np.zeros(len(real), bool), np.zeros(len(fake), bool)
    for part, squared in distance_blocks(real, fake):
        fake_covered |= (squared <= real_reach[part, None]).any(axis=0)
        real_covered[part] = (squared <= fake_reach).any(axis=1)
    return PrecisionRecall(float(fake_covered.mean()), float(real_covered.mean()))
