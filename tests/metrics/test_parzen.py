"""Parzen windows against scikit-learn's, and the search for their width."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.special
import scipy.stats
from sklearn.neighbors import KernelDensity

from tfgan_models.errors import InputError
from tfgan_models.metrics.comparison import likelihood
from tfgan_models.metrics.parzen import SIGMAS, choose_sigma, log_likelihoods, parzen

COUNTS = {"samples": 100, "validation": 30, "test": 40}
GENERATOR = np.random.default_rng(0)
SAMPLES, VALIDATION, TEST = (GENERATOR.uniform(size=(count, 49)) ** 3 for count in (200, 50, 70))


def by_scikit_learn(examples: np.ndarray, samples: np.ndarray, sigma: float) -> np.ndarray:
    """In one leaf: where its tree has several, scikit-learn 1.9 is wrong for narrow windows (its issue 25799)."""
    return KernelDensity(bandwidth=sigma, leaf_size=len(samples)).fit(samples).score_samples(examples)


@pytest.mark.parametrize("sigma", [0.01, 0.2, 1.0, 30.0])
def test_agrees_with_scikit_learn_and_the_definition(sigma):
    """At 0.01 every window is below the smallest float: only log-space has them."""
    values = log_likelihoods(TEST, SAMPLES, sigma)
    np.testing.assert_allclose(values, by_scikit_learn(TEST, SAMPLES, sigma), rtol=1e-9)
    windows = scipy.stats.norm.logpdf(TEST[:, None], SAMPLES[None], sigma).sum(-1)
    np.testing.assert_allclose(values, scipy.special.logsumexp(windows, axis=1) - np.log(200), rtol=1e-9)


def test_agrees_with_scikit_learn_far_from_the_origin_in_float32():
    samples, test = (SAMPLES + 100).astype(np.float32), (TEST + 100).astype(np.float32)
    expected = by_scikit_learn(test.astype(np.float64), samples.astype(np.float64), 0.2)
    np.testing.assert_allclose(log_likelihoods(test, samples, 0.2), expected, rtol=1e-9)


@pytest.mark.parametrize("batch", [1, 32, 1000])
def test_the_batch_does_not_change_the_values(batch):
    expected = log_likelihoods(TEST, SAMPLES, 0.2)
    np.testing.assert_allclose(log_likelihoods(TEST, SAMPLES, 0.2, batch), expected, rtol=1e-12)


def test_one_sample_is_one_gaussian():
    value = log_likelihoods(np.array([[3.0, 4.0]]), np.zeros((1, 2)), 5.0)
    assert value == pytest.approx(-0.5 - np.log(2 * np.pi * 25), rel=1e-14)


def test_the_density_integrates_to_one():
    points = np.linspace(-8, 8, 4001)[:, None]
    density = np.exp(log_likelihoods(points, GENERATOR.normal(size=(30, 1)), 0.3))
    assert density.sum() * (points[1, 0] - points[0, 0]) == pytest.approx(1, rel=1e-9)


def test_sigma_is_the_likeliest_of_the_grid():
    means = [by_scikit_learn(VALIDATION, SAMPLES, sigma).mean() for sigma in SIGMAS]
    best = int(np.argmax(means))
    assert 0 < best < len(SIGMAS) - 1
    assert choose_sigma(SAMPLES, VALIDATION) == SIGMAS[best]


@pytest.mark.parametrize("scale", [1e-3, 0.1, 10.0, 1e3])
def test_sigma_follows_the_scale_of_the_data_beyond_the_grid(scale):
    expected = choose_sigma(SAMPLES, VALIDATION)
    step = SIGMAS[1] / SIGMAS[0]
    actual = choose_sigma(scale * SAMPLES, scale * VALIDATION) / scale
    assert expected / step < actual < expected * step


@pytest.mark.parametrize("sigmas", [(0.2, 0.22), (0.3, 0.2, 0.1), (2.0, 4.0)], ids=str)
def test_a_grid_beside_the_best_sigma_is_widened(sigmas):
    around = choose_sigma(SAMPLES, VALIDATION, np.logspace(-1, 1, 400))
    actual = choose_sigma(SAMPLES, VALIDATION, sigmas)
    ratio = max(sigmas) / sorted(sigmas)[-2]
    assert around / ratio < actual < around * ratio


def test_the_score_is_of_the_test_examples_alone():
    result = parzen(SAMPLES, VALIDATION, TEST)
    values = by_scikit_learn(TEST, SAMPLES, result.sigma)
    assert result.sigma == choose_sigma(SAMPLES, VALIDATION)
    assert result.mean == pytest.approx(values.mean(), rel=1e-9)
    assert result.standard_error == pytest.approx(values.std() / np.sqrt(70), rel=1e-9)
    assert parzen(SAMPLES, VALIDATION, TEST, [0.5]).sigma == 0.5


def test_bytes_have_the_likelihood_of_pixels_between_0_and_1():
    """Images are scored as they are kept; published figures are of pixels in [0, 1]."""
    images = {name: GENERATOR.integers(0, 256, (count, 6, 6, 1)).astype(np.uint8) for name, count in COUNTS.items()}
    subject, test = (SimpleNamespace(images=images[name]) for name in ("samples", "test"))
    actual = likelihood(subject, images["validation"], test)
    expected = parzen(*(values.reshape(len(values), -1) / 255 for values in images.values()))
    assert actual["parzen_log_likelihood"] == pytest.approx(expected.mean, rel=1e-9)
    assert actual["parzen_sigma"] == pytest.approx(expected.sigma, rel=1e-12)
    assert actual["parzen_standard_error"] == pytest.approx(expected.standard_error, rel=1e-9)


def test_what_cannot_be_used_is_refused():
    with pytest.raises(InputError, match="remove validation examples from the samples"):
        choose_sigma(SAMPLES, SAMPLES[:20])
    for sigmas in ([0.0], [-1.0, 1.0], []):
        with pytest.raises(InputError, match="finite widths above 0"):
            parzen(SAMPLES, VALIDATION, TEST, sigmas)
    with pytest.raises(InputError, match="3 dimensions, expected 49"):
        log_likelihoods(TEST[:, :3], SAMPLES, 0.2)
