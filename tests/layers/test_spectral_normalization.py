"""Spectral normalization against the singular value decomposition and finite differences, in float64."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.contract import check_layer
from tests.layers.test_replicas import by_replica
from tests.tiers import tiered
from tfgan_models.layers.spectral_normalization import SpectralNormalization

# For each kind of layer how to make it, an input's shape, and the axis of its kernel that counts outputs.
KINDS = {
    "dense": (lambda: keras.layers.Dense(4), (6, 5), 1),
    "convolution": (lambda: keras.layers.Conv2D(4, 3, strides=2, padding="same"), (3, 6, 6, 2), 3),
    "transposed": (lambda: keras.layers.Conv2DTranspose(4, 3, strides=2, padding="same"), (3, 4, 4, 2), 2),
}
OUTPUT_SHAPES = {"dense": (6, 4), "convolution": (3, 3, 3, 4), "transposed": (3, 8, 8, 4)}


@pytest.fixture(params=tiered(KINDS, ["convolution"]))
def kind(request):
    return request.param


def built(kind: str, **options) -> SpectralNormalization:
    make, shape, _ = KINDS[kind]
    keras.utils.set_random_seed(1)
    layer = SpectralNormalization(make(), **options)
    layer.build((None, *shape[1:]))
    layer.layer.kernel.assign(3 * layer.layer.kernel)
    return layer


def inputs(kind: str) -> np.ndarray:
    return np.random.default_rng(2).normal(size=KINDS[kind][1]).astype(np.float32)


def largest_singular_value(kernel, kind: str) -> float:
    axis = KINDS[kind][2]
    matrix = np.moveaxis(np.asarray(kernel, np.float64), axis, 0).reshape(np.shape(kernel)[axis], -1)
    return np.linalg.svd(matrix, compute_uv=False)[0]


def test_contract(kind):
    make, shape, _ = KINDS[kind]

    def seeded():
        keras.utils.set_random_seed(1)
        return SpectralNormalization(make(), iterations=100)  # so many that the next call gives the same

    check_layer(seeded, shape, OUTPUT_SHAPES[kind], trainable=2, non_trainable=1)


def test_one_iteration_in_each_call_brings_the_norm_to_one(kind):
    layer = built(kind)
    kernel = layer.layer.kernel.numpy()
    for _ in range(60):
        layer(inputs(kind), training=True)
    normalized = layer.normalized_kernel()
    assert largest_singular_value(normalized, kind) == pytest.approx(1, rel=1e-4)
    np.testing.assert_allclose(normalized, kernel / largest_singular_value(kernel, kind), rtol=1e-3, atol=1e-5)
    np.testing.assert_array_equal(layer.layer.kernel, kernel)  # the weights themselves are not touched


def test_the_answer_is_that_of_the_layer_with_the_normalized_kernel(kind):
    layer, plain = built(kind), KINDS[kind][0]()
    layer.layer.bias.assign([0.1, 0.2, 0.3, 0.4])
    plain.build((None, *KINDS[kind][1][1:]))
    plain.kernel.assign(layer.normalized_kernel())
    plain.bias.assign(layer.layer.bias)
    np.testing.assert_allclose(layer(inputs(kind)), plain(inputs(kind)), rtol=1e-5, atol=1e-6)


def test_the_gradient_is_that_of_the_kernel_over_its_norm(kind):
    """Finite differences of Σ weighing·W/σ(W), σ from the decomposition: its change counts."""
    layer = built(kind, iterations=200)
    kernel = layer.layer.kernel
    weighing, direction = np.random.default_rng(3).normal(size=(2, *kernel.shape))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer.normalized_kernel(training=True) * weighing.astype(np.float32))
    gradient = tape.gradient(loss, kernel.value).numpy()
    start = kernel.numpy().astype(np.float64)

    def by_decomposition(kernel):
        return np.sum(weighing * kernel) / largest_singular_value(kernel, kind)

    difference = (by_decomposition(start + 1e-5 * direction) - by_decomposition(start - 1e-5 * direction)) / 2e-5
    sigma = largest_singular_value(start, kind)
    assert np.sum(gradient * direction) == pytest.approx(difference, rel=1e-3)
    assert abs(np.sum(weighing * direction) / sigma - difference) > 0.02 * abs(difference)  # what leaves σ out gives
    assert abs(np.sum(gradient * start)) < 1e-4 * np.linalg.norm(gradient) * np.linalg.norm(start)  # scale is free


def test_u_and_v_are_constants_of_the_gradient():
    """Equation 11 far from convergence: of Σ weighing·W/σ it is (weighing − u vᵀ Σ weighing·W/σ) / σ."""
    layer = built("dense")
    kernel, u = layer.layer.kernel.numpy().T.astype(np.float64), layer.u.numpy().astype(np.float64)
    weighing = np.random.default_rng(3).normal(size=kernel.shape)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer.normalized_kernel() * weighing.T.astype(np.float32))
    v = kernel.T @ u / np.linalg.norm(kernel.T @ u)
    u = kernel @ v / np.linalg.norm(kernel @ v)
    sigma = u @ kernel @ v
    assert sigma < 0.99 * np.linalg.svd(kernel, compute_uv=False)[0]
    expected = (weighing - np.outer(u, v) * np.sum(weighing * kernel) / sigma) / sigma
    np.testing.assert_allclose(tape.gradient(loss, layer.layer.kernel.value), expected.T, rtol=1e-4, atol=1e-5)


def test_u_moves_in_training_alone(kind):
    layer = built(kind)
    before = layer.u.numpy()
    once = layer(inputs(kind)).numpy()
    np.testing.assert_array_equal(layer(inputs(kind), training=False), once)
    np.testing.assert_array_equal(layer.u, before)
    layer(inputs(kind), training=True)
    assert np.linalg.norm(layer.u) == pytest.approx(1, rel=1e-5)
    assert not np.allclose(layer.u, before)


def test_u_is_saved(kind, tmp_path):
    layer = built(kind)
    images = keras.Input(KINDS[kind][1][1:])
    model = keras.Model(images, layer(images))
    for _ in range(3):
        model(inputs(kind), training=True)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.layers[-1].u, layer.u)
    np.testing.assert_array_equal(again(inputs(kind)), model(inputs(kind)))


def test_two_devices_are_one(kind, two_devices):
    alone = built(kind)
    with two_devices.scope():
        shared = built(kind)
    for target, source in zip(shared.weights, alone.weights, strict=True):
        target.assign(source.numpy())
    values = np.concatenate([inputs(kind)] * 2)
    for _ in range(3):
        expected = alone(values, training=True)
        answers = by_replica(two_devices, lambda x: shared(x, training=True), values)
    np.testing.assert_allclose(np.concatenate(answers), expected, rtol=1e-5, atol=1e-6)
    for copy in two_devices.experimental_local_results(shared.u.value):
        np.testing.assert_allclose(copy, alone.u, rtol=1e-5)


def test_a_bfloat16_layer_is_normalized_in_float32(monkeypatch):
    """A model of mixed precision must not round the kernel before its norm is known."""
    seen = []
    normalized_kernel = SpectralNormalization.normalized_kernel

    def watching(layer, training):
        seen.append(normalized_kernel(layer, training))
        return seen[-1]

    monkeypatch.setattr(SpectralNormalization, "normalized_kernel", watching)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        layer = SpectralNormalization(keras.layers.Dense(4), iterations=100)
        outputs = keras.Sequential([keras.Input((5,)), layer])(inputs("dense"))
    finally:
        keras.config.set_dtype_policy("float32")
    assert outputs.dtype == tf.bfloat16
    kernel = layer.layer.kernel.numpy()
    np.testing.assert_allclose(seen[-1], kernel / largest_singular_value(kernel, "dense"), rtol=1e-5)


def test_a_kernel_of_zeros_is_finite():
    layer = SpectralNormalization(keras.layers.Dense(3, kernel_initializer="zeros"))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(np.ones((2, 5), np.float32), training=True))
    assert np.isfinite(tape.gradient(loss, layer.layer.kernel.value)).all()
    assert np.isfinite(layer.u).all()


def test_what_has_no_such_kernel_is_refused():
    with pytest.raises(ValueError, match="received Embedding"):
        SpectralNormalization(keras.layers.Embedding(3, 4))
    with pytest.raises(ValueError, match="received 0"):
        SpectralNormalization(keras.layers.Dense(3), iterations=0)
