"""Inception score (Salimans et al. 2016, 1606.03498, section 4).

exp(E_x KL(p(y|x) ‖ p(y))): high when a classifier is sure of each image (quality) and of different classes over the
images (variety). It lies between 1 and the number of classes, never looks at data, and means something only beside
scores of the same classifier and number of images. Reference: openai/improved-gan, ``inception_score/model.py``.
"""

from __future__ import annotations

import numpy as np
from scipy.special import rel_entr

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features
from tfgan_models.metrics.score import Score

# A part of N images with K classes scores too low by about (K − 1)/2N in its exponent.
IMAGES_PER_CLASS = 10


def splits_of(images: int, classes: int, most: int = 10) -> int:
    """The number of parts, at most ``most``, that leaves ten images for each class in a part; 1 where none does.

    With fewer images than that a part's own classes are taken for the model's, and it scores too low; of fewer than
    ten for each class in all even one part does.
    """
    return max(1, min(most, images // (IMAGES_PER_CLASS * classes)))


def inception_score(probabilities: np.ndarray, splits: int = 10) -> Score:
    """Inception score of generated images, taken on equal parts of them.

    Args:
        probabilities: ``[n, classes]``, the classifier's p(y|x); rows sum to 1. The order decides the parts, so it
            must not follow the classes.
        splits: number of parts. A part of few images scores too low, see ``splits_of``: the paper uses 5,000 a part.

    Raises:
        InputError: rows that are no distributions, or fewer images than parts.
    """
    probabilities = check_features(probabilities, "probabilities").astype(np.float64)
    if not 1 <= splits <= len(probabilities):
        raise InputError(f"{splits} splits of {len(probabilities)} images: give 1 to {len(probabilities)}")
    totals = probabilities.sum(axis=1)
    # Half-precision softmax rows miss 1 by about 1e-2; logits miss it by far more.
    if probabilities.min() < 0 or np.abs(totals - 1).max() > 0.02:
        raise InputError(f"rows sum to {totals.min():g} … {totals.max():g}: give probabilities, not logits")
    probabilities /= totals[:, None]
    scores = [_score(part) for part in np.array_split(probabilities, splits)]
    return Score(float(np.mean(scores)), float(np.std(scores)))


def _score(probabilities: np.ndarray) -> float:
    """exp(mean KL) of one part, in nats; 0 log 0 counts as 0."""
    marginal = probabilities.mean(axis=0)
    return float(np.exp(rel_entr(probabilities, marginal).sum(axis=1).mean()))
