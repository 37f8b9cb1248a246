"""Effect of each option on a discriminator, in every family that has it."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks.cases import POOLED, cases, discriminator, images, of_type, some_fast, unwrapped
from tests.tiers import tiered
from tfgan_models import InputError, networks
from tfgan_models.layers import SpectralNormalization
from tfgan_models.networks import mlp


@pytest.mark.parametrize(
    ("family", "name"),
    tiered(cases("together", "pooled together"), [("vaegan", "together"), ("dcgan", "pooled together")]),
)
def test_spectral_normalization_brings_every_kernel_to_a_norm_of_1(family, name):
    network = discriminator(family, name)
    for _ in range(25):
        network(images(2), training=True)
    wrapped = [layer for layer in network.layers if isinstance(layer, SpectralNormalization)]
    for layer in wrapped:
        kernel = layer.normalized_kernel().numpy()
        largest = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)[0]
        assert largest == pytest.approx(1, abs=0.05), layer.name
    with_kernel = [layer for layer in unwrapped(network) if isinstance(layer, keras.layers.Dense | keras.layers.Conv2D)]
    assert [layer.layer for layer in wrapped] == with_kernel
    assert {"features" if family not in ("resnet", "densenet") else "logit", "logit", "attributes"} <= {
        layer.name for layer in wrapped
    }
    assert of_type(network, "BatchNormalization") == []


@pytest.mark.parametrize(("family", "name"), cases("none", "spectral", "instance"))
def test_without_batch_normalization_each_example_is_judged_alone(family, name):
    changed = images(4)
    changed[1:] = images(4, seed=9)[1:]
    network, equal = discriminator(family, name), discriminator(family, name)
    for one, other in zip(network(images(4), training=True), equal(changed, training=True), strict=True):
        np.testing.assert_allclose(one[0], other[0], rtol=1e-3, atol=1e-5)
        assert np.abs(one[1:] - other[1:]).max() > 1e-4
    assert of_type(network, "BatchNormalization") == []


@pytest.mark.parametrize(("family", "name"), cases("none", "spectral", "maxout"))
def test_minibatch_discrimination_shows_the_logit_alone_its_batch(family, name):
    network = discriminator(family, name, minibatch_discrimination=True)
    values = images(4)
    values[1:] = values[:1]
    alone, (alike, attributes) = network(values[:1]), network(values)
    assert abs(float(alone[0][0, 0] - alike[0, 0])) > 1e-4 * abs(float(alike[0, 0]))
    np.testing.assert_allclose(attributes[0], alone[1][0], rtol=1e-3, atol=1e-6)
    (layer,) = of_type(network, "MinibatchDiscrimination")
    assert layer.output is network.get_layer("logit").input
    assert (layer.kernels, layer.dimensions) == (100 if family == "mlp" else round(100 / 16), 5)


@pytest.mark.parametrize(
    ("family", "name"), some_fast(cases("dropout", "maxout together", "pooled together", "together"))
)
def test_dropout_comes_after_each_activation_and_only_in_training(family, name):
    plain, network = discriminator(family, name, dropout=0.0), discriminator(family, name)
    assert of_type(plain, "Dropout") == []
    dropouts = of_type(network, "Dropout")
    fed = [layer.input._keras_history.operation for layer in dropouts]
    active = of_type(network, "ReLU", "LeakyReLU", "Maxout")
    first = [layer for layer in network.layers[1:2] if family == "vaegan"]  # its ReLU is within the convolution
    assert fed == first + active
    assert len({layer.seed for layer in dropouts}) == len(dropouts)
    variables = [v for v in network.variables if "seed_generator" not in v.path]
    for target, source in zip(variables, plain.variables, strict=True):
        target.assign(source)
    for one, other in zip(network(images()), plain(images()), strict=True):
        np.testing.assert_array_equal(one, other)
    (once, _), (again, _) = network(images(), training=True), network(images(), training=True)
    assert np.abs(once - again).max() > 1e-4 * np.abs(once).max()


def test_dropout_drops_its_share():
    network = discriminator("mlp", units=(4096,), dropout=0.3)
    (layer,) = of_type(network, "Dropout")
    dropped = keras.Model(network.input, layer.output)(images(), training=True).numpy()
    assert (dropped == 0).mean() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize(("family", "name"), cases("average", "max", "pooled together"))
def test_pooling_takes_the_place_of_strides(family, name):
    network, strided = discriminator(family, name), discriminator(family)
    strides = {
        pooled: [layer.strides for layer in unwrapped(net) if isinstance(layer, keras.layers.Conv2D)]
        for pooled, net in ((True, network), (False, strided))
    }
    assert set(strides[True]) == {(1, 1)}
    assert len(strides[True]) == len(strides[False])
    halving = strides[False].count((2, 2))
    kind, other = ("MaxPooling2D", "AveragePooling2D")[:: 1 if name == "max" else -1]
    pools = of_type(network, kind)
    assert len(pools) == halving == (6 if family == "resnet" else 3)  # there also on the ways around
    assert {layer.pool_size for layer in pools} == {(2, 2)}
    assert of_type(network, other) == of_type(strided, kind, other) == []


@pytest.mark.parametrize(("downsampling", "reached"), [("strides", 1.0), ("average", 1.0), ("max", 0.25)])
def test_max_pooling_stops_the_gradient_at_three_of_four_pixels(downsampling, reached):
    """The reason not to use it in a discriminator: the generator learns from the discriminator's gradient alone."""
    network = discriminator("dcgan", downsampling=downsampling, normalization="none")
    maps = keras.Model(network.input, [network.get_layer("convolution_2").output, network.outputs[0]])
    values = tf.constant(images(2))
    with tf.GradientTape() as tape:
        convolution, logit = maps(values)
    gradient = tape.gradient(logit, convolution).numpy()
    assert (gradient != 0).mean() == pytest.approx(reached, abs=0.01)
    if downsampling == "max":  # the largest of each window of two rows and two columns
        windows = gradient.reshape(2, 8, 2, 8, 2, -1) != 0
        np.testing.assert_array_equal(windows.sum((2, 4)), 1)


def test_maxout_is_that_of_the_first_gan():
    network = mlp.discriminator(28, 1, units=(240, 240), maxout=True, dropout=0.5, pixel_dropout=0.2)
    assert [layer.rate for layer in of_type(network, "Dropout")] == [0.2, 0.5, 0.5]
    hidden = of_type(network, "Maxout")
    assert [(layer.name, layer.units, layer.pieces) for layer in hidden] == [("hidden_1", 240, 5), ("features", 240, 5)]
    assert of_type(network, "LeakyReLU", "ReLU") == []
    for variable in network.trainable_variables:
        values = variable.numpy()
        if variable.path.endswith("bias"):
            assert not values.any()
        else:
            assert np.abs(values).max() <= 0.005
            assert values.std() == pytest.approx(0.005 / np.sqrt(3), rel=0.1), variable.path


@pytest.mark.parametrize("family", networks.FAMILIES)
def test_what_a_discriminator_does_not_have_is_refused(family):
    for options, words in (
        ({"normalization": "virtual"}, "'virtual'.*batch, spectral, instance, none"),
        ({"dropout": 1.0}, "dropout 1.0"),
        ({"dropout": -0.1}, "dropout -0.1"),
        ({"dropout": float("nan")}, "dropout nan"),
    ):
        with pytest.raises(InputError, match=words) as error:
            discriminator(family, **options)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("family", POOLED)
def test_an_unknown_downsampling_is_refused(family):
    with pytest.raises(InputError, match=r"^downsampling 'min': give one of strides, average, max"):
        discriminator(family, downsampling="min")


def test_maxout_sees_pixels_from_0_to_1():
    network = mlp.discriminator(8, 1, units=(6, 6), maxout=True)
    first = keras.Model(network.input, network.get_layer("hidden_1").input)
    inputs = np.random.default_rng(0).uniform(-1, 1, (3, 8, 8, 1)).astype(np.float32)
    np.testing.assert_allclose(first(inputs), (inputs.reshape(3, 64) + 1) / 2, atol=1e-6)


def test_a_share_of_pixels_that_is_none_is_refused():
    with pytest.raises(InputError, match=r"pixel_dropout 1\.0"):
        mlp.discriminator(8, 1, pixel_dropout=1.0)


@pytest.mark.parametrize("normalization", ["batch", "spectral"])
def test_maxout_is_not_normalized(normalization):
    with pytest.raises(InputError, match=f"'{normalization}'.*maxout"):
        mlp.discriminator(8, 1, maxout=True, normalization=normalization)
