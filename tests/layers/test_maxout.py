"""Maxout against its definition."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.contract import check_layer
from tfgan_models.layers.maxout import Maxout


@pytest.mark.parametrize(("inputs", "outputs"), [((6, 5), (6, 3)), ((2, 4, 5), (2, 4, 3))], ids=str)
def test_contract(inputs, outputs):
    def seeded():
        keras.utils.set_random_seed(1)
        return Maxout(3, 4)

    check_layer(seeded, inputs, outputs, trainable=2, non_trainable=0)


def test_each_unit_is_the_largest_of_its_own_pieces():
    values = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    layer = Maxout(3, 4)
    layer.build((None, 5))
    kernel, bias = (np.random.default_rng(1).normal(size=v.shape) for v in layer.trainable_weights)
    layer.set_weights([kernel, bias])
    expected = np.full((7, 3), -np.inf)
    for unit in range(3):
        for piece in range(4):
            column = unit * 4 + piece
            expected[:, unit] = np.maximum(expected[:, unit], values @ kernel[:, column] + bias[column])
    np.testing.assert_allclose(layer(values), expected, rtol=1e-5, atol=1e-6)


def test_it_is_convex_and_so_can_be_an_absolute_value():
    layer = Maxout(1, 2)
    layer.build((None, 1))
    layer.set_weights([np.array([[1.0, -1.0]]), np.zeros(2)])
    values = tf.constant([[-2.0], [0.5], [3.0]])
    np.testing.assert_array_equal(layer(values), np.abs(values))


@pytest.mark.parametrize("wrong", [(0, 2), (2, 0)])
def test_fewer_than_one_is_refused(wrong):
    with pytest.raises(ValueError, match=f"{wrong[0]} and {wrong[1]}"):
        Maxout(*wrong)
