"""The adversarial autoencoder: the losses of each phase against NumPy, and that codes fill the prior."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.frozen import softplus, still, tensors
from tests.models.small import BATCH, LATENT, SIZE, aae, batch, compiled, supervised_aae
from tests.tiers import tiered
from tfgan_models import AAE, InputError
from tfgan_models.metrics.two_sample import kernel_discrepancy
from tfgan_models.networks import latent_discriminator, mlp
from tfgan_models.objectives import priors


@pytest.mark.parametrize("posterior", ["deterministic", "gaussian", "universal"])
def test_losses_are_those_of_numpy(posterior):
    model, images = still(lambda: aae(posterior)), batch()["image"]
    drawn = {}
    for purpose in ("reconstruction", "unlabelled codes"):
        if posterior == "universal":
            noise = model.noise(purpose, BATCH, (SIZE, SIZE, 1))
            drawn[purpose] = model.encoder(np.concatenate([images, noise], -1)).numpy()
        elif posterior == "gaussian":
            mean, log_variance = (output.numpy() for output in model.encoder(images))
            drawn[purpose] = mean + np.exp(log_variance / 2) * model.noise(purpose, BATCH, (LATENT,))
        else:
            drawn[purpose] = model.encoder(images).numpy()
    error = 0.5 * np.square(images - model.decoder(drawn["reconstruction"])).sum((1, 2, 3)).mean()
    codes = model.noise("prior", BATCH, (), priors.sampler(model.prior))
    real, fake = (model.discriminator(c).numpy() for c in (codes, drawn["unlabelled codes"]))
    logs = model.train_step(tensors(batch()))
    np.testing.assert_allclose(logs["autoencoder_loss"], error, rtol=1e-4)
    np.testing.assert_allclose(logs["discriminator_loss"], (softplus(-real) + softplus(fake)).mean(), rtol=1e-5)
    np.testing.assert_allclose(logs["generator_loss"], softplus(-fake).mean(), rtol=1e-5)
    np.testing.assert_allclose(logs["discriminator_accuracy"], ((real > 0).mean() + (fake <= 0).mean()) / 2)


@pytest.mark.parametrize("make", [aae, supervised_aae], ids=["aae", "supervised"])
def test_the_phases_follow_each_other(make):
    """The discriminator sees the encoder as reconstruction left it, the generator the discriminator after its step."""
    step = tensors(batch())
    base, reconstructed, judged = (
        still(make, **rates).train_step(step) for rates in ({}, {"autoencoder": 1e-2}, {"discriminator": 1.0})
    )
    assert abs(float(base["discriminator_loss"] - reconstructed["discriminator_loss"])) > 1e-4
    assert float(base["discriminator_loss"]) == float(judged["discriminator_loss"])
    assert abs(float(base["generator_loss"] - judged["generator_loss"])) > 1e-4
    assert float(base["autoencoder_loss"]) == float(reconstructed["autoencoder_loss"])


def test_discriminator_gets_one_hot_labels_of_codes_and_prior_with_a_class_for_unlabelled(monkeypatch):
    classes, seen = 5, []
    model, step = still(lambda: aae("gaussian", "ring_of_gaussians", classes)), batch()
    judge = type(model.discriminator).call

    def watched(network, inputs, *arguments, **options):
        if network is model.discriminator:
            seen.append(np.asarray(inputs))
        return judge(network, inputs, *arguments, **options)

    monkeypatch.setattr(type(model.discriminator), "call", watched)
    components = model.noise("labelled prior", BATCH, (), priors.sampler(model.prior.components_distribution))
    chance = model.noise("component", BATCH, (), tf.random.stateless_uniform)
    unlabelled = model.noise("prior", BATCH, (), priors.sampler(model.prior))
    logs = model.train_step(tensors(step))
    none, labels = np.eye(classes + 1)[[classes] * BATCH], np.eye(classes + 1)[step["label"]]
    for codes, told in zip(seen, (none, labels) * 3, strict=True):  # of the prior, of images, and of images again
        np.testing.assert_array_equal(codes[:, 2:], told)
    np.testing.assert_allclose(seen[0][:, :2], unlabelled, rtol=1e-6)
    expected = priors.sample_class_components(components, chance, tf.constant(step["label"]), classes)
    np.testing.assert_allclose(seen[1][:, :2], expected, rtol=1e-6)
    for codes, name in ((seen[2], "image"), (seen[3], "labelled_image")):
        posterior = model.encode(step[name])
        assert (np.abs(codes[:, :2] - posterior.mean()) < 6 * np.asarray(posterior.stddev())).all()
    np.testing.assert_array_equal(seen[2], seen[4])
    np.testing.assert_array_equal(seen[3], seen[5])
    real, fake = (np.concatenate([model.discriminator(c).numpy() for c in pair]) for pair in (seen[:2], seen[2:4]))
    np.testing.assert_allclose(logs["discriminator_loss"], (softplus(-real) + softplus(fake)).mean(), rtol=1e-5)
    np.testing.assert_allclose(logs["generator_loss"], softplus(-fake).mean(), rtol=1e-5)


def test_universal_posterior_consists_of_draws_that_do_not_change():
    model, images = compiled(lambda: aae("universal")), batch()["image"]
    posterior = model.encode(images)
    assert posterior.mean().shape == (BATCH, LATENT)
    assert np.asarray(posterior.stddev()).min() > 1e-4
    np.testing.assert_array_equal(posterior.mean(), model.encode(images).mean())
    # An image's posterior does not depend on its batch.
    np.testing.assert_allclose(model.encode(images[2:3]).mean(), posterior.mean()[2:3], rtol=1e-4, atol=1e-6)
    # Equal images have equal posteriors, of which each takes a draw of its own.
    codes = np.asarray(model.encode(np.repeat(images[:1], 200, 0)).sample(seed=(0, 0)))
    assert len(np.unique(codes.round(5), axis=0)) == 16
    spread = np.max(posterior.stddev()[0])
    np.testing.assert_allclose(codes.mean(0), posterior.mean()[0], atol=4 * spread / np.sqrt(200))


def test_invalid_posterior_or_prior_raises_input_error():
    with pytest.raises(InputError, match="posterior 'sure': give deterministic, gaussian or universal"):
        aae("sure")
    with pytest.raises(InputError, match="prior 'ring': give one of standard_gaussian"):
        aae(prior="ring")
    with pytest.raises(InputError, match="cannot be divided among 3 classes"):
        aae("gaussian", "ring_of_gaussians", 3)


@pytest.mark.parametrize("posterior", tiered(["deterministic", "gaussian", "universal"], ["deterministic"]))
def test_codes_come_to_fill_the_prior(posterior):
    """The property claimed: of images in two clouds, whose codes begin far from it."""
    keras.utils.set_random_seed(3)
    random = np.random.default_rng(0)
    centres = np.stack([np.full((4, 4, 1), v, np.float32) for v in (-0.5, 0.5)])
    noisy = centres[random.integers(0, 2, 2000)] + 0.3 * random.normal(size=(2000, 4, 4, 1))
    images = np.float32(np.clip(noisy, -1, 1))
    gaussian, noise = posterior == "gaussian", int(posterior == "universal")
    model = AAE(
        mlp.encoder(4, 1 + noise, 2, (64,), stochastic=gaussian),
        mlp.decoder(4, 1, 2, (64,)),
        latent_discriminator.discriminator(2, (64, 64)),
        posterior=posterior,
    )
    rates = {"autoencoder": 3e-3, "discriminator": 1e-3, "generator": 1e-3}
    model.compile(**{player: keras.optimizers.Adam(rate, beta_1=0.5) for player, rate in rates.items()})
    prior = np.asarray(model.prior.sample(1000, seed=(0, 0)))

    def discrepancy() -> float:
        return kernel_discrepancy(np.asarray(model.encode(images[:1000]).sample(seed=(0, 1))), prior)

    model.encoder.get_layer("mean" if gaussian else "code").bias.assign([3.0, -3.0])
    before = discrepancy()
    data = tf.data.Dataset.from_tensor_slices({"image": images}).repeat().shuffle(2000, 0).batch(100)
    model.fit(data, steps_per_epoch=600, verbose=0, shuffle=False)
    assert before > 0.3
    assert discrepancy() < 0.1 * before
