"""Distributions over latents against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tfgan_models import priors

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
