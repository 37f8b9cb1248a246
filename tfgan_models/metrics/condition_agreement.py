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
) -> float | None:
    """Compare what a classifier reads in images with their conditions.

    Args:
        probabilities: those of the classifier, ``[n, k]``.
        conditions: ``[n, k]``: one-hot classes, or attributes in {0, 1}.
        kind: meaning of the condition.

    Returns:
        For classes, the share of images whose class is read. For attributes, the mean area under the receiver operating
        characteristic: 1 if images with an attribute always have a higher probability of it than those without it, 0.5
        for chance. Attributes that fewer than ten images have or lack do not count; None if none counts.
    """
    if kind == "labels":
        return float(np.mean(probabilities.argmax(1) == conditions.argmax(1)))
    has = conditions > 0.5
    counts = np.minimum(has.sum(0), (~has).sum(0)) >= MIN_EXAMPLES
    areas = [sklearn.metrics.roc_auc_score(has[:, i], probabilities[:, i]) for i in np.flatnonzero(counts)]
    return float(np.mean(areas)) if areas else None
