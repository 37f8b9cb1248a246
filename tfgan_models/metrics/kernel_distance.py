"""Kernel distance of two sets of features (Bińkowski et al. 2018, 1801.01401).

The squared maximum mean discrepancy with the kernel k(x, y) = (x·y/d + 1)³; with Inception features the KID. Its
estimate is unbiased (Gretton et al. 2012, equation 3): for equal distributions it is zero on average whatever the
number of examples, hence at times negative. Multiplied by nothing here: the field often prints it times 1000.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features
from tfgan_models.metrics.score import Score

Kernel = Callable[[np.ndarray, np.ndarray], np.ndarray]


def kernel_distance(
    first: np.ndarray, second: np.ndarray, subsets: int = 100, subset_size: int = 1000, seed: int = 0
) -> Score:
    """Kernel distance, the mean over random subsets.

    Args:
        first: ``[n, d]``.
        second: ``[m, d]``.
        subsets: how many pairs of subsets are drawn.
        subset_size: examples in each, drawn without replacement; at most the smaller set's number. Subsets that are
            large beside their set overlap, and the deviation between them is then too small.
        seed: of the draw; the same seed gives the same figure.

    Raises:
        InputError: features of different widths, fewer than two examples, or no subsets.
    """
    first = check_features(first, "first features")
    second = check_features(second, "second features", like=first)
    size = min(subset_size, len(first), len(second))
    if size < 2 or subsets < 1:
        raise InputError(f"{subsets} subsets of {size} examples: give at least 1 subset of at least 2 examples")
    generator = np.random.default_rng(seed)
    distances = [
        squared_discrepancy(
            first[generator.choice(len(first), size, replace=False)],
            second[generator.choice(len(second), size, replace=False)],
        )
        for _ in range(subsets)
    ]
    return Score(float(np.mean(distances)), float(np.std(distances)))


def squared_discrepancy(first: np.ndarray, second: np.ndarray, kernel: Kernel | None = None) -> float:
    """Unbiased estimate of MMD² from all pairs: ``[n, d]`` and ``[m, d]``, n and m at least 2.

    Args:
        first, second: the sets.
        kernel: of ``[n, d]`` and ``[m, d]`` the values ``[n, m]``; the cubic one unless told.
    """
    kernel = kernel or _cubic
    first, second = first.astype(np.float64), second.astype(np.float64)
    return _mean_of_pairs(first, kernel) + _mean_of_pairs(second, kernel) - 2 * float(kernel(first, second).mean())


def _cubic(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    base = first @ second.T / first.shape[1] + 1
    # NumPy's power takes ten times as long.
    return base * base * base


def _mean_of_pairs(features: np.ndarray, kernel: Kernel) -> float:
    """Mean kernel of two different examples; one with itself would bias the estimate."""
    values, count = kernel(features, features), len(features)
    return float((values.sum() - np.trace(values)) / (count * (count - 1)))
