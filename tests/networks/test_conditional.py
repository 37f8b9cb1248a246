"""Discriminators with a condition, of every architecture."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.tiers import tiered
from tfgan_models import networks
from tfgan_models.layers import SpectralNormalization
from tfgan_models.networks import FAMILIES, conditional, dcgan

IMAGES = np.random.default_rng(0).uniform(-1, 1, (5, 32, 32, 1)).astype(np.float32)
CONDITIONS = np.eye(3, dtype=np.float32)[[0, 1, 2, 2, 0]]


@pytest.mark.parametrize("family", tiered(FAMILIES, ("dcgan",)))
def test_projection_adds_the_product_of_condition_and_features(family):
    """Miyato and Koyama 2018, equation 3: yᵀ V φ(x) + ψ(φ(x))."""
    make = networks.network_module(family).discriminator
    network = conditional.discriminator(make, 32, 1, 3, "projection", width=1 / 16, normalization="none")
    features = keras.Model(network.inputs[0], network.get_layer("logit").input)(IMAGES).numpy().astype(np.float64)
    kernel, bias = (np.float64(value) for value in network.get_layer("logit").get_weights())
    (embedding,) = network.get_layer("projection").get_weights()
    expected = features @ kernel + bias + (features * (CONDITIONS @ embedding)).sum(1, keepdims=True)
    np.testing.assert_allclose(network([IMAGES, CONDITIONS]), expected, rtol=1e-4, atol=1e-5)
    assert embedding.shape == (3, features.shape[1])
    assert network.get_layer("features").output.shape[0] is None  # its layers stay in place for feature matching


@pytest.mark.parametrize("family", tiered(FAMILIES, ("dcgan",)))
@pytest.mark.parametrize(
    ("conditioning", "inputs", "outputs"),
    [("auxiliary", [1], [1, 3]), ("concat", [4], [1]), ("projection", [1, 3], [1])],
)
def test_inputs_and_outputs(family, conditioning, inputs, outputs):
    make = networks.network_module(family).discriminator
    network = conditional.discriminator(make, 32, 1, 3, conditioning, width=1 / 16)
    assert [tensor.shape[-1] for tensor in network.inputs] == inputs
    assert [tensor.shape[-1] for tensor in network.outputs] == outputs
    assert {tensor.dtype for tensor in network.outputs} == {"float32"}


def test_spectral_normalization_includes_the_projection():
    network = conditional.discriminator(
        dcgan.discriminator, 16, 1, 3, "projection", normalization="spectral", width=0.1
    )
    projection = network.get_layer("projection")
    assert isinstance(projection, SpectralNormalization)
    for _ in range(500):  # power iterations
        projection(CONDITIONS, training=True)
    assert np.linalg.norm(np.asarray(projection(np.eye(3, dtype=np.float32))), 2) == pytest.approx(1, rel=1e-3)
