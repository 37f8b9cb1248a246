"""Gaussian noise: what it adds, and that it is the same on two devices and in a run that goes on."""

from __future__ import annotations

import keras
import numpy as np

from tests.layers.contract import check_layer
from tests.layers.test_replicas import by_replica
from tfgan_models.layers.gaussian_noise import GaussianNoise

VALUES = np.random.default_rng(0).normal(size=(8, 500)).astype(np.float32)


def built(stddev: float = 0.5, seed: int = 3) -> GaussianNoise:
    layer = GaussianNoise(stddev, seed)
    layer.build(VALUES.shape)
    return layer


def test_contract():
    for shape in ((6, 5), (6, 4, 4, 2)):
        check_layer(lambda: GaussianNoise(0.5, seed=3), shape, shape, trainable=0, non_trainable=1)


def test_it_adds_a_normal_draw_of_its_deviation_in_training_and_nothing_otherwise():
    layer = built(0.3)
    np.testing.assert_array_equal(layer(VALUES, training=False), VALUES)
    noise = layer(VALUES, training=True).numpy() - VALUES
    # Of 4,000 draws, within four standard errors.
    assert abs(noise.mean()) < 4 * 0.3 / np.sqrt(noise.size)
    assert abs(noise.std() - 0.3) < 4 * 0.3 / np.sqrt(2 * noise.size)


def test_every_call_in_training_and_every_layer_draws_anew():
    layer = built()
    first = layer(VALUES, training=True).numpy()
    layer(VALUES, training=False)
    second = layer(VALUES, training=True).numpy()
    assert abs(np.corrcoef((first - VALUES).ravel(), (second - VALUES).ravel())[0, 1]) < 4 / np.sqrt(VALUES.size)
    assert np.abs(built(seed=4)(VALUES, training=True) - first).max() > 0.1
    again = built()
    again.calls.assign(1)  # as a checkpoint has it
    np.testing.assert_array_equal(again(VALUES, training=True), second)


def test_the_seed_follows_that_of_keras():
    seeds = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        seeds.append(GaussianNoise(0.5).seed)
    assert seeds[0] == seeds[1] != seeds[2]


def test_two_replicas_draw_as_one(two_devices):
    one = built()
    with two_devices.scope():
        two = built()
    for _ in range(2):
        whole = one(VALUES, training=True).numpy()
        shares = by_replica(two_devices, lambda x: two(x, training=True), VALUES)
        np.testing.assert_array_equal(np.concatenate(shares), whole)
    assert int(two.calls.numpy()) == 2
