"""Pixel shuffle against its definition, and initial weights without a checkerboard."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.layers.contract import check_layer
from tfgan_models.layers import ICNR, PixelShuffle

MAPS = np.random.default_rng(0).normal(size=(2, 4, 5, 12)).astype(np.float32)


def test_contract():
    check_layer(PixelShuffle, (2, 4, 5, 12), (2, 8, 10, 3), trainable=0, non_trainable=0)
    check_layer(lambda: PixelShuffle(3), (2, 4, 5, 18), (2, 12, 15, 2), trainable=0, non_trainable=0)


@pytest.mark.parametrize(("factor", "channels"), [(2, 3), (3, 2)])
def test_pixels_are_those_of_a_loop(factor, channels):
    """Each pixel of r² · c channels is a square of r × r pixels."""
    maps = np.random.default_rng(0).normal(size=(2, 4, 5, factor**2 * channels)).astype(np.float32)
    expected = np.zeros((2, 4 * factor, 5 * factor, channels), np.float32)
    for y in range(4):
        for x in range(5):
            square = maps[:, y, x].reshape(2, factor, factor, channels)
            expected[:, factor * y : factor * (y + 1), factor * x : factor * (x + 1)] = square
    np.testing.assert_array_equal(PixelShuffle(factor)(maps), expected)


@pytest.mark.parametrize("shape", [(2, 4, 5, 6), (2, 8)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"PixelShuffle\(2\)"):
        PixelShuffle()(np.zeros(shape, np.float32))


def test_first_outputs_are_those_of_nearest_neighbors():
    """Of the convolution with a quarter of the maps, whose kernel ICNR repeats."""
    few = keras.layers.Conv2D(3, 3, padding="same", kernel_initializer=keras.initializers.RandomNormal(seed=7))
    initializer = ICNR(keras.initializers.RandomNormal(seed=7))
    many = keras.layers.Conv2D(12, 3, padding="same", kernel_initializer=initializer)
    nearest = np.asarray(few(MAPS)).repeat(2, 1).repeat(2, 2)
    np.testing.assert_allclose(PixelShuffle()(many(MAPS)), nearest, atol=1e-6)


def test_the_initializer_comes_back_from_its_configuration():
    initializer = ICNR(keras.initializers.RandomNormal(stddev=0.3, seed=7))
    config = keras.initializers.serialize(initializer)
    again = keras.initializers.deserialize(config)
    assert isinstance(again, ICNR)
    assert keras.initializers.serialize(again) == config
    np.testing.assert_array_equal(again((3, 3, 2, 8)), initializer((3, 3, 2, 8)))
