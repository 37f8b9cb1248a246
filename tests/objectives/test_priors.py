"""Distributions over latents against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tfgan_models import InputError
from tfgan_models.objectives import priors

RANDOM = np.random.default_rng(0)
MEAN, LOG_VARIANCE = RANDOM.normal(size=(6, 5)), RANDOM.normal(size=(6, 5))


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
def test_divergence_is_the_closed_form(dtype):
    """Kingma and Welling 2013, appendix B."""
    mean, log_variance = tf.cast(MEAN, dtype), tf.cast(LOG_VARIANCE, dtype)
    m, v = (tf.cast(t, tf.float64).numpy() for t in (mean, log_variance))
    expected = 0.5 * np.sum(m**2 + np.exp(v) - 1 - v, -1).mean()
    value = priors.divergence(priors.gaussian(mean, log_variance), priors.standard_gaussian(5))
    assert value.dtype == tf.float32
    np.testing.assert_allclose(value, expected, rtol=1e-5)


def test_divergence_from_itself_is_nothing():
    posterior = priors.gaussian(tf.zeros((3, 5)), tf.zeros((3, 5)))
    assert float(priors.divergence(posterior, priors.standard_gaussian(5))) == pytest.approx(0, abs=1e-6)


def test_divergence_of_a_far_posterior_stays_finite_with_its_gradients():
    mean, log_variance = tf.fill((2, 5), 1e3), tf.fill((2, 5), -60.0)
    with tf.GradientTape() as tape:
        tape.watch([mean, log_variance])
        value = priors.divergence(priors.gaussian(mean, log_variance), priors.standard_gaussian(5))
    assert np.isfinite([value, *(np.abs(g).max() for g in tape.gradient(value, [mean, log_variance]))]).all()


def test_gaussian_has_the_encoder_s_mean_and_variance():
    posterior = priors.gaussian(tf.constant(MEAN), tf.constant(LOG_VARIANCE))
    assert (posterior.batch_shape, posterior.event_shape) == ((6,), (5,))
    np.testing.assert_allclose(posterior.mean(), MEAN, rtol=1e-6)
    np.testing.assert_allclose(posterior.stddev(), np.exp(LOG_VARIANCE / 2), rtol=1e-6)


def test_reparameterize_is_mean_plus_scaled_noise_and_lets_gradients_through():
    noise = np.random.default_rng(1).normal(size=(6, 5)).astype(np.float32)
    mean, log_variance = tf.constant(MEAN, tf.float32), tf.constant(LOG_VARIANCE, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch([mean, log_variance])
        latents = priors.reparameterize(priors.gaussian(mean, log_variance), noise)
    stddev = np.exp(LOG_VARIANCE / 2)
    np.testing.assert_allclose(latents, MEAN + stddev * noise, rtol=1e-5, atol=1e-6)
    of_mean, of_log_variance = tape.gradient(latents, [mean, log_variance])
    np.testing.assert_allclose(of_mean, np.ones((6, 5)))
    np.testing.assert_allclose(of_log_variance, stddev * noise / 2, rtol=1e-5)


def test_deterministic_posterior_does_not_spread():
    posterior = priors.deterministic(tf.constant(MEAN))
    assert (posterior.batch_shape, posterior.event_shape) == ((6,), (5,))
    np.testing.assert_allclose(posterior.mean(), MEAN, rtol=1e-6)
    assert not (posterior.stddev() * np.ones((6, 5))).numpy().any()
    assert not (priors.reparameterize(posterior, tf.ones((6, 5))) - posterior.mean()).numpy().any()


def test_standard_gaussian_draws_the_same_for_a_seed():
    prior = priors.standard_gaussian(3)
    draws = [prior.sample(4, seed=[seed, 0]).numpy() for seed in (0, 0, 1)]
    assert draws[0].shape == (4, 3)
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.isin(draws[0], draws[2]).any()


@pytest.mark.parametrize(
    "name", ["standard_gaussian", "uniform", "ring_of_gaussians", "swiss_roll", "centered_uniform"]
)
def test_densities_are_those_of_the_draws(name):
    """The share of draws in each square of a grid is the density's integral over it."""
    prior = priors.named(name, 2)
    edges = np.linspace(-4, 4, 17)
    fine = (np.arange(160) + 0.5) / 20 - 4
    points = np.stack(np.meshgrid(fine, fine, indexing="ij"), -1).reshape(-1, 2).astype(np.float32)
    density = np.exp(prior.log_prob(points)).reshape(16, 10, 16, 10) / 400
    expected = np.where(np.isfinite(density), density, 0).sum((1, 3))
    drawn = np.asarray(prior.sample(40_000, seed=(1, 2)))
    found = np.histogram2d(*drawn.T, [edges, edges])[0] / len(drawn)
    assert expected.sum() == pytest.approx(1, abs=0.03)
    np.testing.assert_allclose(found, expected, atol=0.012)


def test_a_ring_has_petals_that_point_to_its_middle():
    prior = priors.ring_of_gaussians(modes=10)
    components = prior.components_distribution
    centres = components.mean().numpy()
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 2, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(centres - np.roll(centres, 1, 0), axis=1), 4 * np.sin(np.pi / 10), 1e-4)
    deviations, axes = np.linalg.eigh(components.covariance().numpy())
    np.testing.assert_allclose(np.sqrt(deviations), [[0.15, 0.5]] * 10, rtol=1e-3)
    assert (np.abs((axes[:, :, 1] * centres).sum(1)) > 1.999).all()


def test_a_swiss_roll_is_even_along_its_way():
    centres = priors.swiss_roll(turns=2.0).components_distribution.mean().numpy()
    angles = np.unwrap(np.arctan2(centres[:, 1], centres[:, 0]))
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 3 * angles / (4 * np.pi), rtol=1e-3)
    gaps = np.linalg.norm(np.diff(centres, axis=0), axis=1)[10:]
    assert gaps.max() < 1.1 * gaps.min() and gaps.max() < 0.12  # of deviations of 0.1, so that there are no holes


def test_classes_and_styles_are_independent():
    drawn = np.asarray(priors.class_and_style(4, 3).sample(8000, seed=(3, 4)))
    classes, styles = drawn[:, :4], drawn[:, 4:]
    assert set(np.unique(classes)) == {0, 1} and (classes.sum(1) == 1).all()
    np.testing.assert_allclose(classes.mean(0), 0.25, atol=0.02)
    np.testing.assert_allclose(np.cov(styles.T), np.eye(3), atol=0.06)
    for label in range(4):
        np.testing.assert_allclose(styles[classes[:, label] == 1].mean(0), 0, atol=0.08)


def test_a_class_takes_its_own_components():
    drawn = tf.reshape(tf.range(600 * 12, dtype=tf.float32), (600, 12, 1))
    labels = np.tile([0, 1, 2], 200).astype(np.int32)
    chance = np.random.default_rng(0).random(600).astype(np.float32)
    taken = priors.sample_class_components(drawn, tf.constant(chance), tf.constant(labels), 3).numpy()[:, 0]
    assert (taken // 12 == np.arange(600)).all()  # each from its own row
    component = (taken % 12).astype(int)
    for label in (0, 1, 2):
        assert set(component[labels == label]) == set(range(4 * label, 4 * label + 4))
    ends = priors.sample_class_components(
        drawn[:2], tf.constant([0.0, np.float32(1 - 2**-24)]), tf.constant([2, 2]), 3
    ).numpy()
    assert (ends[:, 0] % 12 == [8, 11]).all()


def test_priors_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="prior 'ring': give one of standard_gaussian, uniform, ring_of_gaussians"):
        priors.named("ring", 2)
    with pytest.raises(InputError, match="'swiss_roll': it has 2 dimensions, not 8"):
        priors.named("swiss_roll", 8)
    for prior, classes in ((priors.ring_of_gaussians(), 3), (priors.standard_gaussian(2), 2)):
        with pytest.raises(InputError, match=f"cannot be divided among {classes} classes"):
            priors.components_per_class(prior, classes)
    assert priors.components_per_class(priors.swiss_roll(), 10) == 20


def test_a_sampler_is_a_pure_function_of_the_whole_seed():
    draw = priors.sampler(priors.standard_gaussian(3))
    seeds = [(1, 2), (1, 3), (2, 2), (2**40 + 1, 2)]
    draws = [draw((5,), seed=tf.constant(seed, tf.int64)).numpy() for seed in seeds]
    np.testing.assert_array_equal(draws[0], draw((5,), seed=tf.constant(seeds[0], tf.int64)))
    assert all(np.abs(draws[0] - other).max() > 0.1 for other in draws[1:])
