"""Train an energy-based GAN (Zhao et al. 2016): ``tfgan train ebgan --dataset digits``."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above, AtLeast
from tfgan_models.training.flags import Flags, Training, Width
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    from tfgan_models import EBGAN
    from tfgan_models.data.sources import ImageSet


@dataclasses.dataclass(kw_only=True)
class Model:
    """The energy-based GAN."""

    network: Literal["dcgan", "vaegan", "mlp"] = "dcgan"
    """Architecture. dcgan: 4, 5, 6 or 7 times 2, 4, 8, … pixels, such as 28, 64 and 160; vaegan: 32, 64, 128 and 160
    pixels; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters or units in each layer."""
    latent_dim: Annotated[int, Above(0)] = 100
    """Size of the latent vector."""
    code_dim: Annotated[int, Above(0)] = 64
    """Size of the code in the discriminator, which is an autoencoder."""
    margin: Annotated[float, AtLeast(0)] = 0.2
    """Energy (mean squared pixel error) of fakes above which the discriminator's loss ignores them."""
    pull_away: Annotated[float, AtLeast(0)] = 0.1
    """Weight of the pull-away term, which makes the codes of fakes differ; 0 disables it."""


@dataclasses.dataclass(kw_only=True)
class EBGANFlags(Flags):
    """Train a GAN whose discriminator is an autoencoder on pictures."""

    training: Training = dataclasses.field(default_factory=lambda: Training(epochs=10, learning_rate=2e-4, ema=0.995))
    model: Model = dataclasses.field(default_factory=Model)


def build(flags: EBGANFlags, data: ImageSet) -> EBGAN:
    """The compiled model for the data's images, with the paper's optimizers."""
    from tfgan_models import EBGAN, networks
    from tfgan_models.optimizers import FusedAdam

    config = flags.model
    make = networks.network_module(config.network)
    size, channels = data.images.shape[2:]
    model = EBGAN(
        make.generator(size, channels, config.latent_dim, width=config.width),
        make.encoder(size, channels, config.code_dim, width=config.width, stochastic=False),
        make.decoder(size, channels, config.code_dim, width=config.width),
        margin=config.margin,
        pull_away=config.pull_away,
        seed=flags.training.seed,
    )
    adam = functools.partial(FusedAdam, beta_1=0.5)
    optimizers = run.optimizers(model.players, flags.training, adam)
    model.compile(gradient_clip=flags.training.gradient_clip, **optimizers)
    return model


RECIPE = Recipe(name="ebgan", flags=EBGANFlags, build=build)
