"""Train a Wasserstein GAN with gradient penalty (Gulrajani et al. 2017): ``tfgan train wgan_gp``."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.recipes._condition_flags import ConditioningFlags, condition_of, make_callbacks, prepare_data
from tfgan_models.recipes._gan_flags import discriminator
from tfgan_models.recipes._growing_flags import GrowingFlags
from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above, AtLeast
from tfgan_models.training.flags import Flags, Training, Width
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    from tfgan_models import WGANGP
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.networks.growing import Growth


@dataclasses.dataclass(kw_only=True)
class Model(ConditioningFlags, GrowingFlags):
    """The Wasserstein GAN with gradient penalty."""

    preset: Literal["gulrajani"] | None = None
    """A set of flags. Other flags override it. gulrajani: the paper's loss and optimizer, and the number
    of steps of its authors' code, which takes days on a CPU."""

    network: Literal["dcgan", "resnet", "densenet", "vaegan", "mlp"] = "dcgan"
    """Architecture. dcgan, resnet, densenet: 4, 5, 6 or 7 times 2, 4, 8, … pixels, such as 28, 64 and 160; vaegan: 32,
    64, 128 and 160 pixels; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters or units in each layer."""
    latent_dim: Annotated[int, Above(0)] = 100
    """Size of the latent vector."""
    critic_steps: Annotated[int, Above(0)] = 2
    """Critic steps for each generator step. A training step takes --critic_steps times --batch_size images."""
    penalty_weight: Annotated[float, AtLeast(0)] = 10.0
    """Weight of the gradient penalty."""


@dataclasses.dataclass(kw_only=True)
class WGANGPFlags(Flags):
    """Train a Wasserstein GAN with gradient penalty on pictures."""

    training: Training = dataclasses.field(default_factory=lambda: Training(epochs=12, learning_rate=5e-4, ema=0.995))
    model: Model = dataclasses.field(default_factory=Model)


PRESETS = {
    # λ, critic steps, batch size and Adam of Algorithm 1, and the 200,000 steps of the authors' gan_64x64.py, with
    # networks of this package.
    "gulrajani": WGANGPFlags(
        training=Training(epochs=200, steps_per_epoch=1000, batch_size=64, learning_rate=1e-4),
        model=Model(
            preset="gulrajani", network="resnet", width=1.0, latent_dim=128, critic_steps=5, penalty_weight=10.0
        ),
    ),
}


def build(flags: WGANGPFlags, data: ImageSet, growth: Growth | None = None) -> WGANGP:
    """The compiled model for the data's images, with the paper's optimizers."""
    from tfgan_models import WGANGP
    from tfgan_models.networks import growing
    from tfgan_models.optimizers import FusedAdam

    config = flags.model
    make = growing.architecture(config.network, growth)
    size, channels = data.images.shape[2:]
    condition = condition_of(config, data)
    latent_dim = config.latent_dim + (condition.size if condition else 0)
    model = WGANGP(
        make.generator(size, channels, latent_dim, width=config.width),
        discriminator(make, data, condition, width=config.width, normalization="none"),
        critic_steps=config.critic_steps,
        penalty_weight=config.penalty_weight,
        condition=condition,
        seed=flags.training.seed,
    )
    adam = functools.partial(FusedAdam, beta_1=0.0, beta_2=0.9)
    optimizers = run.optimizers(model.players, flags.training, adam)
    model.compile(gradient_clip=flags.training.gradient_clip, **optimizers)
    return model


RECIPE = Recipe(
    name="wgan_gp",
    flags=WGANGPFlags,
    build=build,
    build_stage=build,
    presets=PRESETS,
    prepare_data=prepare_data,
    callbacks=make_callbacks,
)
