"""The shapes and types of all architectures, and what they refuse."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.tiers import tiered
from tfgan_models import InputError, networks

WIDTH, LATENT, ATTRIBUTES = 1 / 32, 6, 5
SIZES = {
    "vaegan": (32, 64, 128, 160),
    "dcgan": (8, 16, 28, 32, 64, 128, 160),
    "mlp": (8, 20, 64),
    "resnet": (8, 10, 16, 32, 64, 128, 160),
    "densenet": (8, 16, 24, 32, 64, 128, 160),
}
EVERY = [(name, size, channels) for name, sizes in SIZES.items() for size in sizes for channels in (1, 3)]
# Sizes up to 32 in color, and each family in gray.
CASES = tiered(EVERY, [case for case in EVERY if case[1] <= 32 and (case[2] == 3 or case[1] == SIZES[case[0]][0])])


@pytest.fixture(params=["float32", "mixed_bfloat16"])
def policy(request):
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy("float32")


def check(network: keras.Model, inputs: np.ndarray, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    outputs = network(inputs, training=True)
    outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
    assert [tuple(output.shape) for output in outputs] == shapes
    assert {output.dtype.name for output in outputs} == {"float32"}
    assert [output.shape for output in network.outputs] == [(None, *shape[1:]) for shape in shapes]
    assert all(np.isfinite(output).all() for output in outputs)
    return [np.asarray(output) for output in outputs]


@pytest.mark.parametrize(("name", "size", "channels"), CASES)
def test_shapes_and_types(name, size, channels):
    make = networks.network_module(name)
    images = np.random.default_rng(0).uniform(-1, 1, (2, size, size, channels)).astype(np.float32)
    latents = 5 * np.random.default_rng(1).normal(size=(2, LATENT)).astype(np.float32)
    check(make.encoder(size, channels, LATENT, width=WIDTH), images, [(2, LATENT), (2, LATENT)])
    for decode in {make.decoder, make.generator}:
        (picture,) = check(decode(size, channels, LATENT, width=WIDTH), latents, [images.shape])
        assert np.abs(picture).max() <= 1
    check(make.discriminator(size, channels, width=WIDTH), images, [(2, 1)])


@pytest.mark.parametrize("name", networks.FAMILIES)
def test_options_and_precision(name, policy):
    size, make = 32, networks.network_module(name)
    images = np.random.default_rng(0).uniform(-1, 1, (2, size, size, 3)).astype(np.float32)
    latents = 50 * np.random.default_rng(1).normal(size=(2, LATENT)).astype(np.float32)
    check(make.encoder(size, 3, LATENT, width=WIDTH, stochastic=False), images, [(2, LATENT)])
    encoder = make.encoder(size, 3, LATENT, width=WIDTH)
    check(encoder, images, [(2, LATENT), (2, LATENT)])
    assert [output.name.split("/")[0] for output in encoder.layers[-2:]] == ["mean", "log_variance"]
    (picture,) = check(make.decoder(size, 3, LATENT, width=WIDTH), latents, [images.shape])
    assert np.abs(picture).max() <= 1
    discriminator = make.discriminator(size, 3, ATTRIBUTES, width=WIDTH)
    check(discriminator, images, [(2, 1), (2, ATTRIBUTES)])
    for network in (encoder, discriminator):
        assert {variable.dtype for variable in network.variables} == {"float32"}
    inner = [layer for layer in discriminator.layers if layer.weights and layer.name not in ("logit", "attributes")]
    assert {layer.compute_dtype for layer in inner} == {policy.removeprefix("mixed_")}


@pytest.mark.parametrize(("name", "size", "channels"), CASES)
def test_a_discriminator_has_features_on_the_way_to_its_logit(name, size, channels):
    network = networks.network_module(name).discriminator(size, channels, width=WIDTH)
    features = network.get_layer("features")
    rest = keras.Model(features.output, network.outputs)  # raises where the logit does not come from them alone
    weighty = [layer.name for layer in rest.layers if isinstance(layer, keras.layers.Conv2D)]
    assert weighty == []  # the last convolution
    assert "attributes" not in [layer.name for layer in network.layers]


@pytest.mark.parametrize(
    ("name", "size"),
    [("vaegan", 16), ("vaegan", 48), ("vaegan", 0)]
    + [(name, size) for name in ("dcgan", "resnet", "densenet") for size in (4, 9, 50, -8)],
)
def test_invalid_image_size_raises_input_error_that_quotes_it(name, size):
    make = networks.network_module(name)
    for network in (make.encoder, make.decoder, make.generator):
        with pytest.raises(InputError, match=rf"\b{abs(size)}\b") as error:
            network(size, 3, LATENT)
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match=rf"\b{abs(size)}\b"):
        make.discriminator(size, 3)


@pytest.mark.parametrize(
    ("size", "advice"), [(-8, "8"), (7, "8"), (9, "8 or 10"), (15, "14 or 16"), (30, "28 or 32"), (100, "96 or 112")]
)
def test_the_refusal_of_a_size_names_the_next_ones_that_fit(size, advice):
    with pytest.raises(InputError, match=f"^image_size {size}: .* times 2, 4, 8, …, give {advice}$"):
        networks.network_module("dcgan").check_image_size(size)


@pytest.mark.parametrize("name", ["dcgan", "resnet", "densenet"])
@pytest.mark.parametrize(("size", "seed"), [(8, 4), (10, 5), (12, 6), (28, 7)])
def test_the_features_are_the_innermost_map(name, size, seed):
    discriminator = networks.network_module(name).discriminator(size, 1, width=WIDTH)
    assert discriminator.get_layer("features").output.shape[1:3] == (seed, seed)


@pytest.mark.parametrize(("size", "seed"), [(8, 4), (10, 5), (28, 7), (64, 4), (80, 5), (96, 6), (160, 5), (224, 7)])
def test_images_are_halved_down_to_a_map_of_4_to_7_pixels(size, seed):
    make = networks.network_module("dcgan")
    make.check_image_size(size)
    discriminator = make.discriminator(size, 1, width=WIDTH)
    assert discriminator.get_layer("features").output.shape[1:3] == (seed, seed)
    [reshape] = [
        layer for layer in make.generator(size, 1, LATENT, width=WIDTH).layers if "Reshape" in str(type(layer))
    ]
    assert reshape.output.shape[1:3] == (seed, seed)
    strided = [layer for layer in discriminator.layers if isinstance(layer, keras.layers.Conv2D)]
    assert {layer.strides for layer in strided} == {(2, 2)} and seed << len(strided) == size


def test_unknown_family_raises_input_error():
    with pytest.raises(InputError, match=r"'transformer'.*vaegan.*dcgan.*mlp"):
        networks.network_module("transformer")


@pytest.mark.parametrize("name", networks.FAMILIES)
def test_every_layer_of_an_encoder_draws_initial_weights_of_its_own(name):
    """An initializer that two layers share gives both the same values; the options' tests have the other networks."""
    network = networks.network_module(name).encoder(32, 3, LATENT, width=WIDTH)
    kernels = [v.numpy().ravel() for v in network.trainable_variables if v.path.endswith("kernel")]
    starts = {tuple(np.round(kernel[:8] / kernel.std(), 4)) for kernel in kernels}
    assert len(starts) == len(kernels) > 3


def test_batch_normalization_of_the_mlp_encoder(policy):
    """Each hidden layer then has mean 0 and variance 1 over the batch, and the code knows no bias below it."""
    images = np.random.default_rng(0).uniform(-1, 1, (64, 8, 8, 1)).astype(np.float32)
    encoder = networks.network_module("mlp").encoder(8, 1, LATENT, (16, 12), stochastic=False, normalization="batch")
    normalizations = [layer for layer in encoder.layers if "BatchNormalization" in type(layer).__name__]
    outputs = keras.Model(encoder.input, [layer.output for layer in normalizations])(images, training=True)
    for values, size in zip(outputs, (16, 12), strict=True):
        values = np.asarray(values, np.float32)
        assert values.shape == (64, size)
        np.testing.assert_allclose(values.mean(0), 0, atol=2e-2)
        np.testing.assert_allclose(values.std(0), 1, atol=3e-2)
    check(encoder, images, [(64, LATENT)])
    assert [v.path.split("/")[-1] for v in encoder.trainable_variables] == 2 * ["kernel", "gamma", "beta"] + [
        "kernel",
        "bias",
    ]
    with pytest.raises(InputError, match="'virtual': an encoder takes batch, none"):
        networks.network_module("mlp").encoder(8, 1, LATENT, normalization="virtual")
