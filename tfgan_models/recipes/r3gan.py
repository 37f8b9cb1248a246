"""Train R3GAN, the modern baseline (Huang et al. 2025): ``tfgan train r3gan --dataset digits``."""

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
    from tfgan_models import R3GAN
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.networks.growing import Growth


@dataclasses.dataclass(kw_only=True)
class Model(ConditioningFlags, GrowingFlags):
    """The relativistic GAN with two gradient penalties."""

    network: Literal["dcgan", "resnet", "densenet", "vaegan", "mlp"] = "dcgan"
    """Architecture. dcgan, resnet, densenet: 4, 5, 6 or 7 times 2, 4, 8, … pixels, such as 28, 64 and 160; vaegan: 32,
    64, 128 and 160 pixels; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters or units in each layer."""
    latent_dim: Annotated[int, Above(0)] = 100
    """Size of the latent vector."""
    gamma: Annotated[float, AtLeast(0)] = 1.0
    """γ of the gradient penalties on real images and on fakes; each has the weight γ/2."""


@dataclasses.dataclass(kw_only=True)
class R3GANFlags(Flags):
    """Train a GAN with the relativistic pairing loss and two gradient penalties on pictures."""

    training: Training = dataclasses.field(default_factory=lambda: Training(epochs=12, learning_rate=2e-4, ema=0.995))
    model: Model = dataclasses.field(default_factory=Model)


def build(flags: R3GANFlags, data: ImageSet, growth: Growth | None = None) -> R3GAN:
    """The compiled model for the data's images, with the paper's optimizers."""
    from tfgan_models import R3GAN
    from tfgan_models.networks import growing
    from tfgan_models.optimizers import FusedAdam

    config = flags.model
    make = growing.architecture(config.network, growth)
    size, channels = data.images.shape[2:]
    condition = condition_of(config, data)
    latent_dim = config.latent_dim + (condition.size if condition else 0)
    model = R3GAN(
        make.generator(size, channels, latent_dim, width=config.width),
        discriminator(make, data, condition, width=config.width, normalization="none"),
        gamma=config.gamma,
        condition=condition,
        seed=flags.training.seed,
    )
    adam = functools.partial(FusedAdam, beta_1=0.0, beta_2=0.99)
    optimizers = run.optimizers(model.players, flags.training, adam)
    model.compile(gradient_clip=flags.training.gradient_clip, **optimizers)
    return model


RECIPE = Recipe(
    name="r3gan",
    flags=R3GANFlags,
    build=build,
    build_stage=build,
    prepare_data=prepare_data,
    callbacks=make_callbacks,
)
