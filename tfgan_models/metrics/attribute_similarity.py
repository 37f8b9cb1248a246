"""Attribute similarity (Larsen et al. 2015, 1512.09300, section 4.2).

A regressor predicts the attributes of images. Its outputs on reconstructions are compared with its outputs on their
originals. The squared error is **summed** over attributes and averaged over images. Therefore it grows with the number
of attributes, and errors for different sets of attributes are not comparable.

The paper does not state that it uses the sum, but its numbers imply it. Outputs of equal norm r have the squared error
2r²(1 − cosine). An error of 22.4 at cosine 0.911 gives r² = 126, or a mean square of 1.7 for each of the 73 attributes
of LFW. If 22.4 were a mean over attributes, that mean square would be 126, so that outputs would be around ±11.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features


class AttributeSimilarity(NamedTuple):
    """Agreement of attributes, averaged over images.

    Attributes:
        cosine: cosine similarity of the attribute vectors, in [-1, 1]; higher is better.
        squared_error: squared difference summed over attributes; lower is better.
    """

    cosine: float
    squared_error: float


def attribute_similarity(originals: np.ndarray, reconstructions: np.ndarray) -> AttributeSimilarity:
    """Compare a regressor's outputs on images and on their reconstructions.

    Args:
        originals: outputs on originals, ``[n, attributes]``. Use centered outputs, such as logits or values in [-1, 1].
            Probabilities are positive, so that their cosine is always positive and says little.
        reconstructions: outputs on the reconstructions of the same images in the same order, ``[n, attributes]``. A
            vector of zeros has cosine 0.

    Raises:
        InputError: shapes differ, or values are not finite.
    """
    originals = check_features(originals, "attributes of originals").astype(np.float64)
    reconstructions = check_features(reconstructions, "attributes of reconstructions", like=originals)
    if len(originals) != len(reconstructions):
        raise InputError(f"{len(originals)} originals, {len(reconstructions)} reconstructions: give pairs")
    products = np.sum(originals * reconstructions, axis=1)
    norms = np.linalg.norm(originals, axis=1) * np.linalg.norm(reconstructions.astype(np.float64), axis=1)
    cosines = np.divide(products, norms, out=np.zeros(len(norms)), where=norms > 0)
    errors = np.square(originals - reconstructions).sum(axis=1)
    return AttributeSimilarity(float(cosines.mean()), float(errors.mean()))
