"""The layers and initial weights of the VAE/GAN and of the DCGAN are those of their papers."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tfgan_models import networks


def stages(network: keras.Model) -> list[tuple]:
    """Of each layer with a kernel its kind, kernel side, stride and output shape."""
    actual = []
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose):
            assert layer.padding == "same"
            assert len({*layer.kernel_size, *layer.strides}) <= 2
            actual.append((type(layer).__name__, layer.kernel_size[0], layer.strides[0], *layer.output.shape[1:]))
        elif isinstance(layer, keras.layers.Dense):
            actual.append(("Dense", layer.units))
    return actual


def normalized(network: keras.Model) -> list[str]:
    """Layers before each batch normalization; each normalization is followed by a ReLU."""
    layers = network.layers
    actual = []
    for before, layer, after in zip(layers, layers[1:], layers[2:], strict=False):
        if type(layer).__name__ == "BatchNormalization":
            assert isinstance(after, keras.layers.ReLU)
            actual.append(type(before).__name__)
    return actual


@pytest.fixture(scope="module")
def paper():
    """Larsen et al. 2015, Table 1, for 64×64 color images and a latent of 128."""
    make = networks.network_module("vaegan")
    return make.encoder(64, 3, 128), make.decoder(64, 3, 128), make.discriminator(64, 3)


def test_vaegan_layers_are_those_of_larsen(paper):
    encoder, decoder, discriminator = paper
    assert stages(encoder) == [
        ("Conv2D", 5, 2, 32, 32, 64),
        ("Conv2D", 5, 2, 16, 16, 128),
        ("Conv2D", 5, 2, 8, 8, 256),
        ("Dense", 2048),
        ("Dense", 128),
        ("Dense", 128),
    ]
    assert stages(decoder) == [
        ("Dense", 8 * 8 * 256),
        ("Conv2DTranspose", 5, 2, 16, 16, 256),
        ("Conv2DTranspose", 5, 2, 32, 32, 128),
        ("Conv2DTranspose", 5, 2, 64, 64, 32),
        ("Conv2D", 5, 1, 64, 64, 3),
    ]
    assert stages(discriminator) == [
        ("Conv2D", 5, 1, 64, 64, 32),
        ("Conv2D", 5, 2, 32, 32, 128),
        ("Conv2D", 5, 2, 16, 16, 256),
        ("Conv2D", 5, 2, 8, 8, 256),
        ("Dense", 512),
        ("Dense", 1),
    ]


def test_vaegan_normalization_and_activations_are_those_of_larsen(paper):
    encoder, decoder, discriminator = paper
    assert normalized(encoder) == ["Conv2D"] * 3 + ["Dense"]
    assert normalized(decoder)[1:] == ["Conv2DTranspose"] * 3
    assert normalized(discriminator) == ["Conv2D"] * 3 + ["Dense"]  # none after the first convolution
    assert discriminator.layers[1].activation is keras.activations.relu
    assert decoder.layers[-1].activation is keras.activations.tanh


def test_features_are_the_last_convolution_before_its_normalization(paper):
    features = paper[2].get_layer("features")
    assert features.output.shape == (None, 8, 8, 256)
    assert features.activation is keras.activations.linear


def test_vaegan_initial_weights_are_those_of_larsen(paper):
    """U(±1/√(3·fan_in)): nothing outside, and the spread of a uniform."""
    for network in paper:
        for layer in network.layers:
            if not hasattr(layer, "kernel"):
                continue
            kernel = layer.kernel.numpy()
            # A transposed convolution counts as the convolution it transposes, as in the reference code: its kernel
            # is (k, k, out, in), and its fan the out·k² of that convolution's inputs.
            limit = 1 / np.sqrt(3 * np.prod(kernel.shape[:-1]))
            assert np.abs(kernel).max() <= limit * (1 + 1e-6), layer.name
            assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.15), layer.name
            assert layer.bias is None or not layer.bias.numpy().any()


def test_width_scales_filters_to_multiples_of_16():
    make = networks.network_module("vaegan")
    assert [stage[-1] for stage in stages(make.encoder(64, 3, 128, width=0.25))] == [16, 32, 64, 512, 128, 128]
    assert [stage[-1] for stage in stages(make.discriminator(64, 3, width=0.3))] == [16, 48, 80, 80, 160, 1]
    assert [stage[-1] for stage in stages(make.discriminator(64, 3, width=1e-6))] == [16] * 5 + [1]


@pytest.fixture(scope="module")
def radford():
    """Radford et al. 2015, for 32×32 color images and a latent of 100, at half their width."""
    make = networks.network_module("dcgan")
    return make.generator(32, 3, 100, width=0.5), make.discriminator(32, 3, width=0.5)


def test_dcgan_layers_are_those_of_radford(radford):
    generator, discriminator = radford
    assert stages(generator) == [
        ("Dense", 4 * 4 * 128),
        ("Conv2DTranspose", 4, 2, 8, 8, 64),
        ("Conv2DTranspose", 4, 2, 16, 16, 32),
        ("Conv2DTranspose", 4, 2, 32, 32, 3),
    ]
    assert stages(discriminator) == [
        ("Conv2D", 4, 2, 16, 16, 32),
        ("Conv2D", 4, 2, 8, 8, 64),
        ("Conv2D", 4, 2, 4, 4, 128),
        ("Dense", 1),
    ]


def test_dcgan_normalizes_all_but_the_images_side(radford):
    """In the order of the layers: none after the discriminator's first convolution and the generator's last."""
    kinds = [[type(layer).__name__ for layer in network.layers if layer.name != "flatten"] for network in radford]
    block = ["BatchNormalization", "ReLU"]
    assert kinds[0] == [
        *("InputLayer", "Dense", "Reshape", *block),
        *("Conv2DTranspose", *block) * 2,
        *("Conv2DTranspose", "Activation"),
    ]
    assert [kind for kind in kinds[1] if kind != "Flatten"] == [
        *("InputLayer", "Conv2D", "LeakyReLU"),
        *("Conv2D", "BatchNormalization", "LeakyReLU") * 2,
        "Dense",
    ]
    slopes = {x.negative_slope for x in radford[1].layers if isinstance(x, keras.layers.LeakyReLU)}
    assert slopes == {0.2}
    assert radford[0].layers[-1].activation is keras.activations.tanh


def test_dcgan_initial_weights_are_normal_with_0_02(radford):
    for network in radford:
        for layer in network.layers:
            if hasattr(layer, "kernel"):
                kernel = layer.kernel.numpy().astype(np.float64)
                assert abs(kernel.mean()) < 5 * 0.02 / np.sqrt(kernel.size), layer.name
                assert kernel.std() == pytest.approx(0.02, abs=5 * 0.02 / np.sqrt(2 * kernel.size)), layer.name
                assert (kernel**4).mean() / kernel.var() ** 2 > 2.5, layer.name  # 3 of a normal, 1.8 of a uniform
