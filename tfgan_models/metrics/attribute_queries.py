"""Query attributes (Larsen et al. 2015, 1512.09300, section 4.2): chosen attributes, read in samples.

A conditional model draws samples with the attributes of held-out images. A regressor reads the attributes of these
samples. They are compared with the chosen ones, overall and for each attribute.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.metrics.attribute_similarity import AttributeSimilarity, attribute_similarity
from tfgan_models.metrics.checks import check_features


class AttributeReadings(NamedTuple):
    """Agreement of the attributes that are read in images with those that the images should have.

    Attributes:
        similarity: cosine and squared error of whole vectors in [-1, 1].
        present: for each attribute the share of images in which it is read, among those that should have it; NaN if
            none should.
        absent: the share of images in which it is not read, among those that should not have it; NaN if all should.
    """

    similarity: AttributeSimilarity
    present: np.ndarray
    absent: np.ndarray

    @property
    def balanced_accuracy(self) -> np.ndarray:
        """Mean of both shares, ``[k]``: ½ for an attribute that is read without regard to the choice."""
        return (self.present + self.absent) / 2


def attribute_readings(queries: np.ndarray, probabilities: np.ndarray) -> AttributeReadings:
    """Compare chosen attributes with those that a regressor reads.

    Args:
        queries: attributes that the images should have, ``[n, k]`` in {0, 1}.
        probabilities: the regressor's outputs on the images, ``[n, k]`` from 0 to 1.

    Raises:
        InputError: shapes differ, or values are not finite.
    """
    queries = check_features(queries, "chosen attributes").astype(np.float64)
    probabilities = check_features(probabilities, "attributes read", like=queries).astype(np.float64)
    similarity = attribute_similarity(2 * queries - 1, 2 * probabilities - 1)
    wanted, read = queries > 0.5, probabilities > 0.5
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN of an attribute that has no such image
        present = (wanted & read).sum(0) / wanted.sum(0)
        absent = (~wanted & ~read).sum(0) / (~wanted).sum(0)
    return AttributeReadings(similarity, present, absent)


def best_readable(readings: AttributeReadings, count: int) -> list[int]:
    """Indices of the attributes that a regressor reads best, by balanced accuracy on held-out images, best first.

    Raises:
        InputError: no attribute has images with it and images without it.
    """
    accuracy = readings.balanced_accuracy
    if np.isnan(accuracy).all():
        raise InputError("no attribute has both images with it and images without it: give more held-out images")
    order = np.argsort(-np.nan_to_num(accuracy, nan=-1.0), kind="stable")
    return [int(i) for i in order[:count] if not np.isnan(accuracy[i])]
