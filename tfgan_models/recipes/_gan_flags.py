"""The flags of a generator and its opponent, and the networks they ask for: what all GANs' scripts share."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tfgan_models.errors import InputError
from tfgan_models.training.flag_rules import Above, AtLeast, Below
from tfgan_models.training.flags import MOMENTUM, Width

if TYPE_CHECKING:
    import keras

    from tfgan_models.data.sources import ImageSet

UNITS = AtLeast(1, "give layers of 1 unit or more")
OPTIONS = ("pooling", "dropout", "pixel_dropout", "maxout", "minibatch_discrimination")  # of discriminators


@dataclasses.dataclass(kw_only=True)
class Opponents:
    """The networks and the optimizers of both."""

    network: Literal["dcgan", "resnet", "densenet", "vaegan", "mlp"] = "dcgan"
    """dcgan, resnet, densenet: image sizes of powers of two; vaegan: 32, 64, 128 and 160 pixels; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters or units."""
    latent_dim: Annotated[int, Above(0)] = 100
    """Size of the latent."""
    normalization: Literal["batch", "spectral", "none"] | None = None
    """Of the discriminator; what its family usually has unless told."""
    generator_normalization: Literal["batch", "virtual", "none"] | None = None
    """Of the generator; virtual normalizes each image with a fixed batch. What its family usually has unless told."""
    pooling: bool = False
    """The discriminator halves images by average pooling in place of strided convolutions."""
    dropout: float = 0.0
    """Share of the discriminator's hidden values to drop."""
    pixel_dropout: float = 0.0
    """Share of the pixels that the discriminator does not see; mlp only."""
    maxout: bool = False
    """Maxout units in the discriminator; mlp only."""
    minibatch_discrimination: bool = False
    """Show the discriminator how alike the images of a batch are."""
    generator_units: Annotated[tuple[int, ...], UNITS] = ()
    """Of the generator's hidden layers; mlp only."""
    discriminator_units: Annotated[tuple[int, ...], UNITS] = ()
    """Of the discriminator's hidden layers; mlp only."""
    optimizer: Literal["adam", "rmsprop", "sgd"] = "adam"
    """Of both."""
    momentum: Annotated[float | None, AtLeast(0, MOMENTUM), Below(1, MOMENTUM)] = None
    """Of adam, where it is called β₁, and of sgd; 0.5 unless told. rmsprop has none."""


def networks(asked: Opponents, data: ImageSet, **defaults: Any) -> tuple[keras.Model, keras.Model]:
    """The generator and the discriminator for the data's images.

    Args:
        asked: the flags.
        data: images.
        **defaults: of the discriminator, where the flags leave it open.

    Raises:
        InputError: the networks do not have what a flag asks for, or hidden layers of no units.
    """
    from tfgan_models import networks

    make = networks.network_module(asked.network)
    size, channels = data.images.shape[2:]
    generator = {"normalization": asked.generator_normalization, "units": asked.generator_units}
    discriminator = {
        "normalization": asked.normalization or defaults.get("normalization"),
        "units": asked.discriminator_units,
        **{name: getattr(asked, name) for name in OPTIONS},
    }
    return (
        make.generator(size, channels, asked.latent_dim, width=asked.width, **_taken(make.generator, generator, asked)),
        make.discriminator(size, channels, width=asked.width, **_taken(make.discriminator, discriminator, asked)),
    )


def _taken(make: Callable, options: dict[str, Any], asked: Opponents) -> dict[str, Any]:
    """The options that are not left open, which must all be arguments of the network."""
    given = {name: value for name, value in options.items() if value}
    for name in given.keys() - inspect.signature(make).parameters.keys():
        player = make.__name__.replace("decoder", "generator")
        flag = {"units": f"{player}_units", "normalization": "normalization"}.get(name, name)
        raise InputError(f"--{flag} {given[name]}: the {asked.network} {player} has no such option", flag)
    return given


def optimizer(asked: Opponents) -> Callable[..., keras.Optimizer]:
    """The optimizer, to be called with a learning rate.

    Raises:
        InputError: a momentum that is none, or that the optimizer does not have.
    """
    import keras

    from tfgan_models.optimizers import FusedAdam

    if asked.optimizer == "rmsprop":
        if asked.momentum is not None:
            raise InputError(
                f"--momentum {asked.momentum}: rmsprop has none, give --momentum None or another --optimizer",
                "momentum",
            )
        return keras.optimizers.RMSprop
    momentum = 0.5 if asked.momentum is None else asked.momentum
    return {
        "adam": functools.partial(FusedAdam, beta_1=momentum),
        "sgd": functools.partial(keras.optimizers.SGD, momentum=momentum),
    }[asked.optimizer]
