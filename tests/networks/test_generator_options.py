"""Effect of each normalization on a generator, in every family."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks.cases import CHANNELS, SIZE, generator, latents, of_type
from tests.tiers import tiered
from tfgan_models import InputError, networks
from tfgan_models.layers.virtual_batch_normalization import set_reference

LAYERS = {"batch": "BatchNormalization", "virtual": "VirtualBatchNormalization"}
CASES = [(family, name) for family in networks.FAMILIES for name in ("batch", "virtual", "none")]
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
    with pytest.raises(InputError, match=r"'spectral'.*batch, virtual, none") as error:
        generator(family, normalization="spectral")
    assert "\n" not in str(error.value)
