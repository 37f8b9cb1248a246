"""Virtual batch normalization: each example with the reference and itself, whatever else is in its batch."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.contract import check_layer
from tests.layers.test_replicas import by_replica
from tfgan_models.layers.virtual_batch_normalization import VirtualBatchNormalization, set_reference, virtual_batch

SHAPES = [(6, 5), (6, 4, 3, 5)]


def data(shape, seed: int = 0) -> np.ndarray:
    """Values whose channels differ in place and spread."""
    channels = np.arange(1, shape[-1] + 1)
    values = np.random.default_rng(seed).normal(size=shape) * channels + 0.5 * channels
    return values.astype(np.float32)


def one_layer(shape) -> keras.Model:
    keras.utils.set_random_seed(1)
    values = keras.Input(shape[1:])
    return keras.Model(values, VirtualBatchNormalization(name="virtual")(values))


def network() -> keras.Model:
    """Two layers of it, after a dense one and after a convolution that is in a model within the model."""
    keras.utils.set_random_seed(1)
    latents = keras.Input((5,))
    hidden = VirtualBatchNormalization(name="first")(keras.layers.Dense(48, use_bias=False)(latents))
    hidden = keras.layers.Reshape((4, 4, 3))(keras.layers.ReLU()(hidden))
    upper = keras.Sequential(
        [
            keras.Input((4, 4, 3)),
            keras.layers.Conv2DTranspose(4, 3, strides=2, padding="same"),
            VirtualBatchNormalization(name="second"),
        ]
    )
    return keras.Model(latents, upper(hidden))


def by_hand(values: np.ndarray, reference: np.ndarray, epsilon: float = 1e-5) -> np.ndarray:
    """The authors' formula: means and mean squares, old and new."""
    values, reference = np.float64(values), np.float64(reference)
    axes = tuple(range(1, values.ndim - 1))
    new = 1 / (len(reference) + 1)
    mean, square = (
        new * (values**power).mean(axes, keepdims=True)
        + (1 - new) * (reference**power).mean(tuple(range(values.ndim - 1)))
        for power in (1, 2)
    )
    return (values - mean) / np.sqrt(square - mean**2 + epsilon)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_contract(shape):
    check_layer(VirtualBatchNormalization, shape, shape, trainable=2, non_trainable=3)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_each_example_is_normalized_with_the_reference_and_itself(shape):
    model, reference = one_layer(shape), data((9, *shape[1:]), 1)
    set_reference(model, reference)
    np.testing.assert_allclose(model(data(shape)), by_hand(data(shape), reference), rtol=1e-4, atol=1e-5)
    with virtual_batch(model, reference):
        inside = model(data(shape))
    np.testing.assert_allclose(inside, by_hand(data(shape), reference), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("training", [True, False])
def test_an_answer_does_not_depend_on_its_batch(shape, training):
    model, values, reference = one_layer(shape), data(shape), data((9, *shape[1:]), 1)
    others = values.copy()
    others[1:] = 100 * others[1:] - 7
    with virtual_batch(model, reference):
        answer = model(values, training=training)[0].numpy()
        np.testing.assert_array_equal(model(others, training=training)[0], answer)
        np.testing.assert_allclose(model(values[:1], training=training)[0], answer, rtol=1e-5, atol=1e-6)


def test_a_large_mean_does_not_cancel_the_variance():
    """Mean squares in float32 would leave nothing of a variance of 1 beside a mean of 10,000."""
    values, reference = 1e4 + data((6, 1)), 1e4 + data((9, 1), 1)
    model = one_layer((6, 1))
    set_reference(model, reference)
    np.testing.assert_allclose(model(values), by_hand(values, reference), rtol=0.01, atol=0.01)


def test_a_reference_batch_is_normalized_with_its_own_statistics():
    """So that the layers above see the reference as batch normalization would show it."""
    model, reference = network(), data((9, 5))
    set_reference(model, reference)
    first = model.layers[1](reference).numpy()
    mean, variance, examples = model.get_layer("first").saved_statistics
    np.testing.assert_allclose(mean, first.mean(0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(variance, first.var(0), rtol=1e-4)
    assert float(examples) == 9
    plain = network()
    hidden = (first - first.mean(0)) / np.sqrt(first.var(0) + 1e-5)
    upper = plain.layers[-1]
    hidden = upper.layers[0](np.maximum(hidden, 0).reshape(-1, 4, 4, 3)).numpy()
    mean, variance, examples = model.layers[-1].get_layer("second").saved_statistics
    np.testing.assert_allclose(mean, hidden.mean((0, 1, 2)), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(variance, hidden.var((0, 1, 2)), rtol=1e-3)
    assert float(examples) == 9


def test_gradients_flow_through_the_reference():
    """As in one graph of the authors'; against finite differences, in float32."""
    model, reference, latents = network(), data((9, 5), 1), data((6, 5))
    kernel = model.layers[1].kernel
    weighing = np.random.default_rng(2).normal(size=(6, 8, 8, 4)).astype(np.float32)

    @tf.function
    def loss_and_gradient():
        with tf.GradientTape() as tape, virtual_batch(model, reference):
            loss = tf.reduce_sum(model(latents, training=True) * weighing)
        return loss, tape.gradient(loss, kernel.value)

    _, gradient = loss_and_gradient()
    direction = np.random.default_rng(3).normal(size=kernel.shape).astype(np.float32)
    start, sides = kernel.numpy(), []
    for sign in (1, -1):
        kernel.assign(start + sign * 1e-3 * direction)
        sides.append(float(loss_and_gradient()[0]))
    assert np.sum(gradient * direction) == pytest.approx((sides[0] - sides[1]) / 2e-3, rel=0.02)


def test_after_the_context_the_kept_statistics_count():
    """Those of the last reference, in a graph as well; and nothing of the context is left."""
    model, old, new = network(), data((9, 5), 1), data((9, 5), 2)
    set_reference(model, old)
    before = model(data((6, 5))).numpy()

    @tf.function
    def inside_and_after(latents):
        with virtual_batch(model, new):
            inside = model(latents)
        return inside, model(latents)

    inside, after = inside_and_after(data((6, 5)))
    np.testing.assert_allclose(inside, after, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(model(data((6, 5))), inside, rtol=1e-4, atol=1e-5)
    assert np.abs(inside - before).max() > 0.1


def test_two_networks_have_references_of_their_own_at_once():
    one, other = network(), network()
    references = data((9, 5), 1), data((9, 5), 2)
    expected = []
    for model, reference in zip((one, other), references, strict=True):
        with virtual_batch(model, reference):
            expected.append(model(data((6, 5))).numpy())
    set_reference(one, references[1])
    with virtual_batch(one, references[0]), virtual_batch(other, references[1]):
        np.testing.assert_array_equal(one(data((6, 5))), expected[0])
        np.testing.assert_array_equal(other(data((6, 5))), expected[1])


def test_two_devices_are_one(two_devices):
    """Outputs, gradients and kept statistics, with the context inside each replica."""
    latents, reference = data((6, 5)), data((9, 5), 1)
    weighing = np.random.default_rng(2).normal(size=(6, 8, 8, 4)).astype(np.float32)

    def trained(model, latents, weighing):
        with tf.GradientTape() as tape, virtual_batch(model, reference):
            outputs = model(latents, training=True)
            loss = tf.reduce_sum(outputs * weighing)
        return outputs, tape.gradient(loss, model.layers[1].kernel.value)

    alone = network()
    outputs, gradient = trained(alone, tf.constant(latents), tf.constant(weighing))
    with two_devices.scope():
        shared = network()
    answers = by_replica(
        two_devices,
        lambda x, w: tf.concat([tf.reshape(t, [-1]) for t in trained(shared, x, w)], 0),
        latents,
        weighing,
    )
    parts = [np.split(answer, [3 * 8 * 8 * 4]) for answer in answers]
    together = np.concatenate([part[0] for part in parts]).reshape(outputs.shape)
    np.testing.assert_allclose(together, outputs, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose((parts[0][1] + parts[1][1]).reshape(5, 48), gradient, rtol=1e-3, atol=1e-3)
    for variable, expected in zip(shared.variables, alone.variables, strict=True):
        for copy in two_devices.experimental_local_results(variable.value):
            np.testing.assert_allclose(copy, expected, rtol=1e-4, atol=1e-5)


def test_a_reference_set_outside_of_replicas_reaches_all_of_them(two_devices):
    reference, alone = data((9, 5), 1), network()
    set_reference(alone, reference)
    with two_devices.scope():
        shared = network()
        set_reference(shared, reference)
    answers = by_replica(two_devices, lambda x: shared(x, training=False), data((6, 5)))
    np.testing.assert_allclose(np.concatenate(answers), alone(data((6, 5))), rtol=1e-4, atol=1e-5)


def test_statistics_are_saved_and_exported(tmp_path):
    model = network()
    set_reference(model, data((9, 5), 1))
    answer = model(data((6, 5)))
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(data((6, 5))), answer)
    model.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(str(tmp_path / "exported"))
    np.testing.assert_allclose(exported.serve(data((6, 5))), answer, rtol=1e-4, atol=1e-5)


def test_statistics_are_float32_under_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = network()
    finally:
        keras.config.set_dtype_policy("float32")
    exact = network()
    for model in (mixed, exact):
        set_reference(model, data((9, 5), 1))
    assert {v.dtype for v in mixed.variables} == {"float32"}
    np.testing.assert_allclose(tf.cast(mixed(data((6, 5))), tf.float32), exact(data((6, 5))), atol=0.1)


def test_a_network_without_such_a_layer_and_other_ranks_are_refused():
    plain = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="plain")
    with pytest.raises(ValueError, match="'plain' has no VirtualBatchNormalization"):
        set_reference(plain, np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"\(4, 5, 3\)"):
        VirtualBatchNormalization()(np.zeros((4, 5, 3), np.float32))


def test_a_failing_reference_leaves_nothing_behind():
    model = network()
    with pytest.raises(ValueError):
        set_reference(model, np.zeros((9, 4), np.float32))
    set_reference(model, data((9, 5)))
    assert float(model.get_layer("first").saved_statistics.examples) == 9
    before = model.get_weights()
    model(data((6, 5)), training=True)
    for value, after in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(after, value)
