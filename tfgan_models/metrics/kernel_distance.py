"""Kernel distance of two sets of features (Bińkowski et al. 2018, 1801.01401).

The squared maximum mean discrepancy with the kernel k(x, y) = (x·y/d + 1)³; with Inception features the KID. Its
estimate is unbiased (Gretton et al. 2012, equation 3): for equal distributions its mean is zero for any number of
examples, so it is sometimes negative. It is not scaled; papers often print it times 1000.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features

Kernel = Callable[[np.ndarray, np.ndarray], np.ndarray]


class KernelDistance(NamedTuple):
    """Kernel distance over random subsets.

    Attributes:
        mean: over the subsets.
        deviation: standard deviation between the subsets, which is not the error of their mean.
    """

    mean: float
    deviation: float


def kernel_distance(
    first: np.ndarray, second: np.ndarray, subsets: int = 100, subset_size: int = 1000, seed: int = 0
) -> KernelDistance:
    """Kernel distance, the mean over random subsets.

    Args:
        first: ``[n, d]``.
        second: ``[m, d]``.
        subsets: number of random pairs of subsets.
        subset_size: examples in each, without replacement; at most the size of the smaller set. Large subsets of a set
            overlap, and the deviation between them is then too small.
        seed: the same seed gives the same figure.

    Raises:
        InputError: features have different widths, or there are fewer than two examples or no subsets.
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
    return KernelDistance(float(np.mean(distances)), float(np.std(distances)))


def squared_discrepancy(first: np.ndarray, second: np.ndarray, kernel: Kernel | None = None) -> float:
    """Unbiased estimate of MMD² from all pairs: ``[n, d]`` and ``[m, d]``, n and m at least 2.

    Args:
        first, second: the sets.
        kernel: maps ``[n, d]`` and ``[m, d]`` to values ``[n, m]``; cubic by default.
    """
    kernel = kernel or _cubic
    first, second = first.astype(np.float64), second.astype(np.float64)
    return _mean_of_pairs(first, kernel) + _mean_of_pairs(second, kernel) - 2 * float(kernel(first, second).mean())


def _cubic(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    base = first @ second.T / first.shape[1] + 1
    # Multiplication is ten times as fast as NumPy's power.
    return base * base * base


def _mean_of_pairs(features: np.ndarray, kernel: Kernel) -> float:
    """Mean kernel over pairs of different examples; equal pairs would bias the estimate."""
    values, count = kernel(features, features), len(features)
    return float((values.sum() - np.trace(values)) / (count * (count - 1)))
