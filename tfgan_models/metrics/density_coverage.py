"""Density and coverage (Naeem et al. 2020, 2002.09797, section 3).

Both use balls around the data, each up to its k-th nearest neighbor. Density counts the balls that contain a generated
example, so that the wide ball of an outlier weighs little. Coverage is the share of balls that contain a generated
example. For equal distributions density is 1 on average and coverage 1 − (n−1)⋯(n−k) / ((n+m−1)⋯(n+m−k))
(0.97 for k = 5 and n = m); mode dropping lowers coverage.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tfgan_models.metrics.checks import check_features
from tfgan_models.metrics.neighbors import distance_blocks, tolerant_squared_radii


class DensityCoverage(NamedTuple):
    """Quality and variety.

    Attributes:
        density: mean number of balls around a generated example, over k; at least 0, and above 1 for crowded examples.
        coverage: share of the data's balls that contain a generated example, in [0, 1].
    """

    density: float
    coverage: float


def density_coverage(real: np.ndarray, fake: np.ndarray, k: int = 5) -> DensityCoverage:
    """Density and coverage of generated features.

    Args:
        real: ``[n, d]``, features of data.
        fake: ``[m, d]``, features of generated images.
        k: number of the neighbor at a ball's edge, which belongs to the ball.

    Raises:
        InputError: features have different widths, or the data has no k other examples.
    """
    real = check_features(real, "real features")
    fake = check_features(fake, "fake features", like=real)
    squared_radii = tolerant_squared_radii(real, k)
    inside, covered = 0, 0
    for part, squared in distance_blocks(real, fake):
        hits = squared <= squared_radii[part, None]
        inside += int(hits.sum())
        covered += int(hits.any(axis=1).sum())
    return DensityCoverage(inside / (k * len(fake)), covered / len(real))
