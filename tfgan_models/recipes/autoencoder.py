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
    """Architecture. dcgan: 4, 5, 6 or 7 times 2, 4, 8, … pixels, such as 28, 64 and 160; vaegan: 32, 64, 128 and 160
    pixels; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters or units in each layer."""
    latent_dim: Annotated[int, Above(0)] = 128
    """Size of the code vector."""


@dataclasses.dataclass(kw_only=True)
class AutoEncoderFlags(Flags):
    """Train an autoencoder on pictures."""

    model: Model = dataclasses.field(default_factory=Model)


def build(flags: AutoEncoderFlags, data: ImageSet) -> AutoEncoder:
    """Build and compile the model for the images of the data."""
    from tfgan_models import AutoEncoder, networks
    from tfgan_models.optimizers import FusedAdam

    config = flags.model
    architecture = networks.network_module(config.network)
    size, channels = data.images.shape[2:]
    model = AutoEncoder(
        architecture.encoder(size, channels, config.latent_dim, width=config.width, stochastic=False),
        architecture.decoder(size, channels, config.latent_dim, width=config.width),
        seed=flags.training.seed,
    )
    adam = run.optimizers(model.players, flags.training, FusedAdam)
    model.compile(gradient_clip=flags.training.gradient_clip, **adam)
    return model


RECIPE = Recipe(name="autoencoder", flags=AutoEncoderFlags, build=build)
