"""Mixtures, and the score of samples that are known."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models.lab import mixtures
from tfgan_models.lab.mixtures import MIXTURES, Mixture, score


@pytest.mark.parametrize(("name", "modes"), [("ring", 8), ("grid", 25)])
def test_a_mixture_has_its_modes_and_its_deviation(name, modes):
    mixture = MIXTURES[name]
    points = mixture.sample(50_000, seed=3)
    assert (points.shape, points.dtype) == ((50_000, 2), np.float32)
    distances = np.linalg.norm(points[:, None] - np.array(mixture.centers), axis=-1)
    nearest = distances.argmin(1)
    counts = np.bincount(nearest, minlength=modes)
    assert len(counts) == modes
    # Equal weights: within five deviations of a binomial.
    np.testing.assert_allclose(counts, 50_000 / modes, atol=5 * np.sqrt(50_000 / modes))
    centered = points - np.array(mixture.centers)[nearest]
    np.testing.assert_allclose(centered.std(0), mixture.deviation, rtol=0.02)
    np.testing.assert_array_equal(points, mixture.sample(50_000, seed=3))
    assert (points != mixture.sample(50_000, seed=4)).any()


def test_the_modes_are_where_the_papers_have_them():
    np.testing.assert_allclose(np.linalg.norm(MIXTURES["ring"].centers, axis=1), 2)
    gaps = np.linalg.norm(np.diff(MIXTURES["ring"].centers, axis=0), axis=1)
    np.testing.assert_allclose(gaps, 4 * np.sin(np.pi / 8))
    assert set(MIXTURES["grid"].centers) == {(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)}


@pytest.mark.parametrize("name", MIXTURES)
def test_real_points_cover_all_modes(name):
    result = score(MIXTURES[name].sample(20_000, seed=0), MIXTURES[name])
    assert result.modes == len(MIXTURES[name].centers)
    assert result.high_quality == pytest.approx(1 - np.exp(-4.5), abs=0.005)
    assert result.entropy == pytest.approx(np.log2(len(MIXTURES[name].centers)), abs=0.01)


def test_one_mode_and_none():
    mixture = mixtures.ring()
    one = np.repeat([mixture.centers[5]], 100, axis=0)
    assert score(one, mixture) == (1, 1.0, 0.0)
    assert score(np.zeros((100, 2)), mixture) == (0, 0.0, 0.0)
    assert score(np.concatenate([one, np.zeros((300, 2))]), mixture) == (1, 0.25, 0.0)


def test_entropy_is_that_of_the_modes_of_high_quality():
    """Of shares ½, ¼, ¼ it is 1.5 bits, whatever lies between the modes."""
    mixture = mixtures.ring()
    samples = np.repeat([*mixture.centers[:3], (0.0, 0.0)], [20, 10, 10, 60], axis=0)
    assert score(samples, mixture) == (3, 0.4, pytest.approx(1.5))


def test_quality_ends_at_three_deviations():
    mixture = Mixture(((0.0, 0.0), (10.0, 0.0)), 0.5)
    assert score(np.array([[0, 1.49], [0, 1.51], [10, -1.49], [8.4, 0]]), mixture) == (2, 0.5, 1.0)


def test_samples_that_are_not_finite_are_near_no_mode():
    samples = np.array([[np.nan, 0], [np.inf, 2], [2, 0], [0, 2]])
    assert score(samples, mixtures.ring()) == (2, 0.5, 1.0)
