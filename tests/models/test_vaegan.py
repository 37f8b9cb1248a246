"""The VAE/GAN's losses and gradients, against plain recomputations."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import BATCH, CHANNELS, LATENT, SIZE, batch, compiled, vae_gan
from tests.tiers import tiered
from tfgan_models.models.gradients import norm_ratio
from tfgan_models.objectives import losses, priors, refinement


def softplus(x):
    return np.logaddexp(0, x)


def forward(model, step):
    """Everything that a training step computes, as NumPy arrays, before it moves anything."""
    images = step["image"]
    mean, log_variance = (t.numpy() for t in model.encoder(images, training=True))
    latents = mean + np.exp(log_variance / 2) * model.noise("posterior", BATCH, (LATENT,)).numpy()
    if model.judge_samples:
        latents = np.concatenate([latents, model.noise("prior", BATCH, (LATENT,))])
    fakes = model.decoder(latents, training=True).numpy()
    real, judged = ([t.numpy() for t in model.discriminator_with_features(x, training=True)] for x in (images, fakes))
    reconstructed, sampled = [t[:BATCH] for t in judged], [t[BATCH:] for t in judged]
    return mean, log_variance, fakes[:BATCH], real, reconstructed, sampled


JUDGED = {
    "both": {"judge_reconstructions": True},
    "samples": {"judge_reconstructions": False},
    "reconstructions": {"judge_reconstructions": True, "judge_samples": False},
}
OPTIONS = list(itertools.product(("features", "pixels"), JUDGED, ("minimax", "non_saturating")))


def judged_fakes(judged, reconstructed, sampled):
    return {"both": [reconstructed, sampled], "samples": [sampled], "reconstructions": [reconstructed]}[judged]


@pytest.mark.parametrize(("reconstruction", "judged", "loss"), OPTIONS)
def test_losses_equal_a_recomputation(reconstruction, judged, loss):
    options = {"reconstruction": reconstruction, "loss": loss, **JUDGED[judged]}
    model = compiled(lambda: vae_gan(**options))
    step = batch()
    mean, log_variance, reconstructions, real, reconstructed, sampled = forward(model, step)

    divergence = 0.5 * np.sum(mean**2 + np.exp(log_variance) - 1 - log_variance, -1).mean()
    compared = (real[0], reconstructed[0]) if reconstruction == "features" else (step["image"], reconstructions)
    error = 0.5 * np.sum((compared[0] - compared[1]) ** 2, (1, 2, 3)).mean()
    fakes = judged_fakes(judged, reconstructed[1], sampled[1])
    gan = softplus(-real[1]).mean() + sum(softplus(fake).mean() for fake in fakes)
    deception = -gan if loss == "minimax" else sum(softplus(-fake).mean() for fake in fakes)
    attribute_loss = (softplus(real[2]) - step["attributes"] * real[2]).mean()

    logs = model.train_step({k: tf.constant(v) for k, v in step.items()})
    expected = {
        "divergence": divergence,
        "error": error,
        "gan": gan,
        "attribute_loss": attribute_loss,
        "encoder_loss": 0.7 * divergence + error,
        "decoder_loss": 0.1 * error + 0.9 * deception,
        "discriminator_loss": gan + 0.5 * attribute_loss,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("relative_error", [True, False])
def test_the_error_of_several_layers_is_their_mean(relative_error):
    layers = ("image", "convolution_1", "features")
    model = compiled(lambda: vae_gan(similarity_layer=layers, relative_error=relative_error))
    step = batch()
    *_, real, reconstructed, _ = forward(model, step)
    errors = []
    for target, output in zip(real[:3], reconstructed[:3], strict=True):
        squares = np.square(target - output)
        share = 0.5 * SIZE * SIZE * CHANNELS * squares.mean() / target.var(0).mean()
        errors.append(share if relative_error else 0.5 * squares.sum((1, 2, 3)).mean())
    np.testing.assert_array_equal(real[0], step["image"])
    assert len(set(errors)) == 3
    logs = model.train_step({k: tf.constant(v) for k, v in step.items()})
    np.testing.assert_allclose(logs["error"], np.mean(errors), rtol=1e-5)
    np.testing.assert_allclose(logs["decoder_loss"], 0.1 * np.mean(errors) - 0.9 * logs["gan"], rtol=1e-5)


PASSES = [(*options, attribute_weight) for options in OPTIONS for attribute_weight in (0.0, 0.5)]


@pytest.mark.parametrize(
    ("reconstruction", "judged", "loss", "attribute_weight"),
    tiered(
        PASSES,
        [
            ("features", "both", "minimax", 0.5),
            ("pixels", "samples", "non_saturating", 0.0),
            ("features", "reconstructions", "non_saturating", 0.0),
        ],
    ),
)
def test_shared_passes_give_each_player_the_gradient_of_its_own_loss(reconstruction, judged, loss, attribute_weight):
    """The step against the paper's box written plainly: a loss for each player, and its gradient for that player."""
    options = {"reconstruction": reconstruction, "loss": loss, "attribute_weight": attribute_weight, **JUDGED[judged]}
    model, plain = (compiled(lambda: vae_gan(equilibrium=None, **options)) for _ in range(2))
    step = {k: tf.constant(v) for k, v in batch().items()}
    model.train_step(step)

    images = step["image"]
    with tf.GradientTape(persistent=True) as tape:
        posterior = plain.encode(images, training=True)
        latents = priors.reparameterize(posterior, plain.noise("posterior", BATCH, (LATENT,)))
        if plain.judge_samples:
            latents = tf.concat([latents, plain.noise("prior", BATCH, (LATENT,))], 0)
        images_of_both = plain.decoder(latents, training=True)
        real, fake = (
            plain.discriminator_with_features(images, training=True),
            plain.discriminator_with_features(images_of_both, training=True),
        )
        reconstructed, sampled = ([t[part] for t in fake] for part in (slice(BATCH), slice(BATCH, None)))
        if reconstruction == "features":
            error = losses.squared_error(real[0], reconstructed[0])
        else:
            error = losses.squared_error(images, images_of_both[:BATCH])
        fakes = judged_fakes(judged, reconstructed[1], sampled[1])
        gan = losses.discriminator_real_loss(real[1]) + tf.add_n(
            [losses.discriminator_fake_loss(fake) for fake in fakes]
        )
        discriminator = gan
        if attribute_weight:
            discriminator += attribute_weight * losses.cross_entropy(step["attributes"], real[2])
        deception = -gan if loss == "minimax" else tf.add_n([losses.non_saturating(fake) for fake in fakes])
        encoder = 0.7 * priors.divergence(posterior, plain.prior) + error
        decoder = 0.1 * error + 0.9 * deception
    plain.update(tape, encoder=encoder, decoder=decoder, discriminator=discriminator)
    for a, b in zip(model.trainable_variables, plain.trainable_variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-7, err_msg=a.path)


@pytest.mark.parametrize("balanced", [False, True])
def test_a_naive_combination_gives_the_encoder_the_loss_of_the_decoder(balanced):
    options = {"equilibrium": None, "reconstruction": "pixels", "balanced_gradients": balanced}
    naive, usual = (compiled(lambda gan=gan: vae_gan(encoder_gan=gan, **options)) for gan in (True, False))
    step = {k: tf.constant(v) for k, v in batch().items()}
    logs, others = naive.train_step(step), usual.train_step(step)
    np.testing.assert_allclose(logs["encoder_loss"], 0.7 * logs["divergence"] + logs["decoder_loss"], rtol=1e-5)
    np.testing.assert_allclose(logs["decoder_loss"], others["decoder_loss"], rtol=1e-5)
    for player in ("decoder", "discriminator"):
        for a, b in zip(naive.variables_of(player), usual.variables_of(player), strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)
    moved = [np.abs(a - b).max() for a, b in zip(naive.encoder.get_weights(), usual.encoder.get_weights(), strict=True)]
    assert max(moved) > 1e-5
    if not balanced:  # the gradient is then that of the loss
        plain = compiled(lambda: vae_gan(**options))
        with tf.GradientTape() as tape:
            posterior = plain.encode(step["image"], training=True)
            latents = priors.reparameterize(posterior, plain.noise("posterior", BATCH, (LATENT,)))
            fakes = plain.decoder(tf.concat([latents, plain.noise("prior", BATCH, (LATENT,))], 0), training=True)
            judged = plain.discriminator(fakes, training=True)[0]
            gan = losses.discriminator_fake_loss(judged[:BATCH]) + losses.discriminator_fake_loss(judged[BATCH:])
            error = losses.squared_error(step["image"], fakes[:BATCH])
            loss = 0.7 * priors.divergence(posterior, plain.prior) + 0.1 * error - 0.9 * gan
        gradients = tape.gradient(loss, plain.encoder.trainable_variables)
        norm = tf.linalg.global_norm(gradients)
        np.testing.assert_allclose(logs["encoder_gradient"], norm, rtol=1e-4)


@pytest.mark.parametrize("loss", ["minimax", "non_saturating"])
def test_balanced_gradients_are_of_one_length_at_the_images(loss):
    """The game's part of the decoder's loss has the factor ‖∇error‖ / ‖∇GAN‖, and no other player feels it."""
    options = {"equilibrium": None, "loss": loss, "judge_reconstructions": True}
    model, plain = (compiled(lambda balanced=b: vae_gan(balanced_gradients=balanced, **options)) for b in (True, False))
    step = {k: tf.constant(v) for k, v in batch().items()}
    logs = model.train_step(step)

    images = step["image"]
    with tf.GradientTape(persistent=True) as tape:
        posterior = plain.encode(images, training=True)
        latents = priors.reparameterize(posterior, plain.noise("posterior", BATCH, (LATENT,)))
        fakes = plain.decoder(tf.concat([latents, plain.noise("prior", BATCH, (LATENT,))], 0), training=True)
        real, judged = (
            plain.discriminator_with_features(images, training=True),
            plain.discriminator_with_features(fakes, training=True),
        )
        error = losses.squared_error(real[0], judged[0][:BATCH])
        gan = losses.discriminator_real_loss(real[1]) + 2 * losses.discriminator_fake_loss(judged[1])
        deception = -gan if loss == "minimax" else 2 * losses.non_saturating(judged[1])
        lengths = [tf.norm(tape.gradient(part, fakes)) for part in (error, deception)]
        encoder = 0.7 * priors.divergence(posterior, plain.prior) + error
        decoder = 0.1 * error + 0.9 * lengths[0] / lengths[1] * deception
        discriminator = gan + 0.5 * losses.cross_entropy(step["attributes"], real[2])
    assert not 0.5 < lengths[0] / lengths[1] < 2  # or the factor would hide
    np.testing.assert_allclose(logs["decoder_loss"], decoder, rtol=1e-5)
    plain.update(tape, encoder=encoder, decoder=decoder, discriminator=discriminator)
    for a, b in zip(model.trainable_variables, plain.trainable_variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=5e-6, err_msg=a.path)


@pytest.mark.parametrize("encoder_gan", [False, True])
def test_decoder_and_discriminator_learn_from_refined_codes_and_the_encoder_from_its_own(encoder_gan):
    options = {"refine_steps": 3, "judge_samples": False, "equilibrium": None, "encoder_gan": encoder_gan}
    model, plain = (compiled(lambda: vae_gan(**options)) for _ in range(2))
    step = {k: tf.constant(v) for k, v in batch().items()}
    images, rows, second = step["image"], np.arange(1, BATCH, 2), (np.arange(BATCH) % 2 == 1)[:, None]
    with tf.GradientTape(persistent=True) as tape:
        posterior = plain.encode(images, training=True)
        own = priors.reparameterize(posterior, plain.noise("posterior", BATCH, (LATENT,)))
        starts = posterior.mean().numpy()
        refined = refinement.refine(
            plain.generate, images.numpy()[rows], starts[rows], 3, float(np.mean(np.std(starts, 0)))
        )
        latents = tf.where(second, np.repeat(refined, 2, 0), own)
        fakes = plain.decoder(latents, training=True)
        real, fake = (plain.discriminator_with_features(x, training=True) for x in (images, fakes))
        error = losses.squared_error(real[0], fake[0])
        gan = losses.discriminator_real_loss(real[1]) + losses.discriminator_fake_loss(fake[1])
        decoder = 0.1 * error - 0.9 * gan
        encoder = 0.7 * priors.divergence(posterior, plain.prior) + 2 * (decoder if encoder_gan else error)
        discriminator = gan + 0.5 * losses.cross_entropy(step["attributes"], real[2])
    expected = plain.update(tape, encoder=encoder, decoder=decoder, discriminator=discriminator)
    assert np.abs(own.numpy() - latents.numpy())[rows].min(1).max() > 1e-3
    logs = model.train_step(step)
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, err_msg=name)
    for a, b in zip(model.trainable_variables, plain.trainable_variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-6, err_msg=a.path)


def test_game_weight_is_bounded_for_vanishing_gradients():
    zeros, ones = tf.zeros((2, 3)), tf.ones((2, 3))
    assert norm_ratio(ones, zeros, 1e4) == 0
    assert norm_ratio(ones, 1e-9 * ones, 1e4) == 1e4
    np.testing.assert_allclose(norm_ratio(3 * ones, ones, 1e4), 3, rtol=1e-6)


def test_attribute_loss_does_not_grow_with_the_number_of_attributes():
    random = np.random.default_rng(0)
    logits, target = random.normal(size=(8, 5)), random.integers(0, 2, (8, 5))
    once = losses.cross_entropy(target, logits)
    eight_times = losses.cross_entropy(np.tile(target, 8), np.tile(logits, 8))
    np.testing.assert_allclose(once, eight_times, rtol=1e-6)
