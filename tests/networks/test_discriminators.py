"""Contract of the discriminators of all families, with every option."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks.cases import ATTRIBUTES, OPTIONS, POOLED, SMALL, cases, discriminator, images, some_fast, unwrapped
from tests.tiers import tiered
from tfgan_models import networks

PENALIZED = [(family, name, "") for family, name in cases("none", "spectral", "maxout")]
PENALIZED += [(family, name, kind) for kind in ("average", "max") for family, name, _ in PENALIZED if family in POOLED]
COMBINED = tiered(cases("together", "pooled together", "maxout together"), [("dcgan", "together")])


@pytest.fixture
def mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(("family", "name"), some_fast(cases()))
def test_shapes_types_and_names(family, name, mixed_precision):
    network = discriminator(family, name)
    for training in (True, False):
        outputs = network(images(), training=training)
        assert [tuple(output.shape) for output in outputs] == [(4, 1), (4, ATTRIBUTES)]
        assert {output.dtype.name for output in outputs} == {"float32"}
        assert all(np.isfinite(output).all() for output in outputs)
    assert [network.get_layer(layer).output.shape[-1] for layer in ("logit", "attributes")] == [1, ATTRIBUTES]
    first, features = (network.get_layer(layer) for layer in (networks.network_module(family).FIRST_LAYER, "features"))
    assert network.layers.index(first) < network.layers.index(features)
    rest = keras.Model(features.output, network.outputs)  # raises where an output does not come from them alone
    assert not any(isinstance(layer, keras.layers.Conv2D) for layer in unwrapped(rest))
    assert {v.dtype for v in network.trainable_variables} == {"float32"}


@pytest.mark.parametrize(("family", "name"), some_fast(cases()))
def test_every_weight_has_a_gradient(family, name):
    """None of them is without effect, as a bias below batch normalization is, but for what rounding leaves."""
    network = discriminator(family, name, **({} if family == "mlp" else {"width": 0.25}))
    if "maxout" in OPTIONS[name]:  # of the first GAN's small weights, layers below have small gradients as well
        for variable in network.trainable_variables:
            variable.assign(10 * variable)
    with tf.GradientTape() as tape:
        logit, attributes = network(images(16), training=True)
        loss = tf.reduce_sum(tf.square(logit - 1)) + tf.reduce_sum(tf.square(attributes - 1))
    gradients = tape.gradient(loss, [v.value for v in network.trainable_variables])
    sizes = {v.path: float(tf.norm(g)) for v, g in zip(network.trainable_variables, gradients, strict=True)}
    assert min(sizes.values()) > 1e-6 * max(sizes.values()), min(sizes, key=sizes.get)


@pytest.mark.parametrize(("family", "name"), some_fast(cases()))
def test_every_layer_draws_initial_weights_of_its_own(family, name):
    """An initializer that two layers share gives both the same values, which set a discriminator back for epochs."""
    network = discriminator(family, name)
    kernels = [v.numpy().ravel() for v in network.trainable_variables if v.path.endswith("kernel")]
    starts = {tuple(np.round(kernel[:8] / kernel.std(), 4)) for kernel in kernels}
    assert len(starts) == len(kernels) > 4


@pytest.mark.parametrize(("family", "name"), COMBINED)
def test_a_network_comes_back_from_a_file_and_from_its_variables(family, name, tmp_path):
    """From its variables, which checkpoints hold, with what it drops next. Keras' files leave that out."""
    network = discriminator(family, name)
    network(images(), training=True)
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    for one, other in zip(again(images()), network(images()), strict=True):
        np.testing.assert_array_equal(one, other)
    again = keras.Model.from_config(network.get_config())
    for target, source in zip(again.variables, network.variables, strict=True):
        target.assign(source)
    for _ in range(2):
        for one, other in zip(again(images(), training=True), network(images(), training=True), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("family", "name", "downsampling"), tiered(PENALIZED, [case for case in PENALIZED if case[0] in ("dcgan", "mlp")])
)
def test_gradient_penalties_have_a_gradient(family, name, downsampling):
    """P = ½‖∇D(x)‖² is of degree 2 in a kernel on the only way to the logit, so that ⟨∂P/∂W, W⟩ = 2P (Euler).

    And of degree 0 in a kernel that is spectrally normalized.
    """
    network = discriminator(family, name, attributes=0, **OPTIONS.get(downsampling, {}))
    kernels = [v for v in network.trainable_variables if v.path.endswith("kernel")]

    @tf.function
    def penalty_and_gradients(values):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(values)
                logit = network(values, training=False)
            penalty = tf.reduce_sum(tf.square(inner.gradient(logit, values))) / 2
        return penalty, outer.gradient(penalty, [v.value for v in kernels])

    penalty, gradients = penalty_and_gradients(tf.constant(images(8)))
    sequential = family not in ("resnet", "densenet")
    for kernel, gradient in zip(kernels, gradients, strict=True):
        assert np.abs(gradient).max() > 0, kernel.path
        along, scale = np.sum(gradient * kernel), np.linalg.norm(gradient) * np.linalg.norm(kernel)
        if name == "spectral":
            assert abs(along) < 1e-4 * scale, kernel.path
        elif sequential or kernel.path.startswith("logit"):
            assert along == pytest.approx(2 * float(penalty), rel=1e-3), kernel.path


def test_every_option_has_a_case():
    """So that one that is added later is not forgotten here."""
    for family in networks.FAMILIES:
        arguments = inspect.signature(networks.network_module(family).discriminator).parameters
        expected_keys = {"image_size", "channels", "attributes", "width", *SMALL.get(family, {})}
        attempts = {key for _, name in cases() for key in OPTIONS[name] if (family, name) in cases()}
        assert set(arguments) - expected_keys == attempts, family
