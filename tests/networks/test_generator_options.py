"""Effect of each normalization on a generator, in every family."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks.cases import CHANNELS, SIZE, discriminator, generator, latents, of_type
from tests.tiers import tiered
from tfgan_models import InputError, networks
from tfgan_models.layers.virtual_batch_normalization import set_reference

LAYERS = {"batch": "BatchNormalization", "virtual": "VirtualBatchNormalization", "instance": "InstanceNormalization"}
CASES = [(family, name) for family in networks.FAMILIES for name in ("batch", "virtual", "instance", "none")]
CASES.remove(("mlp", "instance"))
CASES = tiered(CASES, [case for case in CASES if case[0] in ("dcgan", "mlp") or case[1] == "virtual"])


@pytest.fixture
def mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(("family", "normalization"), CASES)
def test_shapes_types_and_layers(family, normalization, mixed_precision):
    network = generator(family, normalization=normalization)
    for training in (True, False):
        picture = network(latents(), training=training)
        assert picture.shape == (4, SIZE, SIZE, CHANNELS)
        assert picture.dtype == tf.float32
        assert np.abs(picture).max() <= 1
    actual = {name: len(of_type(network, layer)) for name, layer in LAYERS.items()}
    most = 3 if family in ("mlp", "vaegan", "dcgan", "densenet") else 7  # resnet: two for each block, and one after
    assert actual == {name: most * (name == normalization) for name in LAYERS}
    assert {v.dtype for v in network.variables} == {"float32"}


@pytest.mark.parametrize(("family", "normalization"), CASES)
def test_every_weight_has_a_gradient(family, normalization):
    """None of them is without effect, as a bias below batch normalization is, but for what rounding leaves."""
    network = generator(family, normalization=normalization, **({} if family == "mlp" else {"width": 0.25}))
    weighing = np.random.default_rng(2).normal(size=(16, SIZE, SIZE, CHANNELS)).astype(np.float32)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(network(latents(16), training=True) * weighing)
    gradients = tape.gradient(loss, [v.value for v in network.trainable_variables])
    sizes = {v.path: float(tf.norm(g)) for v, g in zip(network.trainable_variables, gradients, strict=True)}
    assert min(sizes.values()) > 1e-6 * max(sizes.values()), min(sizes, key=sizes.get)


@pytest.mark.parametrize(("family", "normalization"), CASES)
def test_every_layer_draws_initial_weights_of_its_own(family, normalization):
    network = generator(family, normalization=normalization)
    kernels = [v.numpy().ravel() for v in network.trainable_variables if v.path.endswith("kernel")]
    starts = {tuple(np.round(kernel[:8] / kernel.std(), 4)) for kernel in kernels}
    assert len(starts) == len(kernels) > 3


@pytest.mark.parametrize(("family", "normalization"), CASES)
def test_whether_an_image_depends_on_its_batch(family, normalization):
    """In training, with batch normalization alone."""
    network = generator(family, normalization=normalization)
    if normalization == "virtual":
        set_reference(network, latents(32, seed=2))
    values, alternatives = latents(4), latents(4)
    alternatives[1:] = 3 * latents(4, seed=5)[1:] + 1
    one, other = network(values, training=True), network(alternatives, training=True)
    apart = np.abs(one[0] - other[0]).max() / np.abs(one[0]).max()
    assert apart > 0.01 if normalization == "batch" else apart < 1e-5
    assert np.abs(one[1:] - other[1:]).max() > 0.01 * np.abs(one).max()


@pytest.mark.parametrize("family", networks.FAMILIES)
def test_a_virtual_generator_heeds_its_reference(family):
    network = generator(family, normalization="virtual")
    set_reference(network, latents(32, seed=2))
    one = network(latents()).numpy()
    set_reference(network, 3 * latents(32, seed=2) + 1)
    assert np.abs(network(latents()) - one).max() > 0.01 * np.abs(one).max()


@pytest.mark.parametrize("family", networks.FAMILIES)
def test_what_a_generator_does_not_have_is_refused(family):
    with pytest.raises(InputError, match=r"'spectral'.*batch, virtual, instance, none") as error:
        generator(family, normalization="spectral")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", ["generator", "discriminator"])
def test_fully_connected_networks_have_no_maps_for_instance_normalization(kind):
    make = {"generator": generator, "discriminator": discriminator}[kind]
    with pytest.raises(InputError, match=r"^normalization 'instance': mlp has no maps to normalize") as error:
        make("mlp", normalization="instance")
    assert "\n" not in str(error.value)


UPSAMPLING = {
    (family, upsampling): kind
    for family in ("vaegan", "dcgan", "resnet", "densenet")
    for upsampling, kind in (
        ("transposed", "Conv2DTranspose"),
        ("nearest", "UpSampling2D"),
        ("pixel_shuffle", "PixelShuffle"),
    )
}


@pytest.mark.parametrize(("family", "upsampling"), UPSAMPLING)
def test_upsampling(family, upsampling, mixed_precision):
    network = generator(family, upsampling=upsampling)
    picture = network(latents(), training=True)
    assert (picture.shape, picture.dtype) == ((4, SIZE, SIZE, CHANNELS), tf.float32)
    residual = family == "resnet"
    # The skip connections of the residual network always repeat pixels.
    stages = 2 if family == "vaegan" else 3
    expected = {kind: stages * (kind == UPSAMPLING[family, upsampling]) for kind in UPSAMPLING.values()}
    expected["UpSampling2D"] += 3 * residual
    assert {kind: len(of_type(network, kind)) for kind in expected} == expected
    assert {v.dtype for v in network.variables} == {"float32"}


@pytest.mark.parametrize("family", ["vaegan", "dcgan", "resnet"])
def test_default_upsampling(family):
    default = {"vaegan": "transposed", "dcgan": "transposed", "resnet": "nearest"}[family]
    for one, other in zip(
        generator(family).get_weights(), generator(family, upsampling=default).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def checkerboard(images: np.ndarray) -> float:
    """The deviation within squares of 2×2 pixels, as a share of that of all pixels."""
    half = images.shape[1] // 2
    squares = images.reshape(len(images), half, 2, half, 2, -1)
    return float(squares.std((2, 4)).mean() / images.std())


def test_pixel_shuffle_begins_without_a_checkerboard():
    """Its initial weights repeat pixels. Those of transposed convolutions and of plain ones before it do not."""
    plain = generator("dcgan", upsampling="pixel_shuffle")
    for variable in plain.trainable_variables:
        if variable.shape[-1] % 4 == 0 and len(variable.shape) == 4:
            variable.assign(keras.random.normal(variable.shape, stddev=0.02, seed=len(variable.path)))
    assert checkerboard(generator("dcgan", upsampling="pixel_shuffle")(latents(), training=True).numpy()) < 1e-5
    assert checkerboard(plain(latents(), training=True).numpy()) > 0.3
    assert checkerboard(generator("dcgan")(latents(), training=True).numpy()) > 0.3


@pytest.mark.parametrize("family", tiered(networks.FAMILIES, ["dcgan"]))
@pytest.mark.parametrize("upsampling", [None, "pixel_shuffle"])
def test_a_sigmoid_is_a_hyperbolic_tangent_of_half_the_value(family, upsampling, tmp_path):
    """2σ(x) - 1 = tanh(x / 2), with the same weights; also from a file."""
    if upsampling and family == "mlp":
        pytest.skip("it has no such option")
    options = {"upsampling": upsampling} if upsampling else {}
    tanh, sigmoid = generator(family, **options), generator(family, output_activation="sigmoid", **options)
    images = sigmoid(latents(), training=True).numpy()
    # tanh(x) from tanh(x / 2), because the other way is inaccurate near ±1.
    np.testing.assert_allclose(tanh(latents(), training=True), 2 * images / (1 + images**2), atol=2e-6)
    assert np.abs(images).max() <= 1
    assert sigmoid.get_layer("output").output.dtype == "float32"
    sigmoid.save(tmp_path / "generator.keras")
    again = keras.saving.load_model(tmp_path / "generator.keras")
    np.testing.assert_array_equal(again(latents()), sigmoid(latents()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"upsampling": "bicubic"}, "^upsampling 'bicubic': give one of transposed, nearest, pixel_shuffle"),
        ({"output_activation": "relu"}, "^output_activation 'relu': give one of tanh, sigmoid"),
    ],
)
@pytest.mark.parametrize("family", ["vaegan", "dcgan", "resnet"])
def test_unknown_options_are_refused(family, options, message):
    with pytest.raises(InputError, match=message):
        generator(family, **options)
