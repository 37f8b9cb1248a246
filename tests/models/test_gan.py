"""The GAN's losses against plain recomputations."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import BATCH, CHANNELS, LATENT, SIZE, WIDTH, batch, compiled
from tfgan_models import GAN
from tfgan_models.networks import dcgan
from tfgan_models.objectives import losses


def make(loss: str = "non_saturating") -> GAN:
    return GAN(
        dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH),
        dcgan.discriminator(SIZE, CHANNELS, width=WIDTH),
        loss=loss,
        seed=5,
    )


def softplus(x):
    return np.logaddexp(0, x)


def recomputed(loss: str, real: np.ndarray, fake: np.ndarray) -> tuple[float, float]:
    """The discriminator's loss and the generator's, from logits."""
    cross_entropy = softplus(-real).mean() + softplus(fake).mean()
    return {
        "minimax": (cross_entropy, -softplus(fake).mean()),
        "non_saturating": (cross_entropy, softplus(-fake).mean()),
        "least_squares": (((real - 1) ** 2).mean() / 2 + (fake**2).mean() / 2, ((fake - 1) ** 2).mean() / 2),
        "hinge": (np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean(), -fake.mean()),
    }[loss]


@pytest.mark.parametrize("loss", losses.GAN_LOSSES)
def test_losses_equal_a_recomputation(loss):
    model, images = compiled(lambda: make(loss)), batch()["image"]
    fakes = model.generator(model.noise("prior-0", BATCH, (LATENT,)), training=True)
    real, fake = (model.discriminator(x, training=True).numpy().astype(np.float64) for x in (images, fakes))
    logs = model.train_step({"image": tf.constant(images)})
    discriminator_loss, generator_loss = recomputed(loss, real, fake)
    boundary = 0.5 if loss == "least_squares" else 0  # halfway between its targets
    expected = {
        "discriminator_loss": discriminator_loss,
        "generator_loss": generator_loss,
        "discriminator_accuracy": ((real > boundary).mean() + (fake <= boundary).mean()) / 2,
    }
    assert set(logs) == set(expected) | {"discriminator_gradient", "generator_gradient"}
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("loss", losses.GAN_LOSSES)
def test_each_player_takes_the_gradient_of_its_own_loss(loss):
    """A step of SGD with rate 1, against tapes that know one player each."""
    model, plain = (compiled(lambda: make(loss), lambda: keras.optimizers.SGD(1.0)) for _ in range(2))
    images = tf.constant(batch()["image"])
    model.train_step({"image": images})

    latents = plain.noise("prior-0", BATCH, (LATENT,))
    with tf.GradientTape() as generator_tape:
        fake = plain.discriminator(plain.generator(latents, training=True), training=True)
        generator_loss = losses.GAN_LOSSES[loss].generator(fake)
    still = tf.stop_gradient(plain.generator(latents, training=True))
    with tf.GradientTape() as discriminator_tape:
        real = plain.discriminator(images, training=True)
        fake = plain.discriminator(still, training=True)
        discriminator_loss = losses.GAN_LOSSES[loss].discriminator(real, fake)
    steps = {
        "generator": generator_tape.gradient(generator_loss, plain.variables_of("generator")),
        "discriminator": discriminator_tape.gradient(discriminator_loss, plain.variables_of("discriminator")),
    }
    for player, gradients in steps.items():
        for now, before, gradient in zip(
            model.variables_of(player), plain.variables_of(player), gradients, strict=True
        ):
            np.testing.assert_allclose(now.numpy(), before.numpy() - gradient, rtol=1e-5, atol=1e-6, err_msg=now.path)


def test_both_losses_pull_the_generator_the_same_way():
    """They differ in strength alone: −log D against log(1 − D), whose slopes are −(1 − D) and −D."""
    fake = tf.constant([[-2.0], [0.5]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(fake)
        values = {name: loss(fake) for name, loss in losses.GENERATOR_LOSSES.items()}
    truth = tf.sigmoid(fake)
    np.testing.assert_allclose(tape.gradient(values["minimax"], fake), -truth / 2, rtol=1e-5)
    np.testing.assert_allclose(tape.gradient(values["non_saturating"], fake), -(1 - truth) / 2, rtol=1e-5)


@pytest.mark.parametrize("loss", ["wasserstein", "", None])
def test_an_unknown_loss_is_refused(loss):
    with pytest.raises(ValueError, match=rf"{loss!r}.*minimax, non_saturating"):
        make(loss)


def test_the_discriminator_learns_to_tell():
    """Against a generator that stands still, accuracy becomes perfect: the signs are right."""
    model = compiled(make, lambda: keras.optimizers.Adam(2e-3))
    model.optimizers["generator"].learning_rate = 0.0
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    history = model.fit(data, epochs=3, steps_per_epoch=20, verbose=0, shuffle=False).history
    assert history["discriminator_accuracy"][-1] > 0.95
    assert history["discriminator_loss"][-1] < history["discriminator_loss"][0]


def test_a_perfect_discriminator_is_always_right():
    perfect = {"least_squares": (1.0, 0.0), "non_saturating": (9.0, -9.0), "hinge": (1.0, -1.0)}
    for loss, (real, fake) in perfect.items():
        boundary = losses.GAN_LOSSES[loss].boundary
        assert losses.accuracy(tf.fill((4, 1), real), tf.fill((4, 1), fake), boundary) == 1
        model = make(loss)
        score = model.discriminate(batch()["image"]).numpy()
        np.testing.assert_array_equal(score > 0, model.discriminator(batch()["image"]).numpy() > boundary)
