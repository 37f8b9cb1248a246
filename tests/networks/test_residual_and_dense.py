"""The residual and the dense networks are what they say, at a price that a processor can pay."""

from __future__ import annotations

import math

import keras
import pytest

from tests.networks.cases import discriminator, of_type, unwrapped
from tests.tiers import tiered
from tfgan_models import networks
from tfgan_models.networks import dcgan, densenet, resnet


def multiplications(network: keras.Model) -> int:
    """Multiply-adds of all kernels for one example."""
    total = 0
    for layer in unwrapped(network):
        if isinstance(layer, keras.layers.Conv2DTranspose):
            total += math.prod(layer.kernel.shape) * math.prod(layer.input.shape[1:3])
        elif isinstance(layer, keras.layers.Conv2D):
            total += math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:3])
        elif isinstance(layer, keras.layers.Dense):
            total += math.prod(layer.kernel.shape)
    return total


def test_multiplications_of_dcgan_by_hand():
    """That what the next test compares is counted rightly."""
    network = dcgan.discriminator(16, 3, width=1 / 16)
    assert multiplications(network) == 8 * 8 * 4 * 4 * 3 * 4 + 4 * 4 * 4 * 4 * 4 * 8 + 4 * 4 * 8
    network = dcgan.generator(16, 3, 5, width=1 / 16)
    assert multiplications(network) == 5 * 4 * 4 * 8 + 4 * 4 * 4 * 4 * 8 * 4 + 8 * 8 * 4 * 4 * 4 * 3


@pytest.mark.parametrize("family", ["resnet", "densenet"])
@pytest.mark.parametrize("size", tiered([32, 64], [32]))
def test_they_cost_less_than_three_times_dcgan(family, size):
    make = networks.network_module(family)
    for kind, arguments in (("encoder", (100,)), ("generator", (100,)), ("discriminator", ())):
        price, usual = (
            multiplications(getattr(family, kind)(size, 3, *arguments, width=0.5)) for family in (make, dcgan)
        )
        assert price < 3 * usual, (kind, price / usual)
    pooled, usual = (
        multiplications(family.discriminator(size, 3, width=0.5, downsampling="average")) for family in (make, dcgan)
    )
    assert pooled < 3 * usual


def shapes(layers: list[keras.layers.Layer]) -> list[tuple[int, ...]]:
    return [layer.output.shape[1:] for layer in layers]


def test_residual_blocks_halve_and_double():
    network = resnet.discriminator(32, 3, width=0.5)
    blocks = of_type(network, "Add")
    assert [layer.name for layer in blocks] == ["block_1", "block_2", "features"]
    assert shapes(blocks) == [(16, 16, 32), (8, 8, 64), (4, 4, 128)]
    blocks = of_type(resnet.generator(32, 3, 100, width=0.5), "Add")
    assert shapes(blocks) == [(8, 8, 64), (16, 16, 32), (32, 32, 16)]
    for result in (network, resnet.encoder(32, 3, 5), resnet.generator(32, 3, 5)):
        for block in of_type(result, "Add"):
            residual, around = (tensor._keras_history.operation for tensor in block.input)
            assert residual.kernel.shape[0] == 3
            assert around.output.shape == block.output.shape
            # A 1×1 convolution, or repeated pixels, whose sizes are stated by a reshape.
            assert type(around).__name__ in ("Conv2D", "Reshape")


def test_each_residual_block_is_normalized_before_its_convolutions():
    """But for the one that sees the images; and once more before the logit."""
    kinds = [type(layer).__name__ for layer in resnet.discriminator(32, 3, width=0.5).layers]
    assert kinds.count("BatchNormalization") == 5
    assert kinds.count("ReLU") == 6
    assert kinds.index("BatchNormalization") > kinds.index("Add")


@pytest.mark.parametrize("downsampling", ["strides", "average"])
def test_dense_layers_see_all_maps_of_their_block(downsampling):
    network = discriminator("densenet", width=0.5, downsampling=downsampling)
    growth, remaining = 16, 2 * 16
    joined = of_type(network, "Concatenate")
    assert joined[-1].name == "features"
    for block, side in enumerate((16, 8, 4)):
        widths = [remaining + i * growth for i in (1, 2, 3)]
        assert shapes(joined[3 * block : 3 * block + 3]) == [(side, side, width) for width in widths]
        remaining = widths[-1] // 2
    for layer in joined:
        old, new = layer.input
        assert new.shape[-1] == growth
        assert old.shape[-1] == layer.output.shape[-1] - growth


def test_dense_transitions_cost_the_same_pooled():
    """A 2×2 convolution of stride 2 takes what a 1×1 one takes before its pooling: the first 3×3 alone takes more."""
    strided, pooled = (
        multiplications(densenet.discriminator(32, 3, width=0.5, downsampling=kind)) for kind in ("strides", "average")
    )
    assert pooled - strided == (32 * 32 - 16 * 16) * 3 * 3 * 3 * 32
