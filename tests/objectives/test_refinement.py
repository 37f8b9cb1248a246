"""Refined codes, against NumPy and against Keras' Adam."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import gaussian_filter

from tests.layers.test_replicas import by_replica
from tests.models.small import BATCH, LATENT, batch, compiled, vae_gan
from tests.tiers import tiered
from tfgan_models import InputError
from tfgan_models.models.refined_codes import error_weight, every_second
from tfgan_models.objectives import refinement

RANDOM = np.random.default_rng(0)
MATRIX = RANDOM.normal(size=(3, 12)).astype(np.float32)
IMAGES, CODES = (RANDOM.normal(size=shape).astype(np.float32) for shape in ((4, 2, 2, 3), (4, 3)))


def generate(codes: tf.Tensor) -> tf.Tensor:
    """A linear decoder, whose gradient is known."""
    return tf.reshape(codes @ MATRIX, (-1, 2, 2, 3))


def test_rates_rise_and_fall():
    rates = [refinement.rate(step, 100) for step in range(100)]
    np.testing.assert_allclose(rates[:5], np.arange(1, 6) / 5)
    np.testing.assert_allclose(rates[5:75], 1)
    assert (np.diff(rates[75:]) < 0).all() and 0 < rates[-1] < 1e-2


@pytest.mark.parametrize("size", [2, 12])
def test_the_blur_is_a_gaussian_of_three_deviations(size):
    images = RANDOM.normal(size=(2, size, size + 1, 3)).astype(np.float32)
    expected = gaussian_filter(images, (0, 1.3, 1.3, 0), mode="constant", radius=4)
    np.testing.assert_allclose(refinement.blurred(tf.constant(images), 1.3), expected, atol=1e-6)
    half = refinement.blurred(tf.constant(images, tf.bfloat16), 1.3)
    assert half.dtype == tf.float32
    assert refinement.blurred(images, 0.0) is images


@pytest.mark.parametrize("steps", [0, 1, 7])
def test_the_steps_are_those_of_adam(steps):
    variable = keras.Variable(CODES)
    adam = keras.optimizers.Adam(0.0)
    adam.build([variable])
    for step in range(steps):
        adam.learning_rate = 0.1 * 2.5 * refinement.rate(step, steps)
        flat = variable.numpy() @ MATRIX - IMAGES.reshape(4, 12)
        adam.apply([tf.constant(flat @ MATRIX.T)], [variable])
    refined = refinement.refine(generate, tf.constant(IMAGES), tf.constant(CODES), steps, 2.5)
    # Keras computes 1 - β₂ᵗ in float32, which leaves about four correct digits in the first step.
    np.testing.assert_allclose(refined, variable.numpy(), atol=5e-5)
    if steps:
        before, after = (np.square(generate(codes) - IMAGES).sum((1, 2, 3)) for codes in (CODES, refined))
        assert (after < before).all()


def test_images_do_not_affect_each_other_and_gradients_do_not_pass():
    codes = tf.constant(CODES)
    with tf.GradientTape() as tape:
        tape.watch(codes)
        refined = refinement.refine(generate, tf.constant(IMAGES), codes, 5, 1.0)
    assert tape.gradient(refined, codes) is None
    alone = [refinement.refine(generate, tf.constant(IMAGES[i : i + 1]), codes[i : i + 1], 5, 1.0) for i in range(4)]
    np.testing.assert_allclose(refined, np.concatenate(alone), rtol=1e-5)


def test_the_deviation_is_of_all_replicas(two_devices):
    expected = CODES.std(0).mean()
    np.testing.assert_allclose(refinement.deviation(tf.constant(CODES)), expected, rtol=1e-5)
    halves = by_replica(two_devices, refinement.deviation, tf.constant(CODES))
    np.testing.assert_allclose(halves, [expected, expected], rtol=1e-5)


def test_refined_codes_of_a_model_are_closer_to_every_second_image():
    model = compiled(lambda: vae_gan(refine_steps=5))
    images = tf.constant(batch()["image"])
    rows, refined = every_second(model, images, None, model.encode(images).mean())
    np.testing.assert_array_equal(rows, np.arange(1, BATCH, 2))
    before, after = (
        np.square(model.generate(codes) - images.numpy()[rows.numpy()]).sum((1, 2, 3))
        for codes in (model.encode(images).mean().numpy()[rows.numpy()], refined)
    )
    assert (after < before).all()


@pytest.mark.parametrize("size", tiered([1, 2, 3], [3]))
def test_rows_are_counted_over_all_replicas(size, two_devices):
    """With three images for each replica, the first and the last one of the second replica are refined."""
    with two_devices.scope():
        model = compiled(lambda: vae_gan(refine_steps=1))
    images = tf.constant(batch()["image"][: 2 * size])
    codes = tf.zeros((2 * size, LATENT))

    def rows(images: tf.Tensor, codes: tf.Tensor) -> tf.Tensor:
        return tf.one_hot(every_second(model, images, None, codes)[0], size)

    chosen = np.concatenate([part.sum(0) for part in map(np.asarray, by_replica(two_devices, rows, images, codes))])
    np.testing.assert_array_equal(chosen, np.arange(2 * size) % 2)


@pytest.mark.parametrize("examples", [2, 3, 4, 5])
def test_the_error_has_the_weight_of_a_batch_whose_codes_are_all_the_encoders(examples, two_devices):
    own = (np.arange(examples) % 2 == 0).mean()
    assert float(error_weight(tf.constant(examples))) == pytest.approx(1 / own)
    halves = by_replica(two_devices, lambda rows: error_weight(tf.shape(rows)[0]), tf.zeros((2 * examples, 1)))
    np.testing.assert_allclose(halves, [2.0, 2.0])


def test_each_device_needs_an_image_that_is_refined(two_devices):
    assert compiled(lambda: vae_gan(refine_steps=1)).smallest_batch == 2
    with two_devices.scope():
        assert compiled(lambda: vae_gan(refine_steps=1)).smallest_batch == 4
        assert compiled(vae_gan).smallest_batch == 2
    with pytest.raises(InputError, match="refine_steps -1: give a number of 0 or more"):
        vae_gan(refine_steps=-1)
