"""How often a classifier is wrong, and what it takes for what."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tfgan_models.data import pipeline
from tfgan_models.data.sources import ImageSet

BATCH = 500


def confusion(classify: Callable[[np.ndarray], np.ndarray], data: ImageSet) -> np.ndarray:
    """Count what labelled pictures are taken for.

    Args:
        classify: images ``[n, h, w, c]`` in [-1, 1] to probabilities or logits ``[n, K]``, of which the largest counts.
        data: pictures with K classes.

    Returns:
        int64 ``[K, K]``: a row for each true class, a column for each answer.
    """
    classes = len(data.label_names)
    counts = np.zeros((classes, classes), np.int64)
    for batch in pipeline.ordered(data, BATCH):
        answers = np.argmax(np.asarray(classify(batch["image"])), -1)
        np.add.at(counts, (batch["label"].numpy(), answers), 1)
    return counts


def error(counts: np.ndarray) -> float:
    """The share of wrong answers in a confusion matrix ``[K, K]``."""
    return 1 - np.trace(counts) / counts.sum()
