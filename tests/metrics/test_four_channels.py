"""Images with transparency are measured: where a measure is of colors, over white."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_models import networks
from tfgan_models.data.pixels import over_white
from tfgan_models.metrics.checks import check_images
from tfgan_models.metrics.ms_ssim import ms_ssim_diversity
from tfgan_models.metrics.sharpness import sharpness
from tfgan_models.objectives.augmentation import NOISE, augment


@pytest.fixture
def images():
    return np.random.default_rng(0).uniform(-1, 1, (6, 32, 32, 4)).astype(np.float32)


def test_what_is_transparent_is_white_and_what_is_opaque_as_it_is():
    corners = np.array([[0.5, -0.5, 0, -1], [0.5, -0.5, 0, 1], [-1, -1, -1, 0]], np.float32).reshape(3, 1, 1, 4)
    expected = np.array([[1, 1, 1], [0.5, -0.5, 0], [0, 0, 0]], np.float32).reshape(3, 1, 1, 3)
    np.testing.assert_allclose(over_white(corners), expected, atol=1e-6)
    np.testing.assert_allclose(over_white(tf.constant(corners)).numpy(), expected, atol=1e-6)


def test_measures_take_four_channels(images):
    assert check_images(images) is images
    assert 0 <= ms_ssim_diversity(images, pairs=4) <= 1
    np.testing.assert_allclose(sharpness(images), sharpness(over_white(images)), rtol=1e-5)


def test_augmentation_of_colors_leaves_transparency_alone(images):
    noise = np.random.default_rng(1).uniform(0, 1, (6, NOISE)).astype(np.float32)
    changed = augment(tf.constant(images), tf.constant(noise), "color").numpy()
    np.testing.assert_array_equal(changed[..., 3], images[..., 3])
    colors = augment(tf.constant(images[..., :3]), tf.constant(noise), "color").numpy()
    np.testing.assert_array_equal(changed[..., :3], colors)


def test_a_grid_is_a_picture_with_transparency(images, tmp_path):
    from PIL import Image

    from tfgan_models.plots import image_grid

    image_grid.save(image_grid.grid(images), tmp_path / "grid.png")
    with Image.open(tmp_path / "grid.png") as picture:
        assert picture.mode == "RGBA"


@pytest.mark.parametrize("name", networks.FAMILIES)
def test_every_network_takes_and_makes_four_channels(name):
    family = networks.network_module(name)
    drawn = family.generator(32, 4, 8, width=0.125)(tf.zeros([2, 8]))
    assert drawn.shape == (2, 32, 32, 4)
    assert family.discriminator(32, 4, width=0.125)(drawn).shape[0] == 2
    mean, _ = family.encoder(32, 4, 8, width=0.125)(drawn)
    assert family.decoder(32, 4, 8, width=0.125)(mean).shape == (2, 32, 32, 4)


@pytest.mark.parametrize("name", networks.CLASSIFYING)
def test_every_classifying_network_takes_and_makes_four_channels(name):
    family = networks.network_module(name)
    drawn = family.generator(32, 4, 8, width=0.125)(tf.zeros([2, 8]))
    assert drawn.shape == (2, 32, 32, 4) and family.discriminator(32, 4, 3, width=0.125)(drawn).shape == (2, 3)
