"""A generator that runs its own reference batch: the same layers, the same variables, and a reference that is saved."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from tests.models.small import CHANNELS, LATENT, SIZE, WIDTH, values
from tfgan_models import GAN
from tfgan_models.layers.virtual_batch_normalization import set_reference, virtual_batch
from tfgan_models.models.virtual_batch_generator import VirtualBatchGenerator, with_reference
from tfgan_models.networks import dcgan

LATENTS = np.random.default_rng(0).normal(size=(6, LATENT)).astype(np.float32)


def network(normalization: str = "virtual") -> keras.Model:
    keras.utils.set_random_seed(1)
    return dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH, normalization=normalization)


def generator(seed: int = 5) -> VirtualBatchGenerator:
    return with_reference(network(), "standard_gaussian", seed)


def test_it_has_the_layers_and_variables_of_its_network():
    plain, model = network(), generator()
    assert [v.shape for v in model.variables] == [v.shape for v in plain.variables]
    for one, other in zip(values(model.variables), values(plain.variables), strict=True):
        np.testing.assert_array_equal(one, other)
    assert (model.input_shape, model.output_shape) == (plain.input_shape, plain.output_shape)


def test_only_networks_with_such_layers_are_changed():
    plain = network("batch")
    assert with_reference(plain, "standard_gaussian", 5) is plain
    model = generator()
    assert with_reference(model, "uniform", 6) is model
    assert (model.prior_name, model.reference_seed) == ("standard_gaussian", 5)


def test_a_call_in_training_runs_the_reference_and_keeps_its_statistics():
    plain, model = network(), generator()
    with virtual_batch(plain, model.reference):
        expected = plain(LATENTS, training=True)
    start = values(model.non_trainable_variables)
    np.testing.assert_array_equal(model(LATENTS, training=True), expected)
    for now, then, its in zip(model.non_trainable_variables, start, plain.non_trainable_variables, strict=True):
        np.testing.assert_array_equal(now.numpy(), its.numpy())
        assert not np.array_equal(now.numpy(), then)
    np.testing.assert_allclose(model(LATENTS), expected, rtol=1e-4, atol=1e-5)


def test_a_call_in_inference_changes_nothing():
    model, plain = generator(), network()
    before = values(model.variables)
    np.testing.assert_array_equal(model(LATENTS), plain(LATENTS))
    for now, then in zip(values(model.variables), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_the_reference_follows_from_the_seed_and_the_prior():
    np.testing.assert_array_equal(generator().reference, generator().reference)
    assert np.abs(generator().reference - generator(6).reference).max() > 0.1
    uniform = with_reference(network(), "uniform", 5).reference.numpy()
    assert 0 <= uniform.min() < 0.1 < 0.9 < uniform.max() < 1


def test_it_is_saved_with_its_reference(tmp_path):
    model = generator(7)
    model(LATENTS, training=True)
    model.save(tmp_path / "generator.keras")
    again = keras.saving.load_model(tmp_path / "generator.keras")
    assert isinstance(again, VirtualBatchGenerator)
    np.testing.assert_array_equal(again.reference, model.reference)
    np.testing.assert_array_equal(again(LATENTS), model(LATENTS))


def test_a_gan_saved_with_a_plain_network_is_loaded_with_a_reference(tmp_path):
    """Files of earlier versions have the functional model alone."""
    model = GAN(network(), dcgan.discriminator(SIZE, CHANNELS, width=WIDTH), seed=5)
    plain = keras.Model(model.generator.input, model.generator.output, name=model.generator.name)
    set_reference(plain, tf.ones((3, LATENT)))
    config = model.get_config()
    config["generator"] = keras.saving.serialize_keras_object(plain)
    again = GAN.from_config(config)
    assert isinstance(again.generator, VirtualBatchGenerator)
    np.testing.assert_array_equal(again.generator.reference, model.generator.reference)
    assert [v.shape for v in again.variables] == [v.shape for v in model.variables]
