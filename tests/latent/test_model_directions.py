"""Directions of models without labels: planted axes come back, in units of the latents, and of the style alone."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.latent.test_attribute_vectors import image_set
from tests.models.conditional import MODELS as CONDITIONAL
from tests.models.sizes import CLASSES
from tests.models.small import LATENT, MODELS
from tfgan_models import AutoEncoder
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.errors import NotFinite
from tfgan_models.latent import directions, model_directions
from tfgan_models.latent.attribute_codes import mean_codes


def linear_autoencoder(encoding: np.ndarray, decoding: np.ndarray) -> AutoEncoder:
    """A model of images of 4 pixels that encodes and decodes by matrices ``[4, d]`` and ``[d, 4]``."""
    size = encoding.shape[1]
    encoder = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(size)])
    decoder = keras.Sequential([keras.Input((size,)), keras.layers.Dense(4), keras.layers.Reshape((2, 2, 1))])
    encoder.layers[-1].set_weights([encoding, np.zeros(size)])
    decoder.layers[0].set_weights([decoding, np.zeros(4)])
    return AutoEncoder(encoder, decoder)


def images(count: int = 400) -> ImageSet:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (count, 2, 2, 1), dtype=np.uint8)
    return ImageSet(pixels, None, None, (), (), "noise")


def test_planted_axes_are_recovered_with_their_deviations():
    planted = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    encoding = np.eye(4, 3) * [4.0, 2.0, 1.0] @ planted.T
    strengths = np.array([0.1, 5.0, 1.0])
    data, model = images(), linear_autoencoder(encoding, planted * strengths @ np.eye(3, 4))
    found = model_directions.fit_to_model(model, data)
    assert found is not None
    assert found.names == ("codes_1", "codes_2", "codes_3", "weights_1", "weights_2", "weights_3")
    units = found.vectors / np.linalg.norm(found.vectors, axis=1, keepdims=True)
    codes = mean_codes(model, data.images, np.arange(len(data.images)))
    np.testing.assert_allclose(np.abs(units[:3] @ planted), np.eye(3), atol=0.1)
    np.testing.assert_allclose(np.abs(units[3:] @ planted), np.eye(3)[[1, 2, 0]], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), np.std(codes @ units.T, axis=0), rtol=1e-4)
    np.testing.assert_allclose(found.shares[:3], np.var(codes @ units[:3].T, axis=0) / codes.var(0).sum(), rtol=1e-4)
    np.testing.assert_allclose(found.shares[3:], np.sort(strengths**2)[::-1] / (strengths**2).sum(), rtol=1e-5)


def test_a_gan_has_directions_of_weights_in_units_of_its_prior():
    model = MODELS["gan"]()
    found = model_directions.fit_to_model(model, image_set(), count=3)
    assert found is not None and found.names == ("weights_1", "weights_2", "weights_3")
    expected = directions.of_weights(directions.first_kernel(model.generator), 3)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=0.1)
    cosines = np.sum(found.vectors * expected.vectors, 1) / np.linalg.norm(found.vectors, axis=1)
    np.testing.assert_allclose(cosines, 1, atol=1e-6)


def test_a_conditional_model_moves_in_its_style_alone():
    model = MODELS["gan_projection"]()
    found = model_directions.fit_to_model(model, image_set())
    assert found is not None and len(found.names) == LATENT - CLASSES
    np.testing.assert_array_equal(found.vectors[:, :CLASSES], 0)
    assert (np.linalg.norm(found.vectors[:, CLASSES:], axis=1) > 0.5).all()


def test_a_conditional_encoder_gives_the_unit_of_styles():
    model, data = CONDITIONAL["vaegan_projection"](), image_set()
    found = model_directions.fit_to_model(model, data)
    assert found is not None and found.names[0] == "codes_1" and "weights_1" in found.names
    conditions = np.eye(CLASSES, dtype=np.float32)[data.labels]
    styles = model.encode_as(to_float(data.images), conditions).mean().numpy()
    vectors = found.vectors[:, CLASSES:]
    lengths = np.linalg.norm(vectors, axis=1)
    deviations = (styles @ (vectors / lengths[:, np.newaxis]).T).std(0)
    np.testing.assert_array_equal(found.vectors[:, :CLASSES], 0)
    np.testing.assert_allclose(lengths, deviations, rtol=1e-3)


@pytest.mark.parametrize("name", ["supervised_aae", "semi_supervised_aae"])
def test_latents_with_classes_have_no_directions(name):
    assert model_directions.fit_to_model(MODELS[name](), image_set()) is None


def test_codes_that_are_not_finite_are_refused():
    model = MODELS["vae"]()
    model.encoder.trainable_variables[0].assign(tf.fill(model.encoder.trainable_variables[0].shape, np.nan))
    with pytest.raises(NotFinite):
        model_directions.fit_to_model(model, image_set())


def test_two_images_are_enough():
    found = model_directions.fit_to_model(linear_autoencoder(np.eye(4, 3), np.eye(3, 4)), images(2))
    assert found is not None and np.isfinite(found.vectors).all() and found.shares[0] == pytest.approx(1)
