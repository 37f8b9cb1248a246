"""The VAE's losses against plain recomputations."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import BATCH, CHANNELS, LATENT, SIZE, WIDTH, batch, compiled
from tfgan_models import VAE, InputError
from tfgan_models.networks import dcgan
from tfgan_models.objectives import priors


def make(beta: float = 1.0) -> VAE:
    return VAE(
        dcgan.encoder(SIZE, CHANNELS, LATENT, WIDTH), dcgan.decoder(SIZE, CHANNELS, LATENT, WIDTH), beta=beta, seed=5
    )


def spread(model: VAE) -> VAE:
    """Give the posterior a mean and a variance of its own, so that every term counts."""
    for name, shift in (("mean", 0.7), ("log_variance", -0.9)):
        bias = model.encoder.get_layer(name).bias
        bias.assign(bias + shift * np.arange(1, LATENT + 1))
    return model


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_losses_equal_a_recomputation(beta):
    model, images = spread(compiled(lambda: make(beta))), batch()["image"]
    mean, log_variance = (t.numpy().astype(np.float64) for t in model.encoder(images, training=True))
    latents = mean + np.exp(log_variance / 2) * model.noise("posterior", BATCH, (LATENT,)).numpy()
    reconstructions = model.decoder(latents.astype(np.float32), training=True).numpy()
    divergence = 0.5 * np.sum(mean**2 + np.exp(log_variance) - 1 - log_variance, -1).mean()
    error = 0.5 * np.sum((images.astype(np.float64) - reconstructions) ** 2, (1, 2, 3)).mean()

    logs = model.train_step({"image": tf.constant(images)})
    expected = {"divergence": divergence, "error": error, "autoencoder_loss": beta * divergence + error}
    assert set(logs) == set(expected) | {"autoencoder_gradient"}
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5, err_msg=name)


def test_a_heavy_beta_pulls_the_posterior_to_the_prior():
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    ends = {}
    for beta in (0.0, 100.0):
        model = spread(compiled(lambda beta=beta: make(beta)))
        history = model.fit(data, epochs=2, steps_per_epoch=25, verbose=0, shuffle=False).history
        ends[beta] = history["divergence"][-1]
    assert ends[100.0] < 0.2 * ends[0.0]


def test_scores_are_of_the_posterior_s_mean():
    model, images = spread(compiled(make)), batch()["image"]
    mean, _ = model.encoder(images, training=False)
    reconstructions = model.decoder(mean, training=False).numpy()
    np.testing.assert_array_equal(model.reconstruct(images), reconstructions)
    np.testing.assert_array_equal(model(images), reconstructions)
    expected = np.mean((images.astype(np.float64) - reconstructions) ** 2)
    np.testing.assert_allclose(model.test_step({"image": images})["pixel_error"], expected, rtol=1e-5)


def test_posterior_and_prior():
    model, images = spread(make()), batch()["image"]
    mean, log_variance = model.encoder(images, training=False)
    posterior = model.encode(images)
    np.testing.assert_allclose(posterior.mean(), mean)
    np.testing.assert_allclose(posterior.variance(), np.exp(log_variance), rtol=1e-5)
    np.testing.assert_array_equal(model.prior.mean(), np.zeros(LATENT))
    np.testing.assert_array_equal(model.prior.stddev(), np.ones(LATENT))


def test_the_divergence_from_a_mixture_is_estimated_from_the_latents_of_the_step():
    networks = (dcgan.encoder(SIZE, CHANNELS, 2, WIDTH), dcgan.decoder(SIZE, CHANNELS, 2, WIDTH))
    model = compiled(lambda: VAE(*networks, prior_name="ring_of_gaussians", seed=5))
    images = batch()["image"]
    mean, log_variance = (t.numpy().astype(np.float64) for t in model.encoder(images, training=True))
    noise = model.noise("posterior", BATCH, (2,)).numpy()
    latents = mean + np.exp(log_variance / 2) * noise
    log_q = -0.5 * np.sum(noise**2 + log_variance + np.log(2 * np.pi), -1)
    log_p = model.prior.log_prob(latents.astype(np.float32)).numpy()
    logs = model.train_step({"image": tf.constant(images)})
    np.testing.assert_allclose(logs["divergence"], np.mean(log_q - log_p), rtol=1e-4)
    np.testing.assert_allclose(logs["autoencoder_loss"], logs["divergence"] + logs["error"], rtol=1e-5)


def test_the_estimate_of_a_divergence_has_the_closed_form_as_its_mean():
    random = np.random.default_rng(0)
    mean, log_variance = np.float32(random.normal(size=(1, 3))), np.float32(random.normal(size=(1, 3)))
    posterior, prior = priors.gaussian(mean, log_variance), priors.standard_gaussian(3)
    many = priors.gaussian(np.tile(mean, (40_000, 1)), np.tile(log_variance, (40_000, 1)))
    latents = priors.reparameterize(many, tf.constant(random.normal(size=(40_000, 3)), tf.float32))
    estimate = priors.divergence_estimate(many, prior, latents)
    assert float(estimate) == pytest.approx(float(priors.divergence(posterior, prior)), abs=0.03)


@pytest.mark.parametrize("name", priors.NAMED)
def test_the_bounded_priors_are_those_without_a_density_far_away(name):
    if name == "categorical":
        assert name in priors.BOUNDED  # its values are vectors of a class
        return
    density = priors.named(name, 2).log_prob(tf.constant([3.0, 2.0]))
    assert np.isfinite(density) == (name not in priors.BOUNDED)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("uniform", "no density at some latents"),
        ("centered_uniform", "no density at some latents"),
        ("normal", "give one of"),
    ],
)
def test_priors_that_a_vae_cannot_have_are_refused(name, said):
    with pytest.raises(InputError, match=f"prior '{name}': .*{said}"):
        VAE(dcgan.encoder(SIZE, CHANNELS, 2, WIDTH), dcgan.decoder(SIZE, CHANNELS, 2, WIDTH), prior_name=name)
