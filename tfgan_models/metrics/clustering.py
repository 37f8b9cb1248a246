"""Labels of clusters, and the clustering error (Makhzani et al. 2015, 1511.05644, section 6)."""

from __future__ import annotations

import numpy as np

from tfgan_models.errors import InputError


def name_clusters(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Assign to each cluster the label of the example with the highest ``odds`` of belonging to it.

    Args:
        probabilities: probabilities of the clusters, ``[n, clusters]``, for examples outside the test set.
        labels: labels of these examples, ``[n]``.

    Returns:
        The label of each cluster, ``[clusters]``.

    Raises:
        InputError: the numbers of examples and labels differ.
    """
    if len(probabilities) != len(labels):
        raise InputError(f"{len(probabilities)} examples and {len(labels)} labels: give a label for each")
    return np.asarray(labels)[np.argmax(odds(probabilities), 0)]


def odds(probabilities: np.ndarray) -> np.ndarray:
    """Odds that an example belongs to a cluster rather than to any other, ``[n, clusters]``.

    Odds distinguish examples whose probabilities float32 rounds to 1, which are many after a long training. If logits
    differ by more than about 87, softmax rounds all other probabilities to 0, and odds are infinite.

    Args:
        probabilities: probabilities of the clusters, ``[n, clusters]``.
    """
    probabilities = np.asarray(probabilities)
    # 1 - probability would be 0 for a probability rounded to 1, so the probabilities on both sides are summed instead.
    zero = np.zeros_like(probabilities[:, :1])
    left = np.cumsum(np.concatenate([zero, probabilities[:, :-1]], 1), 1)
    right = np.cumsum(np.concatenate([zero, probabilities[:, :0:-1]], 1), 1)[:, ::-1]
    with np.errstate(divide="ignore", over="ignore"):
        return probabilities / (left + right)


def clustering_error(probabilities: np.ndarray, labels: np.ndarray, names: np.ndarray) -> float:
    """Share of examples whose label differs from that of their cluster.

    Args:
        probabilities: probabilities of the clusters, ``[n, clusters]``.
        labels: labels of the examples, ``[n]``.
        names: labels of the clusters, ``[clusters]``, from ``name_clusters``.
    """
    return float(np.mean(names[np.argmax(probabilities, -1)] != labels))
