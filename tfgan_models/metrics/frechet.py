"""Fréchet distance of two sets of features (Heusel et al. 2017, 1706.08500, equation 6).

Both sets are modeled as Gaussians: d² = ‖m₁ − m₂‖² + tr(C₁ + C₂ − 2 (C₁C₂)^½). With Inception features, d² is called
FID. Its bias is positive and falls with the number of examples, so only values for equal numbers are comparable.

The trace of (C₁C₂)^½ is equal to that of (C₁^½ C₂ C₁^½)^½, which is the sum of the singular values of C₁^½ C₂^½. These
are real and not negative. Covariances without full rank are safe, because roots of rounding errors are not taken.
"""

from __future__ import annotations

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features


class Moments:
    """Mean and covariance of features that arrive in batches, in constant memory.

    Batches are joined by the pairwise update of Chan, Golub & LeVeque (1983), which is stable for any mean.

    Attributes:
        count: number of features.
        mean: ``[d]``, float64; empty before the first batch.
        scatter: ``[d, d]``, Σ (x − mean)(x − mean)ᵀ; empty before the first batch.
    """

    def __init__(self) -> None:
        self.count = 0
        self.mean = np.zeros(0)
        self.scatter = np.zeros((0, 0))

    def add(self, features: np.ndarray) -> None:
        """Add a batch, ``[n, d]``."""
        batch = Moments()
        features = check_features(features).astype(np.float64)
        batch.count, batch.mean = len(features), features.mean(axis=0)
        features -= batch.mean
        batch.scatter = features.T @ features
        self.merge(batch)

    def merge(self, other: Moments) -> None:
        """Add another object's moments, which are not changed."""
        if other.count == 0:
            return
        if self.count == 0:
            self.count, self.mean, self.scatter = other.count, other.mean.copy(), other.scatter.copy()
            return
        _check_widths(self, other)
        count = self.count + other.count
        shift = other.mean - self.mean
        self.scatter += other.scatter + np.outer(shift, shift * (self.count * other.count / count))
        self.mean += shift * (other.count / count)
        self.count = count

    @property
    def covariance(self) -> np.ndarray:
        """Unbiased covariance, ``[d, d]``, like ``numpy.cov``."""
        if self.count < 2:
            raise InputError(f"a covariance of {self.count} examples: give at least 2")
        return self.scatter / (self.count - 1)


def frechet_distance(first: Moments, second: Moments) -> float:
    """Squared Fréchet distance d² of two sets of features, usually reported as FID.

    Raises:
        InputError: there are fewer than two examples, or features have different widths.
    """
    covariances = first.covariance, second.covariance
    _check_widths(first, second)
    return gaussian_distance(first.mean, covariances[0], second.mean, covariances[1])


def gaussian_distance(
    first_mean: np.ndarray, first_covariance: np.ndarray, second_mean: np.ndarray, second_covariance: np.ndarray
) -> float:
    """Squared Fréchet (2-Wasserstein) distance of two Gaussians (Dowson & Landau 1982).

    Args:
        first_mean: ``[d]``.
        first_covariance: ``[d, d]``, symmetric and positive semi-definite, of any rank.
        second_mean: ``[d]``.
        second_covariance: ``[d, d]``.

    Returns:
        A real number, at least 0.
    """
    first_factor, second_factor = _factor(first_covariance), _factor(second_covariance)
    shared = np.linalg.svd(first_factor.T @ second_factor, compute_uv=False).sum()
    traces = np.square(first_factor).sum() + np.square(second_factor).sum()
    shift = np.square(np.subtract(first_mean, second_mean, dtype=np.float64)).sum()
    # The covariance term is not negative, but rounding may make it so for equal sets.
    return float(shift + max(traces - 2 * shared, 0.0))


def _factor(covariance: np.ndarray) -> np.ndarray:
    """Return a factor F with F Fᵀ = C, ``[d, rank]``: eigenvectors times the roots of their eigenvalues."""
    values, vectors = np.linalg.eigh(np.asarray(covariance, np.float64))
    # Eigenvalues below the rounding error of the largest count as zero; their roots would not be small.
    nonzero = values > len(values) * np.finfo(np.float64).eps * values[-1]
    return vectors[:, nonzero] * np.sqrt(values[nonzero])


def _check_widths(first: Moments, second: Moments) -> None:
    if first.mean.shape != second.mean.shape:
        raise InputError(f"features of {len(first.mean)} and {len(second.mean)} dimensions: use one extractor")
