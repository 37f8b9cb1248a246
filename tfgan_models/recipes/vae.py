"""Train a variational autoencoder (Kingma and Welling 2013): ``tfgan train vae --dataset faces``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above, AtLeast
from tfgan_models.training.flags import Flags, Width
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    from tfgan_models import VAE
    from tfgan_models.data.sources import ImageSet


@dataclasses.dataclass(kw_only=True)
class Model:
    """The VAE."""

    network: Literal["dcgan", "vaegan", "mlp"] = "dcgan"
    """dcgan: image sizes of powers of two; vaegan: 32, 64, 128 and 160 pixels; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters or units."""
    latent_dim: Annotated[int, Above(0)] = 128
    """Size of the latent."""
    beta: Annotated[float, AtLeast(0)] = 0.01
    """Weight of the divergence from the prior. It is also the variance that a pixel is taken to have around its
    reconstruction: 0.01 is a deviation of 0.1 where pixels reach from -1 to 1; 1, the textbook's, uses few latents."""


@dataclasses.dataclass(kw_only=True)
class VAEFlags(Flags):
    """Train a variational autoencoder on pictures."""

    model: Model = dataclasses.field(default_factory=Model)


def build(flags: VAEFlags, data: ImageSet) -> VAE:
    """The compiled model for the data's images."""
    from tfgan_models import VAE, networks
    from tfgan_models.optimizers import FusedAdam

    asked = flags.model
    make = networks.network_module(asked.network)
    size, channels = data.images.shape[2:]
    model = VAE(
        make.encoder(size, channels, asked.latent_dim, width=asked.width),
        make.decoder(size, channels, asked.latent_dim, width=asked.width),
        beta=asked.beta,
        seed=flags.training.seed,
    )
    adam = run.optimizers(model.players, flags.training, FusedAdam)
    model.compile(gradient_clip=flags.training.gradient_clip, **adam)
    return model


RECIPE = Recipe(name="vae", flags=VAEFlags, build=build)
