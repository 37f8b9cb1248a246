"""Train an autoencoder, the baseline without a prior: ``tfgan train autoencoder --dataset faces``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above
from tfgan_models.training.flags import Flags, Width
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    from tfgan_models import AutoEncoder
    from tfgan_models.data.sources import ImageSet


@dataclasses.dataclass(kw_only=True)
class Model:
    """The autoencoder."""

    network: Literal["dcgan", "vaegan", "mlp"] = "dcgan"
    """dcgan: image sizes of powers of two; vaegan: 32, 64, 128 and 160 pixels; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters or units."""
    latent_dim: Annotated[int, Above(0)] = 128
    """Size of the code."""


@dataclasses.dataclass(kw_only=True)
class AutoEncoderFlags(Flags):
    """Train an autoencoder on pictures."""

    model: Model = dataclasses.field(default_factory=Model)


def build(flags: AutoEncoderFlags, data: ImageSet) -> AutoEncoder:
    """The compiled model for the data's images."""
    from tfgan_models import AutoEncoder, networks
    from tfgan_models.optimizers import FusedAdam

    asked = flags.model
    make = networks.network_module(asked.network)
    size, channels = data.images.shape[2:]
    model = AutoEncoder(
        make.encoder(size, channels, asked.latent_dim, width=asked.width, stochastic=False),
        make.decoder(size, channels, asked.latent_dim, width=asked.width),
        seed=flags.training.seed,
    )
    adam = run.optimizers(model.players, flags.training, FusedAdam)
    model.compile(gradient_clip=flags.training.gradient_clip, **adam)
    return model


RECIPE = Recipe(name="autoencoder", flags=AutoEncoderFlags, build=build)
