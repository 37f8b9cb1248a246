"""Two-sample tests, such as between codes of images and samples of a prior."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist, pdist
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features
from tfgan_models.metrics.kernel_distance import squared_discrepancy

MIN_CODES = 20  # of each set; a tenth of its training half is used for early stopping
KERNEL_CODES = 2_000  # maximum of each set, since the kernel is computed for all pairs


def classifier_two_sample_accuracy(first: np.ndarray, second: np.ndarray, seed: int = 0, paired: bool = False) -> float:
    """Accuracy of a classifier that is trained to separate the sets (Lopez-Paz and Oquab 2016).

    A network of two hidden layers is trained on one half of both sets and tested on the other half.

    Args:
        first: ``[n, d]``.
        second: ``[m, d]``.
        seed: seed of the halves and of the network.
        paired: whether equal rows belong together, such as reconstructions and their originals. Both are then in the
            same half; otherwise the classifier would learn to answer one by the label of the other.

    Returns:
        The balanced accuracy; 0.5 for sets that cannot be distinguished.

    Raises:
        InputError: codes have different widths, a set has fewer than 20, or paired sets have different lengths.
    """
    sets = check_features(first, "first codes"), check_features(second, "second codes", like=first)
    if min(map(len, sets)) < MIN_CODES:
        raise InputError(f"{len(first)} and {len(second)} codes: give at least {MIN_CODES} of each")
    if paired and len(first) != len(second):
        raise InputError(f"{len(first)} and {len(second)} paired codes: give equally many")
    random = np.random.default_rng(seed)
    order = random.permutation(len(first))
    orders = order, order if paired else random.permutation(len(second))
    halves = [np.array_split(codes[order], 2) for codes, order in zip(sets, orders, strict=True)]
    size = min(len(half) for half, _ in halves)  # equal sizes, so that the larger set is not preferred
    examples = np.concatenate([half[:size] for half, _ in halves])
    classifier = make_pipeline(
        StandardScaler(), MLPClassifier((100, 100), early_stopping=True, n_iter_no_change=10, random_state=seed)
    )
    classifier.fit(examples, np.repeat([0, 1], size))
    return float(np.mean([np.mean(classifier.predict(half) == label) for label, (_, half) in enumerate(halves)]))


def kernel_discrepancy(first: np.ndarray, second: np.ndarray, seed: int = 0) -> float:
    """Squared maximum mean discrepancy with a Gaussian kernel (Gretton et al. 2012, equation 3).

    It is unbiased: 0 on average for equal distributions, so sometimes negative. The kernel's width is the median of the
    positive distances within the second set.

    Args:
        first: ``[n, d]``.
        second: ``[m, d]``, such as samples of the prior.
        seed: seed of the subset of 2,000 of a larger set.
    """
    random = np.random.default_rng(seed)
    first, second = (
        codes[random.permutation(len(codes))[:KERNEL_CODES]]
        for codes in (check_features(first, "first codes"), check_features(second, "second codes", like=first))
    )
    distances = pdist(second)
    width = (
        float(np.median(distances[distances > 0])) if distances.any() else 1.0
    )  # one-hot codes have many equal pairs

    def gaussian(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.exp(-cdist(a, b, "sqeuclidean") / (2 * width**2))

    return squared_discrepancy(first, second, gaussian)
