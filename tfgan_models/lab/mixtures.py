"""Mixtures of Gaussians in the plane, and the coverage of their modes by samples."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import NamedTuple

import numpy as np

SAMPLES = 2_500  # number of samples in a score, as in VEEGAN and PacGAN
MAX_DEVIATIONS = 3.0  # from a mode's center, for a sample of high quality


@dataclasses.dataclass(frozen=True)
class Mixture:
    """Gaussians of equal weight and deviation.

    Attributes:
        centers: centers (x, y) of the modes.
        deviation: standard deviation of each mode, in both directions.
    """

    centers: tuple[tuple[float, float], ...]
    deviation: float

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw points, float32 ``[count, 2]``: a pure function of the seed."""
        random = np.random.default_rng(seed)
        centers = np.array(self.centers)[random.integers(len(self.centers), size=count)]
        return (centers + self.deviation * random.standard_normal((count, 2))).astype(np.float32)


def ring(modes: int = 8, radius: float = 2.0, deviation: float = 0.02) -> Mixture:
    """Modes on a circle, by default those of Metz et al. 2016 (1611.02163), section 3.1."""
    angles = [2 * math.pi * i / modes for i in range(modes)]
    return Mixture(tuple((radius * math.cos(a), radius * math.sin(a)) for a in angles), deviation)


def grid(side: int = 5, spacing: float = 2.0, deviation: float = 0.05) -> Mixture:
    """Modes on a square grid about 0, by default those of Lin et al. 2017 (PacGAN, 1712.04086), section 4.1."""
    coordinates = [spacing * (i - (side - 1) / 2) for i in range(side)]
    return Mixture(tuple(itertools.product(coordinates, coordinates)), deviation)


MIXTURES = {"ring": ring(), "grid": grid()}


class ModeCoverage(NamedTuple):
    """Coverage of a mixture by samples.

    Attributes:
        modes: number of modes with at least one sample of high quality.
        high_quality: share of samples of high quality, from 0 to 1.
        entropy: of the samples of high quality over the modes, in bits: log₂ of the number of modes if all are equally
            frequent, 0 for a single mode or none.
    """

    modes: int
    high_quality: float
    entropy: float


def score(samples: np.ndarray, mixture: Mixture) -> ModeCoverage:
    """Modes covered, and the share of samples of high quality (Srivastava et al. 2017, VEEGAN, 1705.07761, section 4).

    A sample is of high quality within three deviations of the nearest mode's center; a mode is covered by at least one
    such sample, as in PacGAN (Lin et al. 2017, section 4.1). Of real points 98.9 % are within (1 − e^−4.5).

    Args:
        samples: ``[n, 2]``, ``SAMPLES`` in both papers. A sample that is not finite is not of high quality.
        mixture: the mixture of the real points.
    """
    distances = np.linalg.norm(samples[:, np.newaxis].astype(np.float64) - np.array(mixture.centers), axis=-1)
    distances = np.where(np.isfinite(distances), distances, np.inf)
    nearest, near = distances.argmin(1), distances.min(1) <= MAX_DEVIATIONS * mixture.deviation
    counts = np.bincount(nearest[near], minlength=len(mixture.centers))
    shares = counts[counts > 0] / max(1, near.sum())
    return ModeCoverage(len(shares), float(near.mean()), float(np.sum(shares * np.log2(1 / shares))))
