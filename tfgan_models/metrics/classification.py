"""Error rate and confusion matrix of a classifier."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sklearn.metrics

from tfgan_models.data import pipeline
from tfgan_models.data.image_set import ImageSet

BATCH = 500


def confusion_matrix(
    classify: Callable[[np.ndarray], np.ndarray], data: ImageSet, batch_size: int = BATCH
) -> np.ndarray:
    """Compute the confusion matrix of a classifier on labeled images.

    Args:
        classify: maps images ``[n, h, w, c]`` in [-1, 1] to probabilities or logits ``[n, K]``, whose largest counts.
        data: images with K classes; those without a label, -1, do not count.
        batch_size: number of images to classify at once.

    Returns:
        int64 ``[K, K]``: a row for each true class, a column for each predicted class.
    """
    labels, predictions = [], []
    for batch in pipeline.ordered(data, batch_size):
        predictions.append(np.argmax(np.asarray(classify(batch["image"])), -1))
        labels.append(batch["label"].numpy())
    true, predicted = np.concatenate(labels), np.concatenate(predictions)
    classes = np.arange(len(data.label_names))
    return sklearn.metrics.confusion_matrix(true[true >= 0], predicted[true >= 0], labels=classes)


def error_rate(counts: np.ndarray) -> float:
    """Share of wrong predictions in a confusion matrix ``[K, K]``."""
    return 1 - np.trace(counts) / counts.sum()
