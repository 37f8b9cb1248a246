"""The relativistic and the energy-based GAN: every loss against a recomputation in NumPy."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from tests.models.small import BATCH, LATENT, batch, compiled, ebgan, r3gan


def still() -> keras.Optimizer:
    return keras.optimizers.SGD(0.0)


def test_r3gan():
    model, images = compiled(r3gan, still), batch()["image"]
    fakes = model.generator(model.noise("prior", BATCH, (LATENT,)), training=True).numpy()
    logits, penalties = [], []
    for x in (tf.constant(images), tf.constant(fakes)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = model.discriminator(x, training=True)
        logits.append(y.numpy().astype(np.float64))
        penalties.append((tape.gradient(y, x).numpy().astype(np.float64) ** 2).sum((1, 2, 3)).mean())
    real, fake = logits
    logs = model.train_step({"image": tf.constant(images)})
    expected = {
        "discriminator_loss": np.logaddexp(0, fake - real).mean() + 0.25 * sum(penalties),
        "generator_loss": np.logaddexp(0, real - fake).mean(),
        "r1": penalties[0],
        "r2": penalties[1],
        "discriminator_accuracy": (real > fake).mean(),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, atol=1e-8, err_msg=name)


def test_ebgan():
    model, images = compiled(ebgan, still), batch()["image"]
    fakes = model.generator(model.noise("prior", BATCH, (LATENT,)), training=True).numpy()
    energies, codes = [], None
    for x in (images, fakes):
        codes = model.discriminator_encoder(x, training=True)
        error = x - model.discriminator_decoder(codes, training=True).numpy().astype(np.float64)
        energies.append((error**2).mean((1, 2, 3)))
    directions = codes.numpy().astype(np.float64)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    cosines = directions @ directions.T
    apart = ((cosines**2).sum() - BATCH) / (BATCH * (BATCH - 1))
    logs = model.train_step({"image": tf.constant(images)})
    expected = {
        "discriminator_loss": energies[0].mean() + np.maximum(0, 5.0 - energies[1]).mean(),
        "generator_loss": energies[1].mean() + 0.1 * apart,
        "real_energy": energies[0].mean(),
        "fake_energy": energies[1].mean(),
        "pull_away_term": apart,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, err_msg=name)


def test_the_discriminator_leaves_fakes_above_the_margin_alone():
    """With the margin under every energy its loss is that of an autoencoder of real images."""
    model = compiled(ebgan, still)
    model.margin = 0.0
    logs = model.train_step({k: tf.constant(v) for k, v in batch().items()})
    np.testing.assert_allclose(logs["discriminator_loss"], logs["real_energy"], rtol=1e-6)
