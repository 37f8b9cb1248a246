"""Readers of attributes: linear functions of codes that tell images with an attribute from images without it."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata
from threadpoolctl import threadpool_limits

RIDGE = 1e-3  # added to each variance of codes whose dimensions have variance 1, so that few codes can be fitted, too


def reading_auc(
    codes: np.ndarray, attributes: np.ndarray, held_out_codes: np.ndarray, held_out_attributes: np.ndarray
) -> np.ndarray:
    """Fit a reader of each attribute by least squares, and measure it on codes of other images.

    Args:
        codes: ``[n, latent_dim]``.
        attributes: ``[n, k]`` in {0, 1}.
        held_out_codes: ``[m, latent_dim]``.
        held_out_attributes: ``[m, k]`` in {0, 1}.

    Returns:
        The area under the receiver operating characteristic of each attribute, float64 ``[k]``: 1 if all images with it
        have a higher value than those without it, 0.5 for chance. NaN if the held-out images all have the same value.
    """
    codes, attributes = np.asarray(codes, np.float64), np.asarray(attributes, np.float64)
    center, scale = codes.mean(0), codes.std(0)
    scale = np.where(scale > 0, scale, 1)
    with threadpool_limits(1):  # so that the same codes give the same bits
        inputs, targets = (codes - center) / scale, attributes - attributes.mean(0)
        gram = inputs.T @ inputs / len(inputs) + RIDGE * np.eye(inputs.shape[1])
        readers = np.linalg.solve(gram, inputs.T @ targets / len(inputs))
        values = (np.asarray(held_out_codes, np.float64) - center) / scale @ readers
    columns = zip(values.T, np.asarray(held_out_attributes).T, strict=True)
    return np.array([area_under_curve(column, has) for column, has in columns])


def area_under_curve(values: np.ndarray, has: np.ndarray) -> float:
    """The chance that a positive example has a higher value than a negative one; equal values count one half.

    This is the rank statistic of Mann and Whitney, which equals the area under the receiver operating characteristic.

    Args:
        values: ``[n]``.
        has: ``[n]`` in {0, 1}, 1 for positive examples.

    Returns:
        A number from 0 to 1; NaN if one kind of examples is missing.
    """
    has = np.asarray(has) > 0
    positives, negatives = int(has.sum()), int((~has).sum())
    if not positives or not negatives:
        return float("nan")
    ranks = rankdata(values)  # equal values share the mean of their ranks
    return float((ranks[has].sum() - positives * (positives + 1) / 2) / (positives * negatives))
