"""Two sets of codes: one distribution or two?"""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models import InputError
from tfgan_models.metrics.two_sample import classifier_two_sample_accuracy, kernel_discrepancy

RANDOM = np.random.default_rng(0)


def gaussian(count: int, shift: float = 0.0, dimensions: int = 2) -> np.ndarray:
    return RANDOM.normal(size=(count, dimensions)) + shift


def test_equal_distributions_cannot_be_told_apart():
    assert abs(classifier_two_sample_accuracy(gaussian(1000), gaussian(1000)) - 0.5) < 0.06
    assert abs(kernel_discrepancy(gaussian(1500), gaussian(1500))) < 0.0015


def test_the_farther_apart_the_better_they_are_told_apart():
    """Against the best there is: Gaussians at a distance δ are told apart in Φ(δ/2) of all cases."""
    for shift, best in ((1.0, 0.7602), (2.0, 0.9214)):  # in both dimensions, so δ = shift·√2
        assert classifier_two_sample_accuracy(gaussian(1500), gaussian(1500, shift)) == pytest.approx(best, abs=0.04)
    near, far = (kernel_discrepancy(gaussian(800), gaussian(800, shift)) for shift in (0.3, 1.0))
    assert 0.005 < near < far / 3


def test_a_hole_is_seen():
    """Where means and variances agree a discriminator still sees that the middle is empty."""
    angle = RANDOM.uniform(0, 2 * np.pi, 1500)
    ring = np.sqrt(2) * np.stack([np.cos(angle), np.sin(angle)], 1)
    assert classifier_two_sample_accuracy(ring, gaussian(1500)) > 0.85
    assert kernel_discrepancy(ring, gaussian(1500)) > 0.002  # of equal ones at most 0.0015, see above


def test_a_pair_is_not_learned_in_one_half_and_tested_in_the_other():
    """A classifier that has seen an original with one label gives its copy the same."""
    first = np.random.default_rng(0).normal(size=(1000, 128))
    apart = [classifier_two_sample_accuracy(first, first, seed) for seed in range(3)]
    together = [classifier_two_sample_accuracy(first, first, seed, paired=True) for seed in range(3)]
    assert together == [0.5] * 3 and np.mean(apart) < 0.48
    with pytest.raises(InputError, match="50 and 60 paired codes: give equally many"):
        classifier_two_sample_accuracy(gaussian(50), gaussian(60), paired=True)


def test_sets_of_unlike_sizes_weigh_the_same():
    assert abs(classifier_two_sample_accuracy(gaussian(400), gaussian(4000)) - 0.5) < 0.08


def test_the_discrepancy_is_that_of_a_double_loop():
    first, second = gaussian(7, 0.5), gaussian(9)
    width = np.median([np.linalg.norm(a - b) for i, a in enumerate(second) for b in second[:i]])

    def kernel(a, b):
        return np.exp(-np.sum((a - b) ** 2) / (2 * width**2))

    within = [
        np.mean([kernel(a, b) for i, a in enumerate(codes) for j, b in enumerate(codes) if i != j])
        for codes in (first, second)
    ]
    between = np.mean([kernel(a, b) for a in first for b in second])
    assert kernel_discrepancy(first, second) == pytest.approx(sum(within) - 2 * between)


def test_codes_that_cannot_be_compared_are_refused():
    with pytest.raises(InputError, match="19 and 50 codes: give at least 20"):
        classifier_two_sample_accuracy(gaussian(19), gaussian(50))
    assert 0 <= classifier_two_sample_accuracy(gaussian(20), gaussian(20)) <= 1
    with pytest.raises(InputError, match="dimensions"):
        kernel_discrepancy(gaussian(9), gaussian(9, dimensions=3))


def test_classes_may_be_compared_though_most_are_equal():
    classes = np.eye(2)[RANDOM.integers(0, 2, 200)]
    assert abs(kernel_discrepancy(classes, np.eye(2)[RANDOM.integers(0, 2, 200)])) < 0.02
    assert kernel_discrepancy(np.tile([1.0, 0.0], (200, 1)), classes) > 0.1
    assert np.isfinite(kernel_discrepancy(np.zeros((20, 1)), np.ones((20, 1))))
