"""Train a Wasserstein GAN with gradient penalty (Gulrajani et al. 2017): ``tfgan train wgan_gp``."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above, AtLeast
from tfgan_models.training.flags import Flags, Training, Width
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    from tfgan_models import WGANGP
    from tfgan_models.data.sources import ImageSet


@dataclasses.dataclass(kw_only=True)
class Model:
    """The Wasserstein GAN with gradient penalty."""

    preset: Literal["gulrajani"] | None = None
    """Flags to begin with, which others may change. gulrajani: the paper's, which takes days on a processor."""

    network: Literal["dcgan", "resnet", "densenet", "vaegan", "mlp"] = "dcgan"
    """dcgan, resnet, densenet: image sizes of powers of two; vaegan: 32, 64, 128 and 160 pixels; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters or units."""
    latent_dim: Annotated[int, Above(0)] = 100
    """Size of the latent."""
    critic_steps: Annotated[int, Above(0)] = 2
    """The critic's steps before each of the generator's; a step takes so many times --batch_size images."""
    penalty_weight: Annotated[float, AtLeast(0)] = 10.0
    """Weight of the gradient penalty."""


@dataclasses.dataclass(kw_only=True)
class WGANGPFlags(Flags):
    """Train a Wasserstein GAN with gradient penalty on pictures."""

    training: Training = dataclasses.field(default_factory=lambda: Training(epochs=12, learning_rate=5e-4, ema=0.995))
    model: Model = dataclasses.field(default_factory=Model)


PRESETS = {
    # Section 6 and Algorithm 1: 200,000 steps of the generator; the rate falls in a straight line there.
    "gulrajani": WGANGPFlags(
        training=Training(epochs=200, steps_per_epoch=1000, batch_size=64, learning_rate=1e-4),
        model=Model(
            preset="gulrajani", network="resnet", width=1.0, latent_dim=128, critic_steps=5, penalty_weight=10.0
        ),
    ),
}


def build(flags: WGANGPFlags, data: ImageSet) -> WGANGP:
    """The compiled model for the data's images, with the paper's optimizers."""
    from tfgan_models import WGANGP, networks
    from tfgan_models.optimizers import FusedAdam

    asked = flags.model
    make = networks.network_module(asked.network)
    size, channels = data.images.shape[2:]
    model = WGANGP(
        make.generator(size, channels, asked.latent_dim, width=asked.width),
        make.discriminator(size, channels, width=asked.width, normalization="none"),
        critic_steps=asked.critic_steps,
        penalty_weight=asked.penalty_weight,
        seed=flags.training.seed,
    )
    adam = functools.partial(FusedAdam, beta_1=0.0, beta_2=0.9)
    optimizers = run.optimizers(model.players, flags.training, adam)
    model.compile(gradient_clip=flags.training.gradient_clip, **optimizers)
    return model


RECIPE = Recipe(name="wgan_gp", flags=WGANGPFlags, build=build, presets=PRESETS)
