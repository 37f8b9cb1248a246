"""Convolutions whose kernels learn by a dense product are Keras' own, in values and in gradients."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.contract import check_layer
from tfgan_models.layers import Conv2D, Conv2DTranspose
from tfgan_models.layers import convolution as module

PAIRS = {"down": (Conv2D, keras.layers.Conv2D, 8), "up": (Conv2DTranspose, keras.layers.Conv2DTranspose, 4)}


@pytest.fixture
def bfloat16():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(before)


def pair(way: str, side: int, size: int = 4, **options) -> tuple[keras.layers.Layer, keras.layers.Layer, tf.Tensor]:
    """Ours and Keras' with the same weights, and images for them."""
    ours, theirs, _ = PAIRS[way]
    layers = [kind(24, size, 2, **{"padding": "same", **options}) for kind in (ours, theirs)]
    images = tf.random.stateless_normal((3, side, side, 16), (1, 2))
    for layer in layers:
        layer.build(images.shape)
    layers[1].set_weights(layers[0].get_weights())
    return *layers, images


def taken(layer: keras.layers.Layer, images: tf.Tensor) -> list[np.ndarray]:
    """Values, the gradients for images and weights, and that of the first one's length for the weights."""
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(images)
        with tf.GradientTape() as tape:
            tape.watch(images)
            values = tf.cast(layer(images), tf.float32)
            weighing = tf.random.stateless_normal(values.shape, (3, 4))
            loss = tf.reduce_sum(weighing * values * values)
        towards = tape.gradient(loss, images)
        length = tf.reduce_sum(tf.square(tf.cast(towards, tf.float32)))
    weights = [v.value for v in layer.trainable_weights]
    return [values, towards, *outer.gradient(loss, weights), *outer.gradient(length, weights[:1])]


@pytest.mark.parametrize(
    "options", [{}, {"size": 5}, {"padding": "valid"}, {"use_bias": True}, {"activation": "tanh"}], ids=str
)
@pytest.mark.parametrize("way", PAIRS)
def test_equal_to_keras_in_bfloat16(way, options, bfloat16):
    ours, theirs, images = pair(way, PAIRS[way][2], **{"use_bias": False, **options})
    own, expected = (tf.function(taken)(layer, images) for layer in (ours, theirs))
    for here, there in zip(own, expected, strict=True):
        there = np.float32(there)
        # Processors without bfloat16 instructions round the sums of both in other places.
        np.testing.assert_allclose(np.float32(here), there, rtol=0.02, atol=0.01 * np.abs(there).max())


@pytest.mark.parametrize("way", PAIRS)
def test_the_product_is_exact_in_float32(way, monkeypatch):
    """Of float32 Keras' kernel is used; the product's own arithmetic shows where it is made to take that."""
    monkeypatch.setattr(module, "_is_faster", lambda *_: True)
    ours, theirs, images = pair(way, PAIRS[way][2], use_bias=False)
    for here, there in zip(taken(ours, images), taken(theirs, images), strict=True):
        np.testing.assert_allclose(here, there, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("way", "side", "policy", "uses"), [
    ("down", 8, "mixed_bfloat16", True), ("down", 16, "mixed_bfloat16", False), ("down", 8, "float32", False),
    ("up", 4, "mixed_bfloat16", True), ("up", 8, "mixed_bfloat16", False), ("up", 4, "float32", False),
])  # fmt: skip
def test_used_where_it_is_faster(way, side, policy, uses, monkeypatch):
    before, called, product = keras.config.dtype_policy(), [], module._kernel_gradient
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [])  # as on a machine without a GPU
    monkeypatch.setattr(module, "_kernel_gradient", lambda *given: called.append(1) or product(*given))
    keras.config.set_dtype_policy(policy)
    try:
        layer, _, images = pair(way, side, use_bias=False)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.cast(layer(images), tf.float32))
        tape.gradient(loss, [v.value for v in layer.trainable_weights])
    finally:
        keras.config.set_dtype_policy(before)
    assert bool(called) == uses


def test_groups_and_images_of_unknown_size_are_left_to_keras(bfloat16):
    layer = Conv2D(8, 4, 2, "same", groups=2)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.cast(layer(tf.ones((2, 8, 8, 4))), tf.float32))
    assert tape.gradient(loss, layer.kernel.value).shape == (4, 4, 2, 8)
    for kind in (Conv2D, Conv2DTranspose):
        network = keras.Sequential([keras.Input((None, None, 3)), kind(5, 4, 2, "same", use_bias=False)])
        sized = tf.function(network, input_signature=[tf.TensorSpec((None, None, None, 3))])
        np.testing.assert_array_equal(sized(tf.ones((2, 8, 8, 3))), network(tf.ones((2, 8, 8, 3))))


def test_contract():
    def made(kind: type[keras.layers.Layer], **options) -> keras.layers.Layer:
        return kind(5, 4, 2, "same", kernel_initializer=keras.initializers.RandomNormal(seed=1), **options)

    check_layer(lambda: made(Conv2D), (2, 8, 8, 3), (2, 4, 4, 5), trainable=2, non_trainable=0)
    check_layer(lambda: made(Conv2DTranspose, use_bias=False), (2, 4, 4, 3), (2, 8, 8, 5), 1, 0)
