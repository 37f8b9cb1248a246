"""Noise that is a function of the latents, and the copies of generators that have it or LeakyReLU."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.test_latent_dropout import HIDDEN, LATENTS
from tests.layers.test_replicas import by_replica
from tests.tiers import tiered
from tfgan_models import InputError
from tfgan_models.layers.latent_noise import LatentNoise, normal
from tfgan_models.networks import FAMILIES, network_module
from tfgan_models.networks.hidden_layers import with_dropout, with_leaky_relu, with_noise

LAYER = LatentNoise(0.5, seed=3)


def noise(latents=LATENTS) -> np.ndarray:
    return LAYER([HIDDEN[: len(latents)], latents], training=True).numpy() - 1


def test_numbers_are_normal_and_independent():
    numbers = normal(tf.constant(LATENTS), tf.constant([500]), 3).numpy()
    assert np.isfinite(numbers).all()
    errors = 4 / np.sqrt(numbers.size)
    assert abs(numbers.mean()) < errors
    assert abs(numbers.std() - 1) < errors
    assert abs((numbers**4).mean() - 3) < 10 * errors  # whose variance is 96
    for correlations, count in ((np.corrcoef(numbers), 500), (np.corrcoef(numbers.T), 64)):
        assert np.abs(correlations - np.eye(len(correlations))).max() < 6 / np.sqrt(count)


def test_noise_has_its_deviation_and_depends_on_the_latent_alone(two_devices):
    whole = noise()
    assert abs(whole.std() - 0.5) < 0.02
    np.testing.assert_array_equal(noise(LATENTS[10:20]), whole[10:20])
    shares = by_replica(two_devices, lambda h, z: LAYER([h, z], training=True), HIDDEN, LATENTS)
    np.testing.assert_array_equal(np.concatenate(shares) - 1, whole)
    assert not LAYER.variables
    np.testing.assert_array_equal(LAYER([HIDDEN, LATENTS], training=False), HIDDEN)
    half = LAYER([tf.cast(HIDDEN, tf.bfloat16), LATENTS], training=True)
    assert half.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(half, tf.float32) - 1, whole, atol=0.02)


@pytest.mark.parametrize("name", tiered(FAMILIES, ["dcgan", "mlp"]))
def test_every_architecture_has_leaky_noisy_copies(name):
    plain = network_module(name).generator(32, 1, 8, width=1 / 16)
    leaky = with_leaky_relu(plain)
    copy = with_dropout(with_noise(leaky, 0.1), 0.2)
    again = keras.Model.from_config(copy.get_config())
    again.set_weights(plain.get_weights())
    np.testing.assert_array_equal(again(LATENTS), leaky(LATENTS))
    assert np.abs(leaky(LATENTS) - plain(LATENTS)).max() > 0.1 * np.std(plain(LATENTS))
    assert not any(isinstance(layer, keras.layers.ReLU) for layer in copy.layers)
    activations = [getattr(layer, "activation", None) for layer in copy.layers]
    assert keras.activations.relu not in activations
    hidden = sum(isinstance(layer, keras.layers.LeakyReLU) for layer in copy.layers)
    hidden += activations.count(keras.activations.leaky_relu)
    assert sum(isinstance(layer, LatentNoise) for layer in copy.layers) == hidden > 0
    assert {layer.negative_slope for layer in copy.layers if isinstance(layer, keras.layers.LeakyReLU)} <= {0.2}


def test_a_deviation_that_cannot_be_is_refused():
    with pytest.raises(InputError, match=r"^stddev -1"):
        LatentNoise(-1.0)
