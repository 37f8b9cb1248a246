"""Parzen-window log-likelihood (Breuleux et al. 2011; Goodfellow et al. 2014, 1406.2661, section 5, Table 1).

A Gaussian of width σ is put on every sample, σ is chosen by the likelihood of validation examples, and the score is the
mean log-likelihood of test examples in nats. It depends on the range of the pixels: published figures use flattened
images in [0, 1]; in [-1, 1] they are lower by d·log 2. It says little for large d (Theis et al. 2016, 1511.01844).
Reference: goodfeli/adversarial, ``parzen_ll.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features
from tfgan_models.metrics.neighbors import distance_blocks

# A decade in ten steps, as in the reference.
SIGMAS = tuple(np.logspace(-1, 0, 10).tolist())
MAX_EXTENSIONS = 5  # of the grid of sigmas


class Parzen(NamedTuple):
    """Mean log-likelihood, its standard error, and the window.

    Attributes:
        mean: mean over the test examples, in nats.
        standard_error: standard error of the mean.
        sigma: width of the window, in the data's units.
    """

    mean: float
    standard_error: float
    sigma: float


def parzen(
    samples: np.ndarray, validation: np.ndarray, test: np.ndarray, sigmas: Sequence[float] | np.ndarray | None = None
) -> Parzen:
    """Log-likelihood of test examples under windows on samples, with σ chosen on validation examples.

    Args:
        samples: ``[n, d]``, generated.
        validation: ``[v, d]``, data outside the test examples.
        test: ``[m, d]``.
        sigmas: see ``choose_sigma``.

    Raises:
        InputError: arrays have different widths, or there is no best σ.
    """
    sigma = choose_sigma(samples, validation, sigmas)
    values = log_likelihoods(test, samples, sigma)
    return Parzen(float(values.mean()), float(values.std() / np.sqrt(len(values))), sigma)


def choose_sigma(
    samples: np.ndarray, validation: np.ndarray, sigmas: Sequence[float] | np.ndarray | None = None
) -> float:
    """Choose the σ with the highest likelihood of validation examples.

    Args:
        samples: ``[n, d]``.
        validation: ``[v, d]``.
        sigmas: candidates in geometric progression; by default ten from 0.1 to 1. While the best candidate is the first
            or the last, the progression continues beyond it. A single candidate is used without a comparison.

    Raises:
        InputError: the likelihood has no maximum, as when the samples contain every validation example.
    """
    grid = np.unique(np.asarray(SIGMAS if sigmas is None else sigmas, np.float64))
    if len(grid) == 1:
        return float(grid[0])
    for _ in range(MAX_EXTENSIONS + 1):
        best = int(np.argmax(_log_likelihoods(validation, samples, grid).mean(axis=1)))
        if 0 < best < len(grid) - 1:
            return float(grid[best])
        # The next grid contains this edge as an inner point, so that a maximum there is recognized.
        ratio = grid[1] / grid[0] if best == 0 else grid[-1] / grid[-2]
        steps = np.arange(1 - len(grid), 2) if best == 0 else np.arange(-1, len(grid))
        grid = grid[best] * ratio**steps
    raise InputError(
        f"the likelihood has no maximum for sigma from {grid[0]:.2g} to {grid[-1]:.2g}: "
        "remove validation examples from the samples"
    )


def log_likelihoods(test: np.ndarray, samples: np.ndarray, sigma: float, batch: int | None = None) -> np.ndarray:
    """Compute the log-likelihood log (1/n) Σ_i N(x | s_i, σ² I) of each test example x, in nats.

    Args:
        test: ``[m, d]``.
        samples: ``[n, d]``.
        sigma: standard deviation of the windows, above 0.
        batch: test examples at once, by default as many as fit a block of 32 MB; it does not change the values.

    Returns:
        ``[m]``.
    """
    return _log_likelihoods(test, samples, np.array([sigma], np.float64), batch)[0]


def _log_likelihoods(test: np.ndarray, samples: np.ndarray, sigmas: np.ndarray, batch: int | None = None) -> np.ndarray:
    """Compute ``log_likelihoods`` for each σ, ``[sigmas, m]``, with one computation of the distances."""
    if not (len(sigmas) and np.isfinite(sigmas).all() and sigmas.min() > 0):
        raise InputError(f"sigma {sigmas.tolist()}: give finite widths above 0")
    samples = check_features(samples, "samples")
    test = check_features(test, "test or validation examples", like=samples)
    result = np.empty((len(sigmas), len(test)))
    for part, squared in distance_blocks(test, samples, batch):
        # The nearest sample's term is factored out, so that the sum is at least 1 for any σ.
        minimum = squared.min(axis=1)
        squared -= minimum[:, None]
        for row, sigma in enumerate(sigmas):
            windows = squared * (-0.5 / sigma**2)
            result[row, part] = np.log(np.exp(windows, out=windows).sum(axis=1)) - 0.5 * minimum / sigma**2
    constant = np.log(len(samples)) + 0.5 * samples.shape[1] * np.log(2 * np.pi * sigmas**2)
    return result - constant[:, None]
