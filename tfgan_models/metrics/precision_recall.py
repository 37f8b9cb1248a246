"""Improved precision and recall (Kynkäänniemi et al. 2019, 1904.06991, equations 1 and 2).

A set's manifold is approximated by balls around its examples up to their k-th nearest neighbors. Precision is the share
of generated examples on the data's manifold (quality), recall the share of the data on the generated manifold
(variety). Outliers in the data inflate precision; density (``density_coverage.py``) avoids this.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tfgan_models.metrics.checks import check_features
from tfgan_models.metrics.neighbors import distance_blocks, tolerant_squared_radii


class PrecisionRecall(NamedTuple):
    """Shares in [0, 1].

    Attributes:
        precision: share of the generated examples on the data's manifold.
        recall: share of the data on the generated manifold.
    """

    precision: float
    recall: float


def precision_recall(real: np.ndarray, fake: np.ndarray, k: int = 3) -> PrecisionRecall:
    """Precision and recall of generated features.

    Args:
        real: ``[n, d]``, features of data.
        fake: ``[m, d]``, features of generated images; m near n, since both shares depend on the numbers.
        k: number of the neighbor at a ball's edge, which belongs to the ball.

    Raises:
        InputError: features have different widths, or a set has no k other examples.
    """
    real = check_features(real, "real features")
    fake = check_features(fake, "fake features", like=real)
    real_radii, fake_radii = tolerant_squared_radii(real, k), tolerant_squared_radii(fake, k)
    real_covered, fake_covered = np.zeros(len(real), bool), np.zeros(len(fake), bool)
    for part, squared in distance_blocks(real, fake):
        fake_covered |= (squared <= real_radii[part, None]).any(axis=0)
        real_covered[part] = (squared <= fake_radii).any(axis=1)
    return PrecisionRecall(float(fake_covered.mean()), float(real_covered.mean()))
