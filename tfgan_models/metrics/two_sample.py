"""Whether two sets of codes are of one distribution: those of images, and those that a prior gives."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist, pdist
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features
from tfgan_models.metrics.kernel_distance import squared_discrepancy

LEAST_CODES = 20  # of each set; a tenth of its half decides when the discriminator has learned enough
KERNEL_CODES = 2_000  # of each set at most: the kernel is taken of all pairs


def discriminated(first: np.ndarray, second: np.ndarray, seed: int = 0) -> float:
    """How often a discriminator is right that is trained afterwards to tell the sets apart (Lopez-Paz and Oquab 2016).

    A network of two hidden layers learns from one half of both sets and is scored on the other half.

    Args:
        first: ``[n, d]``.
        second: ``[m, d]``.
        seed: of the halves and of the network.

    Returns:
        The share of right answers, both sets weighing the same: 0.5 where it can tell nothing.

    Raises:
        InputError: codes of different widths, or fewer than 20 in a set.
    """
    sets = check_features(first, "first codes"), check_features(second, "second codes", like=first)
    if min(map(len, sets)) < LEAST_CODES:
        raise InputError(f"{len(first)} and {len(second)} codes: give at least {LEAST_CODES} of each")
    random = np.random.default_rng(seed)
    halves = [np.array_split(codes[random.permutation(len(codes))], 2) for codes in sets]
    size = min(len(half) for half, _ in halves)  # or always answering with the larger set would be right more often
    seen = np.concatenate([half[:size] for half, _ in halves])
    judge = make_pipeline(
        StandardScaler(), MLPClassifier((100, 100), early_stopping=True, n_iter_no_change=10, random_state=seed)
    )
    judge.fit(seen, np.repeat([0, 1], size))
    return float(np.mean([np.mean(judge.predict(half) == label) for label, (_, half) in enumerate(halves)]))


def kernel_discrepancy(first: np.ndarray, second: np.ndarray, seed: int = 0) -> float:
    """Squared maximum mean discrepancy with a Gaussian kernel (Gretton et al. 2012, equation 3).

    It is unbiased: for equal distributions 0 on average, and so at times negative. The kernel's width
    is the median distance within the second set, of those that are not equal.

    Args:
        first: ``[n, d]``.
        second: ``[m, d]``, such as draws from the prior.
        seed: of the 2,000 of each that it is taken of, where there are more.
    """
    random = np.random.default_rng(seed)
    first, second = (
        codes[random.permutation(len(codes))[:KERNEL_CODES]]
        for codes in (check_features(first, "first codes"), check_features(second, "second codes", like=first))
    )
    distances = pdist(second)
    width = float(np.median(distances[distances > 0])) if distances.any() else 1.0  # of classes many are equal

    def gaussian(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.exp(-cdist(a, b, "sqeuclidean") / (2 * width**2))

    return squared_discrepancy(first, second, gaussian)
