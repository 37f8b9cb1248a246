"""The autoencoder's loss against a plain recomputation."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from tests.models.small import BATCH, LATENT, autoencoder, batch, compiled


def test_loss_equals_a_recomputation():
    model, images = compiled(autoencoder), batch()["image"]
    reconstructions = model.decoder(model.encoder(images, training=True), training=True).numpy()
    squares = (images.astype(np.float64) - reconstructions) ** 2
    logs = model.train_step({"image": tf.constant(images)})
    assert set(logs) == {"autoencoder_loss", "autoencoder_gradient"}
    np.testing.assert_allclose(logs["autoencoder_loss"], 0.5 * squares.sum((1, 2, 3)).mean(), rtol=1e-5)


def test_scores_are_of_the_reconstruction_in_inference():
    model, images = autoencoder(), batch()["image"]
    squares = (images.astype(np.float64) - model.decoder(model.encoder(images, training=False), training=False)) ** 2
    np.testing.assert_allclose(model.test_step({"image": images})["pixel_error"], np.mean(squares), rtol=1e-5)


def test_a_few_images_are_learned_by_heart():
    """Noise of variance 1/3 can be reproduced only through the code, which is different for each image."""
    model = compiled(autoencoder, lambda: keras.optimizers.Adam(3e-3))
    data = tf.data.Dataset.from_tensors(batch(examples=4)).repeat()
    model.fit(data, steps_per_epoch=400, verbose=0, shuffle=False)
    assert model.evaluate(data.take(1), verbose=0, return_dict=True)["pixel_error"] < 0.02


def test_codes_have_no_spread_and_there_is_no_prior():
    model, images = autoencoder(), batch()["image"]
    posterior = model.encode(images)
    np.testing.assert_array_equal(posterior.mean(), model.encoder(images))
    assert posterior.mean().shape == (BATCH, LATENT)
    assert not np.any(posterior.stddev())
    assert not hasattr(model, "prior")
    np.testing.assert_array_equal(model.reconstruct(images), model.generate(model.encoder(images)))
    np.testing.assert_array_equal(model(images), model.reconstruct(images))
