"""Fréchet distance: closed forms, SciPy's matrix root, deficient rank, and moments taken in batches."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

from tfgan_models.errors import InputError
from tfgan_models.metrics.frechet import Moments, frechet_distance, gaussian_distance


def moments(features: np.ndarray, parts: int = 1) -> Moments:
    result = Moments()
    for part in np.array_split(features, parts):
        result.add(part)
    return result


def random_covariance(seed: int, size: int) -> np.ndarray:
    factor = np.random.default_rng(seed).normal(size=(size, size + 5))
    return factor @ factor.T / size


def correlated(seed: int, count: int, size: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(count, size)) @ generator.normal(size=(size, size)) + generator.normal(size=size)


@pytest.mark.parametrize("count", [2, 30, 500])
def test_equal_sets_are_at_no_distance(count):
    features = 100 * correlated(0, count, 64)
    first, second = moments(features), moments(features[::-1], parts=min(count, 7))
    scale = np.trace(first.covariance)
    assert 0 <= frechet_distance(first, first) <= 1e-12 * scale
    assert 0 <= frechet_distance(first, second) <= 1e-12 * scale


def test_gaussians_that_share_axes_have_the_closed_form():
    """Covariances with the same eigenvectors commute: d² = |m₁ − m₂|² + Σ (√λ₁ − √λ₂)²."""
    generator = np.random.default_rng(1)
    axes, _ = np.linalg.qr(generator.normal(size=(20, 20)))
    first_values, second_values = generator.uniform(0, 9, (2, 20))
    first_mean, second_mean = generator.normal(size=(2, 20))
    distance = gaussian_distance(first_mean, axes * first_values @ axes.T, second_mean, axes * second_values @ axes.T)
    expected = np.sum((first_mean - second_mean) ** 2) + np.sum((np.sqrt(first_values) - np.sqrt(second_values)) ** 2)
    assert distance == pytest.approx(expected, rel=1e-12)


def test_a_shift_counts_its_square_and_a_scale_its_root():
    features = correlated(2, 300, 8)
    first = moments(features)
    assert frechet_distance(first, moments(features + 3)) == pytest.approx(8 * 9, rel=1e-10)
    around_mean = features.mean(0) + 3 * (features - features.mean(0))
    assert frechet_distance(first, moments(around_mean)) == pytest.approx(4 * np.trace(first.covariance), rel=1e-10)


@pytest.mark.parametrize("size", [1, 5, 128])
def test_agrees_with_the_matrix_root_of_scipy(size):
    first, second = random_covariance(3, size), random_covariance(4, size)
    means = np.random.default_rng(5).normal(size=(2, size))
    root = scipy.linalg.sqrtm(first @ second)
    expected = np.sum((means[0] - means[1]) ** 2) + np.trace(first + second - 2 * root.real)
    assert gaussian_distance(means[0], first, means[1], second) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("first_count", "second_count"), [(10, 12), (10, 500), (2, 2)])
def test_fewer_examples_than_dimensions_give_an_exact_real_number(first_count, second_count):
    """The centered features themselves are exact factors of their covariances, of as many rows as examples."""
    first, second = correlated(6, first_count, 64), correlated(7, second_count, 64)
    factors = [(x - x.mean(0)) / np.sqrt(len(x) - 1) for x in (first, second)]
    shared = np.linalg.svd(factors[0] @ factors[1].T, compute_uv=False).sum()
    shift = np.sum((first.mean(0) - second.mean(0)) ** 2)
    expected = shift + np.sum(factors[0] ** 2) + np.sum(factors[1] ** 2) - 2 * shared
    distance = frechet_distance(moments(first), moments(second))
    assert isinstance(distance, float)
    assert distance == pytest.approx(expected, rel=1e-9)
    assert distance == pytest.approx(frechet_distance(moments(second), moments(first)), rel=1e-9)


def test_features_that_never_change_are_no_obstacle():
    constant = np.full((5, 3), 2.0)
    assert frechet_distance(moments(constant), moments(constant)) == 0
    assert frechet_distance(moments(constant), moments(constant + 1)) == pytest.approx(3)


@pytest.mark.parametrize("parts", [1, 2, 7, 50, 100])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_moments_are_numpys_whatever_the_batches(parts, offset):
    features = correlated(8, 100, 6) + offset
    result = moments(features, parts)
    assert result.count == 100
    np.testing.assert_allclose(result.mean, features.mean(0), rtol=1e-14, atol=1e-12)
    np.testing.assert_allclose(result.covariance, np.cov(features, rowvar=False), rtol=1e-8, atol=1e-8)


def test_moments_of_float32_are_summed_in_float64_and_leave_the_features_alone():
    features = (correlated(9, 4000, 4) + 1000).astype(np.float32)
    before = features.copy()
    expected = np.cov(features.astype(np.float64), rowvar=False)
    np.testing.assert_allclose(moments(features, 9).covariance, expected, rtol=1e-10)
    np.testing.assert_array_equal(features, before)


def test_merging_is_adding_and_does_not_change_the_other():
    features = correlated(10, 90, 5)
    first, second, empty = moments(features[:20]), moments(features[20:], 3), Moments()
    before = second.scatter.copy()
    empty.merge(second)
    empty.merge(first)
    first.merge(second)
    first.merge(Moments())
    for result in (first, empty):
        np.testing.assert_allclose(result.covariance, np.cov(features, rowvar=False), rtol=1e-12)
    np.testing.assert_array_equal(second.scatter, before)


def test_what_cannot_be_used_is_refused():
    with pytest.raises(InputError, match="1 examples"):
        frechet_distance(moments(np.ones((1, 3))), moments(np.ones((4, 3))))
    with pytest.raises(InputError, match="3 and 4 dimensions"):
        frechet_distance(moments(np.ones((5, 3))), moments(np.ones((5, 4))))
    with pytest.raises(InputError, match="not finite"):
        moments(np.array([[1.0, np.nan]]))
    with pytest.raises(InputError, match=r"shape \(5,\)"):
        moments(np.ones(5).reshape(5, 1)).add(np.ones(5))
