"""Inception score (Salimans et al. 2016, 1606.03498, section 4).

exp(E_x KL(p(y|x) ‖ p(y))): high if a classifier is certain about each image (quality) and predicts different classes
(variety). It is between 1 and the number of classes and does not use real data. Compare only scores of the same
classifier and number of images. Reference: openai/improved-gan, ``inception_score/model.py``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import rel_entr

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features

# In a split of N images with K classes the exponent is too low by about (K − 1)/2N.
IMAGES_PER_CLASS = 10


class InceptionScore(NamedTuple):
    """Inception score over splits.

    Attributes:
        mean: over the splits.
        deviation: standard deviation between the splits, which is not the error of their mean.
    """

    mean: float
    deviation: float


def num_splits(images: int, classes: int, max_splits: int = 10) -> int:
    """Number of splits, at most ``max_splits``, with ten images for each class in a split; at least 1.

    With fewer images the classes of a split do not represent the model, and its score is too low. This also holds for
    a single split with fewer than ten images for each class.
    """
    return max(1, min(max_splits, images // (IMAGES_PER_CLASS * classes)))


def inception_score(probabilities: np.ndarray, splits: int = 10) -> InceptionScore:
    """Inception score of generated images, the mean over splits.

    Args:
        probabilities: ``[n, classes]``, the classifier's p(y|x); rows sum to 1. The order determines the
            splits, so it must not depend on the classes.
        splits: number of splits. A split of few images has too low a score, see ``num_splits``; the paper uses 5,000.

    Raises:
        InputError: rows are not distributions, or there are fewer images than splits.
    """
    probabilities = check_features(probabilities, "probabilities").astype(np.float64)
    if not 1 <= splits <= len(probabilities):
        raise InputError(f"{splits} splits of {len(probabilities)} images: give 1 to {len(probabilities)}")
    totals = probabilities.sum(axis=1)
    # Half-precision softmax rows differ from 1 by about 1e-2; logits differ by far more.
    if probabilities.min() < 0 or np.abs(totals - 1).max() > 0.02:
        raise InputError(f"rows sum to {totals.min():g} … {totals.max():g}: give probabilities, not logits")
    probabilities /= totals[:, None]
    scores = [_score(part) for part in np.array_split(probabilities, splits)]
    return InceptionScore(float(np.mean(scores)), float(np.std(scores)))


def _score(probabilities: np.ndarray) -> float:
    """exp(mean KL) of one split, in nats; 0 log 0 counts as 0."""
    marginal = probabilities.mean(axis=0)
    return float(np.exp(rel_entr(probabilities, marginal).sum(axis=1).mean()))
