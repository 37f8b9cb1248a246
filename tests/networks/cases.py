"""Every family's discriminator with every option, small enough to build in a moment."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np

from tests.tiers import tiered
from tfgan_models import networks
from tfgan_models.layers import SpectralNormalization
from tfgan_models.networks.growing import GROWING, Growth

SIZE, CHANNELS, LATENT, ATTRIBUTES, WIDTH = 32, 3, 6, 5, 1 / 16
SMALL = {"mlp": {"units": (16, 12, 8), "width": 1.0}}  # three hidden layers, so that there are names and a first one
POOLED = ("dcgan", "resnet", "densenet")

OPTIONS = {
    "batch": {"normalization": "batch"},
    "spectral": {"normalization": "spectral"},
    "instance": {"normalization": "instance"},
    "none": {"normalization": "none"},
    "dropout": {"dropout": 0.3},
    "minibatch": {"minibatch_discrimination": True},
    "together": {"normalization": "spectral", "dropout": 0.3, "minibatch_discrimination": True},
    "average": {"downsampling": "average"},
    "max": {"downsampling": "max"},
    "pooled together": {"normalization": "spectral", "dropout": 0.3, "downsampling": "average"},
    "maxout": {"maxout": True},
    "maxout together": {"maxout": True, "dropout": 0.3, "minibatch_discrimination": True},
    "pixels dropped": {"pixel_dropout": 0.2},
    "growing": {"growth": Growth(SIZE)},
    "deeper": {"growth": Growth(SIZE, blocks=4)},
}


def cases(*names: str) -> list[tuple[str, str]]:
    """Pairs of a family and one of the options that it has, out of the named ones or of all."""
    return [
        (family, name)
        for family in networks.FAMILIES
        for name, option in OPTIONS.items()
        if (not names or name in names)
        and not ("downsampling" in option and family not in POOLED)
        and not (name == "instance" and family == "mlp")
        and not ({"maxout", "pixel_dropout"} & option.keys() and family != "mlp")
        and not ("growth" in option and family not in GROWING)
    ]


def each_option_once() -> list[tuple[str, str]]:
    """Each combination of options with one family, and so each option that is in none of them."""
    several = list({option: (family, option) for family, option in reversed(cases()) if "together" in option}.values())
    covered = {
        name for _, together in several for name in OPTIONS if OPTIONS[name].items() <= OPTIONS[together].items()
    }
    first = {option: family for family, option in reversed(cases()) if option not in covered}
    return several + [(family, option) for option, family in first.items()]


def some_fast(pairs: list[tuple[str, str]]) -> list:
    """Parameters of a test: each option of one family, and each family once with several, in the fast tier."""
    return tiered(pairs, [pair for pair in pairs if pair[0] == "dcgan" or pair[1] in ("together", "maxout together")])


def discriminator(family: str, name: str = "", attributes: int = ATTRIBUTES, **options) -> keras.Model:
    """With equal initial weights at every call. Blocks that begin as the identity have learned something else."""
    keras.utils.set_random_seed(3)
    options = {"width": WIDTH, **SMALL.get(family, {}), **OPTIONS.get(name, {}), **options}
    network = networks.network_module(family).discriminator(SIZE, CHANNELS, attributes, **options)
    for layer in network.layers:
        if layer.name.endswith("_second"):
            layer.kernel.assign(keras.random.normal(layer.kernel.shape, stddev=0.02))
    return network


def generator(family: str, **options) -> keras.Model:
    """With equal initial weights at every call."""
    keras.utils.set_random_seed(4)
    options = {"width": WIDTH, **SMALL.get(family, {}), **options}
    return networks.network_module(family).generator(SIZE, CHANNELS, LATENT, **options)


def images(examples: int = 4, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (examples, SIZE, SIZE, CHANNELS)).astype(np.float32)


def latents(examples: int = 4, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(examples, LATENT)).astype(np.float32)


def of_type(network: keras.Model, *names: str) -> list[keras.layers.Layer]:
    """The layers of some classes, by name."""
    return [layer for layer in network.layers if type(layer).__name__ in names]


def unwrapped(network: keras.Model) -> Iterator[keras.layers.Layer]:
    """The layers in their order, those within ``SpectralNormalization`` in its place."""
    for layer in network.layers:
        yield layer.layer if isinstance(layer, SpectralNormalization) else layer
