"""Directions without labels: planted ones are recovered, and the decoder's first kernel is the one that acts."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tfgan_models import InputError, networks
from tfgan_models.latent import directions
from tfgan_models.layers import ClusterHeads, LatentDropout, LatentNoise, SpectralNormalization, WeightNormalization
from tfgan_models.networks.hidden_layers import with_dropout, with_noise


def axes(count: int, size: int, seed: int) -> np.ndarray:
    """Orthogonal unit vectors ``[count, size]``."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(size, count)))[0].T


def agree(vectors: np.ndarray, planted: np.ndarray, error: float) -> None:
    """Compare directions, each with either sign."""
    np.testing.assert_allclose(np.abs(vectors @ planted.T), np.eye(len(vectors), len(planted)), atol=error)


@pytest.mark.parametrize(("size", "units"), [(6, 40), (6, 3), (1, 5)], ids=str)
def test_planted_directions_of_weights_are_recovered(size, units):
    rank = min(size, units)
    planted, outputs = axes(rank, size, 0), axes(rank, units, 1)
    strengths = np.array([5.0, 3.0, 2.0, 1.0, 0.5, 0.1])[:rank]
    kernel = planted.T * strengths @ outputs
    vectors, eigenvalues = directions.of_weights(kernel)
    assert vectors.shape == (size, size)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(size), atol=1e-12)
    np.testing.assert_allclose(eigenvalues, [*strengths**2, *[0] * (size - rank)], atol=1e-12)
    agree(vectors[:rank], planted, 1e-10)
    step = np.square(vectors @ kernel).sum(1)
    np.testing.assert_allclose(step, eigenvalues, atol=1e-12)


def test_planted_axes_of_codes_are_recovered():
    random = np.random.default_rng(0)
    planted, deviations = axes(5, 5, 1), np.array([4.0, 2.0, 1.0, 0.5, 0.1])
    codes = 7 + random.normal(size=(50_000, 5)) * deviations @ planted
    vectors, variances = directions.of_codes(codes, count=3)
    assert vectors.shape == (3, 5)
    np.testing.assert_allclose(variances, deviations[:3] ** 2, rtol=0.03)
    agree(vectors, planted, 0.02)
    np.testing.assert_allclose(variances, np.var(codes @ vectors.T, axis=0, ddof=1), rtol=1e-9)


def test_signs_do_not_depend_on_the_sign_of_the_input():
    kernel = np.random.default_rng(0).normal(size=(8, 20))
    first, second = (directions.of_weights(sign * kernel[:, ::sign]) for sign in (1, -1))
    np.testing.assert_allclose(first.vectors, second.vectors, atol=1e-10)
    assert (np.take_along_axis(first.vectors, np.abs(first.vectors).argmax(1)[:, None], 1) > 0).all()


def test_large_weights_do_not_overflow():
    vectors, eigenvalues = directions.of_weights(np.diag([1e150, 3e150]))
    np.testing.assert_allclose(vectors, [[0, 1], [1, 0]], atol=1e-12)
    np.testing.assert_allclose(eigenvalues, [9e300, 1e300])


@pytest.mark.parametrize(
    ("function", "values", "count", "argument"),
    [
        (directions.of_weights, np.ones(3), None, "kernel"),
        (directions.of_weights, np.ones((0, 3)), None, "kernel"),
        (directions.of_weights, np.array([[1.0, np.nan]]), None, "kernel"),
        (directions.of_weights, np.ones((2, 3)) * 1j, None, "kernel"),
        (directions.of_weights, np.ones((2, 3)), 3, "count"),
        (directions.of_weights, np.ones((2, 3)), 0, "count"),
        (directions.of_codes, np.ones((1, 3)), None, "codes"),
        (directions.of_codes, np.array([[1.0], [np.inf]]), None, "codes"),
        (directions.of_codes, np.ones((5, 3)), 4, "count"),
    ],
)
def test_other_input_is_refused_in_one_line(function, values, count, argument):
    with pytest.raises(InputError) as refusal:
        function(values, count)
    assert refusal.value.argument == argument
    assert "\n" not in str(refusal.value)


def acts(kernel: np.ndarray, layer: keras.layers.Layer) -> None:
    """The layer's output is that of the kernel; its bias is 0."""
    dense = getattr(layer, "layer", layer)
    latents = np.random.default_rng(0).normal(size=(3, len(kernel))).astype(np.float32)
    expected = np.maximum(latents @ kernel, 0) if dense.activation is keras.activations.relu else latents @ kernel
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(latents)), expected, atol=1e-5)


@pytest.mark.parametrize("network", networks.FAMILIES + networks.CLASSIFYING)
def test_the_decoders_of_all_families_have_a_first_kernel(network):
    module = networks.network_module(network)
    decoder = getattr(module, "decoder", module.generator)(32, 3, 7, width=0.1)
    (dense,) = (layer for layer in decoder.layers[:2] if isinstance(layer, keras.layers.Dense))
    kernel = directions.first_kernel(decoder)
    assert kernel.dtype == np.float64
    np.testing.assert_array_equal(kernel, dense.kernel.numpy())
    acts(kernel, dense)
    assert directions.of_weights(kernel, 2).vectors.shape == (2, 7)


@pytest.mark.parametrize("wrapper", [SpectralNormalization, WeightNormalization])
def test_the_kernel_of_a_normalized_layer_is_the_one_that_it_uses(wrapper):
    latents = keras.Input((4,))
    layer = wrapper(keras.layers.Dense(6))
    decoder = keras.Model(latents, layer(latents))
    layer.layer.kernel.assign(3 * layer.layer.kernel)
    kernel = directions.first_kernel(decoder)
    acts(kernel, layer)
    assert np.abs(kernel - layer.layer.kernel.numpy()).max() > 0.1


def test_layers_that_hand_the_latent_on_and_nested_models_are_passed():
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.1), keras.layers.Dense(5), keras.layers.ReLU()])
    latents = keras.Input((4,))
    decoder = keras.Model(latents, inner(keras.layers.Identity()(keras.layers.Flatten()(latents))))
    np.testing.assert_array_equal(directions.first_kernel(decoder), inner.layers[1].kernel.numpy())


@pytest.mark.parametrize("change", [with_dropout, with_noise])
def test_layers_that_only_draw_from_the_latent_are_passed(change):
    generator = networks.mlp.generator(8, 1, 4, (16,))
    changed = change(generator, 0.3)
    assert any(isinstance(layer, (LatentDropout, LatentNoise)) for layer in changed.layers)
    np.testing.assert_array_equal(directions.first_kernel(changed), directions.first_kernel(generator))


def test_a_model_that_was_called_elsewhere_still_has_its_own_first_layer():
    latents, dense = keras.Input((4,)), keras.layers.Dense(4)
    decoder = keras.Model(latents, keras.layers.Dense(2)(dense(latents)))
    other = keras.Input((4,))
    keras.Model(other, decoder(keras.layers.ReLU()(other)))
    np.testing.assert_array_equal(directions.first_kernel(decoder), dense.kernel.numpy())


def decoders() -> dict[str, keras.Model]:
    latents, classes, images = keras.Input((4,)), keras.Input((2,)), keras.Input((4, 4, 1))
    dense = keras.layers.Dense
    activated = dense(3)(keras.layers.ReLU(name="nonlinear")(latents))
    both = keras.layers.Add()([dense(3)(latents), dense(3)(latents)])
    return {
        "activated": keras.Model(latents, activated),
        "several": keras.Model(latents, both),
        "none": keras.Model(latents, latents),
        "two inputs": keras.Model([latents, classes], dense(3)(keras.layers.Concatenate()([latents, classes]))),
        "images": keras.Model(images, keras.layers.Conv2D(2, 3)(images)),
        "heads": keras.Model(latents, dense(3)(ClusterHeads(2)(latents))),
        "convolution": keras.Model(
            latents, keras.layers.Conv2DTranspose(2, 4)(keras.layers.Reshape((1, 1, 4))(latents))
        ),
        "not built": keras.Sequential([dense(3)]),
    }


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("activated", "'nonlinear', a ReLU layer"),
        ("several", "several layers or in none"),
        ("none", r"several layers or in none \(none\)"),
        ("two inputs", r"\[None, 4\], \[None, 2\]"),
        ("images", r"\[None, 4, 4, 1\]"),
        ("heads", "a ClusterHeads layer"),
        ("convolution", "a Reshape layer"),
        ("not built", r"inputs \[\]"),
    ],
)
def test_other_decoders_are_refused_in_one_line(name, message):
    with pytest.raises(InputError, match=message) as refusal:
        directions.first_kernel(decoders()[name])
    assert refusal.value.argument == "decoder"
    assert "\n" not in str(refusal.value)
