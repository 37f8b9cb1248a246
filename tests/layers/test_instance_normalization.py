"""Instance normalization against Keras' group normalization, and what it is for."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.contract import check_layer
from tests.layers.test_replicas import by_replica
from tfgan_models.layers import InstanceNormalization

MAPS = np.random.default_rng(0).normal(3, 2, (6, 5, 4, 3)).astype(np.float32)


def test_contract():
    check_layer(InstanceNormalization, (6, 5, 4, 3), (6, 5, 4, 3), trainable=2, non_trainable=0)


def test_it_is_group_normalization_with_a_group_for_each_map():
    layer, other = InstanceNormalization(1e-3), keras.layers.GroupNormalization(-1, epsilon=1e-3)
    for each in (layer, other):
        each.build(MAPS.shape)
        each.gamma.assign([1.5, 0.5, -1.0])
        each.beta.assign([0.1, -0.2, 0.3])
    for training in (False, True):
        np.testing.assert_allclose(layer(MAPS, training=training), other(MAPS), atol=1e-5)


def test_the_contrast_and_the_brightness_of_a_map_are_lost():
    """Each example's own, which is the paper's claim."""
    contrast, brightness = np.random.default_rng(1).uniform(0.5, 4, (2, 6, 1, 1, 3)).astype(np.float32)
    layer = InstanceNormalization(epsilon=1e-7)
    np.testing.assert_allclose(layer(contrast * MAPS + brightness), layer(MAPS), atol=1e-4)


def test_weights_and_statistics_are_float32_under_mixed_precision():
    layer = InstanceNormalization(dtype="mixed_bfloat16")
    far = tf.cast(MAPS + 1000, tf.bfloat16)  # whose deviations bfloat16's own mean would lose
    outputs = layer(far)
    assert outputs.dtype == tf.bfloat16
    assert {v.dtype for v in layer.weights} == {"float32"}
    exact = InstanceNormalization()(tf.cast(far, tf.float32))
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), exact, rtol=2**-8, atol=1e-6)


def test_two_devices_are_one(two_devices):
    weighing = np.random.default_rng(1).normal(size=MAPS.shape).astype(np.float32)

    def trained(layer, maps, weighing):
        with tf.GradientTape() as tape:
            tape.watch(maps)
            outputs = layer(maps, training=True)
            loss = tf.reduce_sum(outputs * weighing)
        return outputs, *tape.gradient(loss, [maps, layer.gamma.value, layer.beta.value])

    plain = InstanceNormalization()
    outputs, *gradients = trained(plain, tf.constant(MAPS), tf.constant(weighing))
    with two_devices.scope():
        shared = InstanceNormalization()
        shared.build(MAPS.shape)
    answers = by_replica(
        two_devices,
        lambda maps, w: tf.concat([tf.reshape(t, [-1]) for t in trained(shared, maps, w)], 0),
        MAPS,
        weighing,
    )
    half = MAPS.size // 2
    parts = [np.split(answer, [half, 2 * half, 2 * half + 3]) for answer in answers]
    for i, whole in enumerate((outputs, gradients[0])):
        np.testing.assert_allclose(np.concatenate([p[i] for p in parts]).reshape(whole.shape), whole, atol=1e-5)
    for i, whole in enumerate(gradients[1:], 2):
        np.testing.assert_allclose(parts[0][i] + parts[1][i], whole, rtol=1e-4, atol=1e-4)


def test_what_has_no_maps_is_refused():
    with pytest.raises(ValueError, match=r"\(4, 3\)"):
        InstanceNormalization()(np.zeros((4, 3), np.float32))
