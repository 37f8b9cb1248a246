"""The networks of the improved GAN: shapes, what is trained, noise in training alone, and the sizes they take."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_models import networks
from tfgan_models.errors import InputError
from tfgan_models.layers import GaussianNoise, WeightNormalization
from tfgan_models.layers.weight_normalization import initialise

CLASSES, LATENT, WIDTH = 5, 6, 1 / 16


@pytest.fixture(params=networks.CLASSIFYING)
def make(request):
    keras.utils.set_random_seed(1)
    return networks.network_module(request.param)


@pytest.mark.parametrize(("size", "channels"), [(16, 1), (32, 3), (64, 3)])
def test_shapes_types_and_ranges(make, size, channels):
    generator = make.generator(size, channels, LATENT, width=WIDTH)
    images = generator(np.random.default_rng(0).uniform(size=(4, LATENT)).astype(np.float32), training=True)
    assert images.shape == (4, size, size, channels)
    assert np.abs(images).max() <= 1
    discriminator = make.discriminator(size, channels, CLASSES, width=WIDTH)
    logits = discriminator(images)
    assert logits.shape == (4, CLASSES)
    assert images.dtype == logits.dtype == tf.float32
    assert discriminator.get_layer("features").output.shape[0] is None
    assert len(discriminator.get_layer("features").output.shape) == 2


def test_the_papers_sizes():
    make = networks.network_module("improved_mlp")
    units = [layer.units for layer in make.discriminator(28, 1, 10)._flatten_layers() if hasattr(layer, "units")]
    assert units == [1000, 500, 250, 250, 250, 10]
    assert make.generator(28, 1, 100).count_params() == 100 * 500 + 4 * 500 + 500 * 500 + 4 * 500 + 502 * 784
    make = networks.network_module("improved_convolutional")
    kinds = [layer for layer in make.discriminator(32, 3, 10)._flatten_layers() if hasattr(layer, "filters")]
    assert [layer.filters for layer in kinds] == 3 * [96] + 6 * [192]
    assert kinds[6].padding == "valid" and [layer.kernel_size[0] for layer in kinds] == 7 * [3] + 2 * [1]
    filters = [layer.filters for layer in make.generator(32, 3, 100)._flatten_layers() if hasattr(layer, "filters")]
    assert filters == [256, 128, 3]


def test_only_the_last_layers_scale_is_learned(make):
    discriminator = make.discriminator(16, 1, CLASSES, width=WIDTH)
    kinds = [layer for layer in discriminator.layers if isinstance(layer, WeightNormalization)]
    assert [layer.train_scale for layer in kinds] == [False] * (len(kinds) - 1) + [True]


def test_noise_is_there_in_training_alone(make):
    discriminator = make.discriminator(16, 1, CLASSES, width=WIDTH)
    images = np.random.default_rng(0).uniform(-1, 1, (4, 16, 16, 1)).astype(np.float32)
    still, again, noisy = (discriminator(images, training=training).numpy() for training in (False, False, True))
    np.testing.assert_array_equal(still, again)
    assert np.abs(noisy - still).max() > 1e-3


def test_noise_is_of_the_papers_deviations():
    discriminator = networks.network_module("improved_mlp").discriminator(16, 1, CLASSES, width=WIDTH)
    deviations = [layer.stddev for layer in discriminator.layers if isinstance(layer, GaussianNoise)]
    assert deviations == [0.3] + 5 * [0.5]


def test_initialised_features_are_normalized(make):
    discriminator = make.discriminator(16, 1, CLASSES, width=0.25)
    images = np.random.default_rng(0).uniform(-1, 1, (200, 16, 16, 1)).astype(np.float32)
    initialise(discriminator, images)
    logits = discriminator(images).numpy()
    np.testing.assert_allclose(logits.mean(0), 0, atol=1e-3)
    deviation = {"improved_mlp": 1.0, "improved_convolutional": 0.1}[make.__name__.rpartition(".")[2]]
    np.testing.assert_allclose(logits.std(0), deviation, rtol=1e-2)


def test_sizes_that_cannot_be():
    for size in (8, 24):
        with pytest.raises(InputError, match=f"^image_size {size}: improved_convolutional takes powers of two from 16"):
            networks.network_module("improved_convolutional").check_image_size(size)
    networks.network_module("improved_mlp").check_image_size(7)
