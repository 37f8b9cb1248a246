"""Dropout whose masks are functions of the latents: their statistics, and what they do not depend on."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.test_replicas import by_replica
from tfgan_models import InputError
from tfgan_models.layers.latent_dropout import LatentDropout, uniform
from tfgan_models.networks import dcgan
from tfgan_models.networks.hidden_layers import with_dropout

LATENTS = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
HIDDEN = np.ones((64, 5, 4, 10), np.float32)


def masks(rate: float = 0.3, seed: int = 3, latents=LATENTS) -> np.ndarray:
    layer = LatentDropout(rate, seed=seed)
    return layer([HIDDEN[: len(latents)], latents], training=True).numpy()


def test_a_share_of_the_values_is_dropped_and_the_others_keep_the_mean():
    values = masks(0.3)
    assert set(np.unique(values)) == {0, np.float32(1 / 0.7)}
    assert abs((values == 0).mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / values.size)


def test_numbers_are_uniform_and_independent_of_place_and_latent():
    """Of 64 latents and 200 places, within a few standard errors; neighbors in the last bit are as independent."""
    near = np.nextafter(LATENTS, 9, dtype=np.float32)
    latents = np.concatenate([LATENTS, near])
    numbers = uniform(tf.constant(latents), tf.constant([200]), 3).numpy()
    assert numbers.min() >= 0 and numbers.max() < 1
    assert np.abs(np.histogram(numbers, 10, (0, 1))[0] / numbers.size - 0.1).max() < 5 * 0.3 / np.sqrt(numbers.size)
    for correlations, count in ((np.corrcoef(numbers), 200), (np.corrcoef(numbers.T), 128)):
        assert np.abs(correlations - np.eye(len(correlations))).max() < 6 / np.sqrt(count)


def test_masks_depend_on_the_latent_and_the_seed_and_on_nothing_else():
    whole = masks()
    np.testing.assert_array_equal(masks(latents=LATENTS[10:20]), whole[10:20])
    assert (masks(seed=4) != whole).mean() > 0.3
    layer = LatentDropout(0.3, seed=3)
    graph = tf.function(lambda latents: layer([HIDDEN, latents], training=True))
    np.testing.assert_array_equal(graph(tf.constant(LATENTS)), whole)
    assert not layer.variables


def test_two_replicas_have_the_masks_of_one(two_devices):
    layer = LatentDropout(0.3, seed=3)
    shares = by_replica(two_devices, lambda h, z: layer([h, z], training=True), HIDDEN, LATENTS)
    np.testing.assert_array_equal(np.concatenate(shares), masks())


def test_inference_drops_values_only_by_choice():
    np.testing.assert_array_equal(LatentDropout(0.3, seed=3)([HIDDEN, LATENTS], training=False), HIDDEN)
    kept = LatentDropout(0.3, in_inference=True, seed=3)([HIDDEN, LATENTS], training=False)
    np.testing.assert_array_equal(kept, masks())


def test_bfloat16_has_the_masks_of_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    values = LatentDropout(0.3, seed=3)([tf.cast(HIDDEN, tf.bfloat16), LATENTS], training=True)
    assert values.dtype == tf.bfloat16
    np.testing.assert_array_equal(values.numpy() != 0, masks() != 0)


def test_a_generator_with_dropout_comes_back_from_its_configuration():
    plain = dcgan.generator(16, 1, 8, 1 / 16)
    model = with_dropout(plain, 0.5, in_samples=True)
    again = keras.Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(LATENTS), model(LATENTS))
    assert np.abs(model(LATENTS) - plain(LATENTS)).max() > 1e-4
    np.testing.assert_array_equal(with_dropout(plain, 0.5)(LATENTS), plain(LATENTS))
    layers = [layer for layer in model.layers if isinstance(layer, LatentDropout)]
    assert (
        len({layer.seed for layer in layers})
        == len(layers)
        == sum(isinstance(layer, keras.layers.ReLU) for layer in plain.layers)
    )


def test_a_rate_that_cannot_be_is_refused():
    with pytest.raises(InputError, match=r"^rate 1"):
        LatentDropout(1.0)
