"""How well images show the condition that they were generated from (GAN-test of Shmelkov et al. 2018, 1807.09499).

The classifier that reads them was trained on real images. It measures whether samples of a class look like that class,
and not whether they are varied: one perfect image of each class has the best value.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import sklearn.metrics

MIN_EXAMPLES = 10  # images with an attribute, and images without it


def condition_agreement(
    probabilities: np.ndarray, conditions: np.ndarray, kind: Literal["labels", "attributes"]
) -> np.ndarray:
    """Compare what a classifier reads in images with their conditions.

    Args:
        probabilities: those of the classifier, ``[n, k]``.
        conditions: ``[n, k]``: one-hot classes, or attributes in {0, 1}.
        kind: meaning of the condition.

    Returns:
        float64 ``[k]``. For each class, the share of its images whose class is read; NaN without images. For each
        attribute, the area under the receiver operating characteristic: 1 if images with it always have a higher
        probability of it than those without it, 0.5 for chance; NaN if fewer than ten images have or lack it.
    """
    has, values = conditions > 0.5, np.full(conditions.shape[1], np.nan)
    if kind == "labels":
        right = probabilities.argmax(1) == conditions.argmax(1)
        for i in np.flatnonzero(has.any(0)):
            values[i] = right[has[:, i]].mean()
        return values
    for i in np.flatnonzero(np.minimum(has.sum(0), (~has).sum(0)) >= MIN_EXAMPLES):
        values[i] = sklearn.metrics.roc_auc_score(has[:, i], probabilities[:, i])
    return values
