"""Kernel distance: unbiased, exact on small sets, and reproducible."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models.errors import InputError
from tfgan_models.metrics.kernel_distance import kernel_distance, squared_discrepancy


def by_hand(first: np.ndarray, second: np.ndarray, unbiased: bool = True) -> float:
    """The estimate as the paper's sums, one pair at a time."""

    def kernel(x: np.ndarray, y: np.ndarray) -> float:
        return (float(x @ y) / len(x) + 1) ** 3

    def within(features: np.ndarray) -> float:
        pairs = [(i, j) for i in range(len(features)) for j in range(len(features)) if i != j or not unbiased]
        return sum(kernel(features[i], features[j]) for i, j in pairs) / len(pairs)

    between = np.mean([kernel(x, y) for x in first for y in second])
    return within(first) + within(second) - 2 * float(between)


def test_agrees_with_the_sums_one_pair_at_a_time():
    generator = np.random.default_rng(0)
    first, second = generator.normal(size=(9, 4)), generator.normal(1, 2, size=(13, 4))
    assert squared_discrepancy(first, second) == pytest.approx(by_hand(first, second), rel=1e-12)


def test_all_of_two_sets_is_one_estimate_without_deviation():
    generator = np.random.default_rng(1)
    first, second = generator.normal(size=(30, 5)), generator.normal(1, 1, size=(30, 5))
    score = kernel_distance(first, second, subsets=4, subset_size=1000)
    assert score.mean == pytest.approx(by_hand(first, second), rel=1e-10)
    assert score.deviation == pytest.approx(0, abs=1e-12)


def test_equal_distributions_are_at_zero_on_average():
    """Within three standard errors, which are small enough to find the bias that pairs of one example would add."""
    generator = np.random.default_rng(2)
    draws = [generator.normal(0.5, 1, size=(2, 10, 3)) for _ in range(2000)]
    values = np.array([squared_discrepancy(*draw) for draw in draws])
    error = values.std() / np.sqrt(len(values))
    assert abs(values.mean()) < 3 * error
    assert (values < 0).any()
    biased = np.mean([by_hand(*draw, unbiased=False) for draw in draws[:100]])
    assert biased > 20 * error


def test_the_mean_over_subsets_is_unbiased_too():
    generator = np.random.default_rng(3)
    values = np.array(
        [kernel_distance(*generator.normal(size=(2, 60, 3)), subsets=10, subset_size=20).mean for _ in range(300)]
    )
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(len(values))


@pytest.mark.parametrize("change", [lambda x: x + 0.5, lambda x: 1.5 * x, lambda x: np.sign(x) * x**2], ids=range(3))
def test_different_distributions_are_apart(change):
    first, second = np.random.default_rng(4).normal(size=(2, 1000, 8))
    score = kernel_distance(first, change(second), subsets=20, subset_size=200)
    same = kernel_distance(first, second, subsets=20, subset_size=200)
    assert score.mean > 3 * score.deviation
    assert score.mean > 10 * abs(same.mean)


def test_the_seed_decides_the_subsets():
    first, second = np.random.default_rng(5).normal(size=(2, 100, 4)).astype(np.float32)
    score = kernel_distance(first, second, subsets=5, subset_size=20)
    assert kernel_distance(first, second, subsets=5, subset_size=20) == score
    assert kernel_distance(first, second, subsets=5, subset_size=20, seed=1) != score
    assert score.deviation > 0


def test_what_cannot_be_used_is_refused():
    features = np.ones((5, 3))
    with pytest.raises(InputError, match="1 examples"):
        kernel_distance(features[:1], features)
    with pytest.raises(InputError, match="0 subsets"):
        kernel_distance(features, features, subsets=0)
    with pytest.raises(InputError, match="2 dimensions, expected 3"):
        kernel_distance(features, features[:, :2])
