"""Which class a cluster is, and how often that is wrong (Makhzani et al. 2015, 1511.05644, section 6)."""

from __future__ import annotations

import numpy as np

from tfgan_models.errors import InputError


def name_clusters(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Name each cluster after the example that is the surest to belong to it.

    That is the one of the highest odds, see ``odds``.

    Args:
        probabilities: of the clusters for examples that are not those of the test, ``[n, clusters]``.
        labels: of these examples, ``[n]``.

    Returns:
        The label of each cluster, ``[clusters]``.

    Raises:
        InputError: not as many labels as examples.
    """
    if len(probabilities) != len(labels):
        raise InputError(f"{len(probabilities)} examples and {len(labels)} labels: give a label for each")
    return np.asarray(labels)[np.argmax(odds(probabilities), 0)]


def odds(probabilities: np.ndarray) -> np.ndarray:
    """How much likelier an example is to be in a cluster than in any other, for each cluster, ``[n, clusters]``.

    Odds tell examples apart whose probabilities float32 rounds to 1, as many do after a long training; where logits are
    more than about 87 apart, softmax rounds all others to 0, and odds are infinite.

    Args:
        probabilities: of the clusters, ``[n, clusters]``.
    """
    probabilities = np.asarray(probabilities)
    # 1 - probability would be 0 where that is rounded to 1: what lies on either side is summed up instead.
    none = np.zeros_like(probabilities[:, :1])
    before = np.cumsum(np.concatenate([none, probabilities[:, :-1]], 1), 1)
    after = np.cumsum(np.concatenate([none, probabilities[:, :0:-1]], 1), 1)[:, ::-1]
    others = before + after
    with np.errstate(divide="ignore", over="ignore"):
        return probabilities / others


def clustering_error(probabilities: np.ndarray, labels: np.ndarray, names: np.ndarray) -> float:
    """The share of examples whose cluster is not named as they are.

    Args:
        probabilities: of the clusters, ``[n, clusters]``.
        labels: of the examples, ``[n]``.
        names: of the clusters, ``[clusters]``, from ``name_clusters``.
    """
    return float(np.mean(names[np.argmax(probabilities, -1)] != labels))
