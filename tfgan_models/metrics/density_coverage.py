"""Density and coverage (Naeem et al. 2020, 2002.09797, section 3).

Both use only the balls around the data, each to its k-th nearest neighbour. Density counts in how many balls a
generated example lies, so that an outlier's wide ball weighs little; coverage is the share of balls that hold a
generated example. For equal distributions density is 1 on average and coverage 1 − (n−1)⋯(n−k) / ((n+m−1)⋯(n+m−k))
(0.97 for k = 5 and n = m); mode dropping lowers coverage.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tfgan_models.metrics.checks import check_features
from tfgan_models.metrics.neighbours import distance_blocks, reaches


class DensityCoverage(NamedTuple):
    """Quality and variety.

    Attributes:
        density: balls a generated example lies in over k: at least 0, and may pass 1 where examples crowd together.
        coverage: share of the data's balls with a generated example in them, in [0, 1].
    """

    density: float
    coverage: float


def density_coverage(real: np.ndarray, fake: np.ndarray, k: int = 5) -> DensityCoverage:
    """Density and coverage of generated features.

    Args:
        real: ``[n, d]``, features of data.
        fake: ``[m, d]``, features of generated images.
        k: the neighbour that ends a ball; the ball's edge belongs to it.

    Raises:
        InputError: features of different widths, or no k other examples in the data.
    """
    real = check_features(real, "real features")
    fake = check_features(fake, "fake features", like=real)
    reach = reaches(real, k)
    inside, covered = 0, 0
    for part, squared in distance_blocks(real, fake):
        hits = squared <= reach[part, None]
        inside += int(hits.sum())
        covered += int(hits.any(axis=1).sum())
    return DensityCoverage(inside / (k * len(fake)), covered / len(real))
