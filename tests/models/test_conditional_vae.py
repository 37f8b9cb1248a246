"""Conditional VAEs: their losses in NumPy, and that the condition decides what the style does not hold."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.conditional import attributes, check_colors, labels, vae
from tests.models.frozen import still, tensors
from tests.models.sizes import BATCH, CHANNELS, LATENT, SIZE, WIDTH
from tests.models.small import batch
from tfgan_models import Condition, ConditionalVAE, InputError
from tfgan_models.networks import dcgan, mlp

KINDS = {"labels": labels, "attributes": attributes}


def conditions_of(kind: str, step: dict) -> np.ndarray:
    """By NumPy: a one-hot class, or the attributes 2, 0 and 1."""
    if kind == "labels":
        return np.eye(3, dtype=np.float32)[step["label"]]
    return step["attributes"][:, [2, 0, 1]]


def encoder_inputs(images: np.ndarray, conditions: np.ndarray) -> np.ndarray:
    return np.concatenate([images, np.broadcast_to(conditions[:, None, None], (*images.shape[:3], 3))], -1)


@pytest.mark.parametrize("beta", [0.0, 4.0])
@pytest.mark.parametrize("kind", KINDS)
def test_losses_equal_a_recomputation(kind, beta):
    model, step = still(lambda: vae(KINDS[kind]("projection"), beta)), batch()
    for name, shift in (("mean", 0.7), ("log_variance", -0.9)):  # so that every term of the divergence counts
        bias = model.encoder.get_layer(name).bias
        bias.assign(bias + shift * np.arange(1, LATENT - 2))
    conditions = conditions_of(kind, step)
    inputs = encoder_inputs(step["image"], conditions)
    mean, log_variance = (t.numpy().astype(np.float64) for t in model.encoder(inputs, training=True))
    styles = mean + np.exp(log_variance / 2) * model.noise("posterior", BATCH, (LATENT - 3,)).numpy()
    latents = np.concatenate([conditions, styles], 1).astype(np.float32)
    reconstructions = model.decoder(latents, training=True).numpy()
    divergence = 0.5 * np.sum(mean**2 + np.exp(log_variance) - 1 - log_variance, -1).mean()
    error = 0.5 * np.sum((step["image"].astype(np.float64) - reconstructions) ** 2, (1, 2, 3)).mean()
    logs = model.train_step(tensors(step))
    expected = {"divergence": divergence, "error": error, "autoencoder_loss": beta * divergence + error}
    assert set(logs) == set(expected) | {"autoencoder_gradient"}
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_reconstructions_keep_the_condition_unless_another_is_named(kind):
    model, step = vae(KINDS[kind]("projection")), batch()
    conditions = conditions_of(kind, step)
    mean, _ = model.encoder(encoder_inputs(step["image"], conditions), training=False)
    kept, other = (
        model.decoder(np.concatenate([given, mean], 1), training=False).numpy()
        for given in (conditions, 1 - conditions)
    )
    np.testing.assert_allclose(model.reconstruct_as(step["image"], conditions), kept, atol=1e-6)
    changed = model.reconstruct_as(step["image"], conditions, tf.constant(1 - conditions))
    np.testing.assert_allclose(changed, other, atol=1e-6)
    assert np.abs(kept - other).max() > 1e-4
    expected = np.mean((step["image"].astype(np.float64) - kept) ** 2)
    np.testing.assert_allclose(model.test_step(tensors(step))["pixel_error"], expected, rtol=1e-5)


def test_the_label_decides_the_color_and_the_style_does_not():
    """Two classes of two colors: with a divergence that costs, the color is in the condition alone."""
    keras.utils.set_random_seed(0)
    condition = Condition("labels", ("dark", "bright"))
    encoder, decoder = mlp.encoder(8, 3, 4, (32,), stochastic=True), mlp.decoder(8, 1, 6, (32,))
    model = ConditionalVAE(encoder, decoder, condition, seed=1)
    model.compile(keras.optimizers.Adam(5e-3))
    check_colors(model, 0.3)


@pytest.mark.parametrize(
    ("channels", "latent_dim", "said"),
    [
        (CHANNELS, LATENT, r"give an encoder of images with 1 \+ 3 channels, not 1"),
        (CHANNELS + 3, LATENT + 1, f"give a decoder of latents with 3 \\+ {LATENT - 3} values, not {LATENT + 1}"),
    ],
)
def test_networks_that_do_not_fit_are_refused(channels, latent_dim, said):
    encoder = dcgan.encoder(SIZE, channels, LATENT - 3, WIDTH)
    with pytest.raises(InputError, match=said):
        ConditionalVAE(encoder, dcgan.decoder(SIZE, CHANNELS, latent_dim, WIDTH), labels("projection"))


def test_a_batch_without_conditions_is_refused():
    model = vae(labels("projection"))
    model.compile("sgd")
    with pytest.raises(InputError, match="the batch has no 'label'"):
        model.train_step({"image": tf.constant(batch()["image"])})
