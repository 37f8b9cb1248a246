"""Minibatch discrimination against a double loop, on one device and on two."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.contract import check_layer
from tests.layers.test_replicas import by_replica
from tfgan_models.layers.minibatch_discrimination import MinibatchDiscrimination
from tfgan_models.layers.weight_normalization import WeightNormalization, initialise

FEATURES = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
KERNELS, DIMENSIONS = 4, 3


def built(**options) -> MinibatchDiscrimination:
    keras.utils.set_random_seed(1)
    layer = MinibatchDiscrimination(KERNELS, DIMENSIONS, **options)
    layer.build((None, 5))
    return layer


def by_double_loop(features: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    projected = np.float64(features) @ np.reshape(kernel, (features.shape[1], -1))
    projected = projected.reshape(len(features), KERNELS, DIMENSIONS)
    closeness = np.zeros((len(features), KERNELS))
    for i in range(len(features)):
        for j in range(len(features)):
            if i != j:
                closeness[i] += np.exp(-np.abs(projected[i] - projected[j]).sum(-1))
    return closeness


def test_contract():
    def seeded():
        keras.utils.set_random_seed(1)
        return MinibatchDiscrimination(KERNELS, DIMENSIONS)

    check_layer(seeded, (6, 5), (6, 9), trainable=1, non_trainable=0)


def test_features_are_those_of_a_double_loop():
    layer = built()
    outputs = layer(FEATURES).numpy()
    np.testing.assert_array_equal(outputs[:, :5], FEATURES)
    np.testing.assert_allclose(outputs[:, 5:], by_double_loop(FEATURES, layer.kernel.numpy()), rtol=1e-5)


def test_a_collapsed_batch_is_as_close_as_can_be_and_one_example_has_no_others():
    collapsed = np.tile(FEATURES[:1], (6, 1))
    np.testing.assert_allclose(built()(collapsed)[:, 5:], np.full((6, KERNELS), 5.0), rtol=1e-6)
    np.testing.assert_array_equal(built()(FEATURES[:1])[:, 5:], np.zeros((1, KERNELS)))


def test_columns_begin_with_a_length_of_about_one():
    """So that distances do not grow with the number of features, which would put all closeness at 0."""
    layer = MinibatchDiscrimination()
    layer.build((None, 1024))
    assert np.linalg.norm(layer.kernel, axis=0) == pytest.approx(np.ones(500), abs=0.15)


def test_initial_kernels_from_data_put_the_nearest_example_at_a_distance_of_two(two_devices):
    """As in the authors' code, however large the features are; all replicas get the same kernels."""

    def network() -> keras.Model:
        keras.utils.set_random_seed(1)
        return keras.Sequential([keras.Input((5,)), WeightNormalization(keras.layers.Dense(5)), built()])

    model, images = network(), 30 * FEATURES
    initialise(model, images)
    rows = (model.layers[0](images).numpy() @ model.layers[1].kernel.numpy()).reshape(6, KERNELS, DIMENSIONS)
    distances = np.abs(rows[:, None] - rows[None]).sum(-1) + 1e6 * np.eye(6)[:, :, None]
    np.testing.assert_allclose(distances.min(1).mean(0), np.full(KERNELS, 2.0), rtol=1e-5)
    kernel = model.layers[1].kernel.numpy()
    model(3 * images)
    np.testing.assert_array_equal(model.layers[1].kernel, kernel)
    with two_devices.scope():
        shared = network()
        initialise(shared, images)
    np.testing.assert_allclose(shared.layers[1].kernel.numpy(), kernel, rtol=1e-5)
    same = built()
    before, same.initializing = same.kernel.numpy(), True
    same(np.tile(FEATURES[:1], (6, 1)))
    np.testing.assert_array_equal(same.kernel, before)


def test_distances_are_float32_under_mixed_precision():
    """Weights and distances are; only the answer is rounded."""
    layer, exact = built(dtype="mixed_bfloat16"), built()
    assert layer.kernel.dtype == "float32"
    rounded = tf.cast(FEATURES, tf.bfloat16)
    outputs = tf.cast(layer(rounded)[:, 5:], tf.float32)
    np.testing.assert_allclose(outputs, exact(tf.cast(rounded, tf.float32))[:, 5:], rtol=2**-8)


def test_two_devices_are_one_over_the_whole_batch(two_devices):
    """Outputs and all gradients."""
    weighing = np.random.default_rng(1).normal(size=(6, 9)).astype(np.float32)

    def trained(layer, features, weighing):
        with tf.GradientTape() as tape:
            tape.watch(features)
            outputs = layer(features, training=True)
            loss = tf.reduce_sum(outputs * weighing)
        return outputs, *tape.gradient(loss, [features, layer.kernel.value])

    outputs, of_features, of_kernel = trained(built(), tf.constant(FEATURES), tf.constant(weighing))
    with two_devices.scope():
        shared = built()
    answers = by_replica(
        two_devices,
        lambda f, w: tf.concat([tf.reshape(t, [-1]) for t in trained(shared, f, w)], 0),
        FEATURES,
        weighing,
    )
    parts = [np.split(answer, [27, 42]) for answer in answers]
    for i, whole in enumerate((outputs, of_features)):
        together = np.concatenate([part[i] for part in parts]).reshape(whole.shape)
        np.testing.assert_allclose(together, whole, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose((parts[0][2] + parts[1][2]).reshape(of_kernel.shape), of_kernel, rtol=1e-4, atol=1e-5)


def test_it_is_saved(tmp_path):
    features = keras.Input((5,))
    model = keras.Model(features, built()(features))
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(FEATURES), model(FEATURES))


def test_pictures_are_refused():
    with pytest.raises(ValueError, match=r"\(4, 2, 2, 3\)"):
        MinibatchDiscrimination()(np.zeros((4, 2, 2, 3), np.float32))
