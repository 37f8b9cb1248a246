"""The shapes and types of all architectures, and that the VAE/GAN's are the paper's."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.tiers import tiered
from tfgan_models import InputError, networks

WIDTH, LATENT, ATTRIBUTES = 1 / 32, 6, 5
SIZES = {
    "vaegan": (32, 64, 128, 160),
    "dcgan": (8, 16, 32, 64, 128),
    "mlp": (8, 20, 64),
    "resnet": (8, 16, 32, 64, 128),
    "densenet": (8, 16, 32, 64, 128),
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
    make = networks.family(name)
    images = np.random.default_rng(0).uniform(-1, 1, (2, size, size, channels)).astype(np.float32)
    latents = 5 * np.random.default_rng(1).normal(size=(2, LATENT)).astype(np.float32)
    check(make.encoder(size, channels, LATENT, width=WIDTH), images, [(2, LATENT), (2, LATENT)])
    for decode in {make.decoder, make.generator}:
        (drawn,) = check(decode(size, channels, LATENT, width=WIDTH), latents, [images.shape])
        assert np.abs(drawn).max() <= 1
    check(make.discriminator(size, channels, width=WIDTH), images, [(2, 1)])


@pytest.mark.parametrize("name", networks.FAMILIES)
def test_options_and_precision(name, policy):
    size, make = 32, networks.family(name)
    images = np.random.default_rng(0).uniform(-1, 1, (2, size, size, 3)).astype(np.float32)
    latents = 50 * np.random.default_rng(1).normal(size=(2, LATENT)).astype(np.float32)
    check(make.encoder(size, 3, LATENT, width=WIDTH, stochastic=False), images, [(2, LATENT)])
    encoder = make.encoder(size, 3, LATENT, width=WIDTH)
    check(encoder, images, [(2, LATENT), (2, LATENT)])
    assert [output.name.split("/")[0] for output in encoder.layers[-2:]] == ["mean", "log_variance"]
    (drawn,) = check(make.decoder(size, 3, LATENT, width=WIDTH), latents, [images.shape])
    assert np.abs(drawn).max() <= 1
    discriminator = make.discriminator(size, 3, ATTRIBUTES, width=WIDTH)
    check(discriminator, images, [(2, 1), (2, ATTRIBUTES)])
    for network in (encoder, discriminator):
        assert {variable.dtype for variable in network.variables} == {"float32"}
    inner = [layer for layer in discriminator.layers if layer.weights and layer.name not in ("logit", "attributes")]
    assert {layer.compute_dtype for layer in inner} == {policy.removeprefix("mixed_")}


@pytest.mark.parametrize(("name", "size", "channels"), CASES)
def test_a_discriminator_has_features_on_the_way_to_its_logit(name, size, channels):
    network = networks.family(name).discriminator(size, channels, width=WIDTH)
    features = network.get_layer("features")
    rest = keras.Model(features.output, network.outputs)  # raises where the logit does not come from them alone
    weighty = [layer.name for layer in rest.layers if isinstance(layer, keras.layers.Conv2D)]
    assert weighty == []  # the last convolution
    assert "attributes" not in [layer.name for layer in network.layers]


@pytest.mark.parametrize(
    ("name", "size"),
    [("vaegan", 16), ("vaegan", 48), ("vaegan", 0)]
    + [(name, size) for name in ("dcgan", "resnet", "densenet") for size in (4, 48, -8)],
)
def test_sizes_that_do_not_fit_are_refused_and_quoted(name, size):
    make = networks.family(name)
    for network in (make.encoder, make.decoder, make.generator):
        with pytest.raises(InputError, match=rf"\b{abs(size)}\b") as error:
            network(size, 3, LATENT)
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match=rf"\b{abs(size)}\b"):
        make.discriminator(size, 3)


def test_an_unknown_family_is_refused():
    with pytest.raises(InputError, match=r"'transformer'.*vaegan.*dcgan.*mlp"):
        networks.family("transformer")


def stages(network: keras.Model) -> list[tuple]:
    """Of each layer with a kernel its kind, kernel side, stride and output shape."""
    found = []
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose):
            assert layer.padding == "same"
            assert len({*layer.kernel_size, *layer.strides}) <= 2
            found.append((type(layer).__name__, layer.kernel_size[0], layer.strides[0], *layer.output.shape[1:]))
        elif isinstance(layer, keras.layers.Dense):
            found.append(("Dense", layer.units))
    return found


def normalized(network: keras.Model) -> list[str]:
    """What stands before each batch normalization; each is followed by a ReLU."""
    layers = network.layers
    found = []
    for before, layer, after in zip(layers, layers[1:], layers[2:], strict=False):
        if type(layer).__name__ == "BatchNormalization":
            assert isinstance(after, keras.layers.ReLU)
            found.append(type(before).__name__)
    return found


@pytest.fixture(scope="module")
def paper():
    """Larsen et al. 2015, Table 1, for 64×64 colour images and a latent of 128."""
    make = networks.family("vaegan")
    return make.encoder(64, 3, 128), make.decoder(64, 3, 128), make.discriminator(64, 3)


def test_the_paper_s_layers(paper):
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


def test_the_paper_s_normalization_and_activations(paper):
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


def test_initial_weights_are_the_paper_s(paper):
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
    make = networks.family("vaegan")
    assert [stage[-1] for stage in stages(make.encoder(64, 3, 128, width=0.25))] == [16, 32, 64, 512, 128, 128]
    assert [stage[-1] for stage in stages(make.discriminator(64, 3, width=0.3))] == [16, 48, 80, 80, 160, 1]
    assert [stage[-1] for stage in stages(make.discriminator(64, 3, width=1e-6))] == [16] * 5 + [1]


@pytest.fixture(scope="module")
def radford():
    """Radford et al. 2015, for 32×32 colour images and a latent of 100, at half their width."""
    make = networks.family("dcgan")
    return make.generator(32, 3, 100, width=0.5), make.discriminator(32, 3, width=0.5)


def test_dcgan_s_layers(radford):
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


def test_dcgan_s_initial_weights_are_normal_with_0_02(radford):
    for network in radford:
        for layer in network.layers:
            if hasattr(layer, "kernel"):
                kernel = layer.kernel.numpy().astype(np.float64)
                assert abs(kernel.mean()) < 5 * 0.02 / np.sqrt(kernel.size), layer.name
                assert kernel.std() == pytest.approx(0.02, abs=5 * 0.02 / np.sqrt(2 * kernel.size)), layer.name
                assert (kernel**4).mean() / kernel.var() ** 2 > 2.5, layer.name  # 3 of a normal, 1.8 of a uniform


@pytest.mark.parametrize("name", networks.FAMILIES)
def test_every_layer_of_an_encoder_draws_initial_weights_of_its_own(name):
    """An initializer that two layers share gives both the same values; the options' tests have the other networks."""
    network = networks.family(name).encoder(32, 3, LATENT, width=WIDTH)
    kernels = [v.numpy().ravel() for v in network.trainable_variables if v.path.endswith("kernel")]
    starts = {tuple(np.round(kernel[:8] / kernel.std(), 4)) for kernel in kernels}
    assert len(starts) == len(kernels) > 3


def test_an_encoder_of_dense_layers_is_normalized_where_it_is_asked(policy):
    """Each hidden layer then has mean 0 and variance 1 over the batch, and the code knows no bias below it."""
    images = np.random.default_rng(0).uniform(-1, 1, (64, 8, 8, 1)).astype(np.float32)
    encoder = networks.family("mlp").encoder(8, 1, LATENT, (16, 12), stochastic=False, normalization="batch")
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
        networks.family("mlp").encoder(8, 1, LATENT, normalization="virtual")
