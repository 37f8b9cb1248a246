"""Weight normalization: lengths of their own, and pre-activations of zero mean and unit variance to begin with."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.contract import check_layer
from tests.layers.test_replicas import by_replica
from tests.layers.test_spectral_normalization import KINDS, OUTPUT_SHAPES, inputs
from tfgan_models.layers.weight_normalization import WeightNormalization, initialise


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


def built(kind: str, **options) -> WeightNormalization:
    make, shape, _ = KINDS[kind]
    keras.utils.set_random_seed(1)
    layer = WeightNormalization(make(), **options)
    layer.build((None, *shape[1:]))
    layer.scale.assign([0.5, 1.0, 2.0, 3.0])
    return layer


@pytest.mark.parametrize("train_scale", [True, False])
def test_contract(kind, train_scale):
    make, shape, _ = KINDS[kind]

    def seeded():
        keras.utils.set_random_seed(1)
        return WeightNormalization(make(), train_scale=train_scale)

    check_layer(seeded, shape, OUTPUT_SHAPES[kind], trainable=2 + train_scale, non_trainable=1 - train_scale)


def test_the_scale_is_the_length_of_each_outputs_weights(kind):
    layer, axis = built(kind), KINDS[kind][2]
    others = tuple(a for a in range(2 if kind == "dense" else 4) if a != axis)
    kernel = layer.normalized_kernel().numpy()
    np.testing.assert_allclose(np.sqrt((kernel**2).sum(others)), [0.5, 1.0, 2.0, 3.0], rtol=1e-5)
    layer.layer.kernel.assign(7 * layer.layer.kernel)  # only the direction counts
    np.testing.assert_allclose(layer.normalized_kernel(), kernel, rtol=1e-4, atol=1e-6)


def test_the_answer_is_that_of_the_layer_with_the_normalized_kernel(kind):
    layer, plain = built(kind), KINDS[kind][0]()
    layer.layer.bias.assign([0.1, 0.2, 0.3, 0.4])
    plain.build((None, *KINDS[kind][1][1:]))
    plain.kernel.assign(layer.normalized_kernel())
    plain.bias.assign(layer.layer.bias)
    np.testing.assert_allclose(layer(inputs(kind)), plain(inputs(kind)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("options", [{}, {"activation": "tanh"}, {"use_bias": False}], ids=str)
def test_answer_and_gradients_are_those_of_the_layer_with_the_normalized_kernel(kind, options):
    make, shape, _ = KINDS[kind]
    plain = make()
    layer = type(plain).from_config(plain.get_config() | options)
    keras.utils.set_random_seed(1)
    normalized = WeightNormalization(layer)
    normalized.build((None, *shape[1:]))
    normalized.scale.assign([0.5, 1.0, 2.0, 3.0])
    if layer.bias is not None:
        layer.bias.assign([0.1, 0.2, 0.3, 0.4])
    images = tf.constant(inputs(kind))

    def through(answer):
        with tf.GradientTape() as tape:
            tape.watch(images)
            outputs = answer()
            weights = np.random.default_rng(3).normal(size=outputs.shape).astype(np.float32)
            loss = tf.reduce_sum(outputs * weights)
        return [outputs, *tape.gradient(loss, [images, *(v.value for v in normalized.trainable_weights)])]

    ours = through(lambda: normalized(images))
    expected = through(lambda: normalized.call_with(images, (layer.kernel, normalized.normalized_kernel())))
    for one, other in zip(ours, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_many_threads_get_the_same_answer():
    normalized = built("dense")
    normalized.layer.activation = keras.activations.relu
    images = inputs("dense")
    expected = normalized(images).numpy()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda _: normalized(images).numpy(), range(100)))
    finally:
        sys.setswitchinterval(interval)
    for answer in answers:
        np.testing.assert_array_equal(answer, expected)


def test_the_initial_deviation():
    normalized = WeightNormalization(keras.layers.Dense(4), initial_deviation=0.1)
    model = keras.Sequential([keras.Input((5,)), normalized])
    initialise(model, np.random.default_rng(0).normal(3, 2, (200, 5)))
    outputs = model(np.random.default_rng(0).normal(3, 2, (200, 5))).numpy()
    np.testing.assert_allclose(outputs.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(outputs.std(0), 0.1, rtol=1e-4)


def test_channels_that_come_first_are_refused():
    with pytest.raises(ValueError, match="channels come last"):
        WeightNormalization(keras.layers.Conv2D(2, 3, data_format="channels_first"))


def test_gradients_are_those_of_the_paper(kind):
    """Equation 3: ∇g = ∇w·v/‖v‖, and ∇v = g/‖v‖ (∇w − ∇g v/‖v‖)."""
    layer, axis = built(kind), KINDS[kind][2]
    kernel = layer.layer.kernel.numpy().astype(np.float64)
    of_weights = np.random.default_rng(3).normal(size=kernel.shape)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer.normalized_kernel() * of_weights.astype(np.float32))
    of_kernel, of_scale = tape.gradient(loss, [layer.layer.kernel.value, layer.scale.value])
    rows, gradients = (np.moveaxis(x, axis, 0).reshape(4, -1) for x in (kernel, of_weights))
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    expected_of_scale = (gradients * rows / length).sum(1, keepdims=True)
    expected = layer.scale.numpy()[:, None] / length * (gradients - expected_of_scale * rows / length)
    np.testing.assert_allclose(of_scale, expected_of_scale[:, 0], rtol=1e-4)
    np.testing.assert_allclose(np.moveaxis(of_kernel.numpy(), axis, 0).reshape(4, -1), expected, rtol=1e-3, atol=1e-5)


def network() -> keras.Model:
    """Convolutions and dense layers, one of them in a model within the model; activations inside and outside."""
    keras.utils.set_random_seed(1)
    images = keras.Input((6, 6, 2))
    hidden = WeightNormalization(keras.layers.Conv2D(5, 3, activation="relu"), name="first")(images)
    hidden = WeightNormalization(keras.layers.Conv2DTranspose(4, 3, strides=2), name="second")(hidden)
    hidden = keras.layers.Flatten()(keras.layers.LeakyReLU(0.2)(hidden))
    head = keras.Sequential(
        [keras.Input((hidden.shape[-1],)), WeightNormalization(keras.layers.Dense(3), name="third")]
    )
    return keras.Model(images, head(hidden))


def before_activations(model: keras.Model, images) -> list[np.ndarray]:
    """Output of each weight-normalized layer before its activation."""
    first, second = model.get_layer("first"), model.get_layer("second")
    kernel = first.normalized_kernel()
    one = tf.nn.conv2d(images, kernel, 1, "VALID") + first.layer.bias
    two = second(tf.nn.relu(one))
    return [np.asarray(x) for x in (one, two, model(images))]


def images(examples: int = 200) -> np.ndarray:
    return np.random.default_rng(4).uniform(-1, 1, (examples, 6, 6, 2)).astype(np.float32)


def test_initialisation_gives_zero_mean_and_unit_variance():
    model = network()
    kernels = [v.numpy() for v in model.trainable_variables if v.name == "kernel"]
    before = before_activations(model, images())
    assert max(np.abs(x.std(tuple(range(x.ndim - 1))) - 1).max() for x in before) > 0.2
    initialise(model, images())
    for values in before_activations(model, images()):
        axes = tuple(range(values.ndim - 1))
        np.testing.assert_allclose(values.mean(axes), 0, atol=1e-4)
        np.testing.assert_allclose(values.std(axes), 1, atol=1e-4)
    for value, variable in zip(kernels, (v for v in model.trainable_variables if v.name == "kernel"), strict=True):
        np.testing.assert_array_equal(variable, value)


def test_initialisation_is_over_afterwards_and_may_be_repeated():
    model = network()
    initialise(model, images())
    weights = model.get_weights()
    model(3 * images(), training=True)
    for value, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(after, value)
    initialise(model, images())
    for value, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_allclose(after, value, rtol=1e-5, atol=1e-6)


def test_initialisation_reaches_all_replicas_and_they_answer_as_one(two_devices):
    alone = network()
    initialise(alone, images())
    with two_devices.scope():
        shared = network()
        initialise(shared, images())
    for variable, expected in zip(shared.variables, alone.variables, strict=True):
        for copy in two_devices.experimental_local_results(variable.value):
            np.testing.assert_allclose(copy, expected, rtol=1e-5, atol=1e-6)
    answers = by_replica(two_devices, lambda x: shared(x, training=True), images(8))
    np.testing.assert_allclose(np.concatenate(answers), alone(images(8)), rtol=1e-4, atol=1e-5)


def test_initialisation_under_mixed_precision():
    """To bfloat16's three digits, in float32 weights."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = network()
    finally:
        keras.config.set_dtype_policy("float32")
    initialise(model, images())
    outputs = tf.cast(model(images()), tf.float32).numpy()
    np.testing.assert_allclose(outputs.mean(0), 0, atol=0.02)
    np.testing.assert_allclose(outputs.std(0), 1, atol=0.02)
    assert {v.dtype for v in model.variables} == {"float32"}


def test_an_initialised_model_is_saved(tmp_path):
    model = network()
    initialise(model, images())
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(images(8)), model(images(8)))


def test_what_cannot_be_initialised_is_refused():
    plain = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="plain")
    with pytest.raises(ValueError, match="'plain' has no WeightNormalization"):
        initialise(plain, np.zeros((4, 3)))
    no_bias = WeightNormalization(keras.layers.Dense(2, use_bias=False, name="bare"))
    with pytest.raises(ValueError, match="'bare' has no bias"):
        initialise(keras.Sequential([keras.Input((3,)), no_bias]), np.zeros((4, 3)))
    assert not no_bias.initializing
