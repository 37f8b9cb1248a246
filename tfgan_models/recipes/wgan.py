"""Train a Wasserstein GAN (Arjovsky et al. 2017): ``tfgan train wgan --dataset mnist``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.recipes._gan_flags import Opponents, networks, optimizer, penalties
from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above, AtLeast, Was
from tfgan_models.training.flags import Data, Flags, Training
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    from tfgan_models import WGAN
    from tfgan_models.data.sources import ImageSet


@dataclasses.dataclass(kw_only=True)
class Model(Opponents):
    """The Wasserstein GAN, and what may be done to it."""

    preset: Annotated[Literal["feature_matching_vbn"] | None, Was(values=(("slides", "feature_matching_vbn"),))] = None
    """Flags to begin with, which others may change. feature_matching_vbn: feature matching, virtual batch normalization
    in the generator, real targets of 0.9."""
    optimizer: Literal["adam", "rmsprop", "sgd"] = "rmsprop"
    """Of both; with adam's momentum the paper saw the critic become unstable."""
    critic_steps: Annotated[int, Above(0)] = 5
    """The critic's steps before each of the generator's; a step takes so many times --batch_size images."""
    clip: Annotated[float, Above(0)] = 0.01
    """Bound on every weight of the critic."""
    feature_matching: str | None = None
    """The critic's layer whose mean the generator is to match, such as features, in place of its loss."""
    real_target: Annotated[float, Above(0)] = 1.0
    """Factor on the scores of real images in the critic's loss."""
    historical_averaging: Annotated[float, AtLeast(0)] = 0.0
    """Weight of each player's distance from the mean of its past weights."""


@dataclasses.dataclass(kw_only=True)
class WGANFlags(Flags):
    """Train a Wasserstein GAN with a clipped critic on pictures."""

    training: Training = dataclasses.field(default_factory=lambda: Training(learning_rate=5e-5))
    model: Model = dataclasses.field(default_factory=Model)


PRESETS = {
    "feature_matching_vbn": WGANFlags(
        data=Data(image_size=32),
        training=Training(learning_rate=5e-5, epochs=20),
        model=Model(
            preset="feature_matching_vbn",
            feature_matching="features",
            generator_normalization="virtual",
            real_target=0.9,
        ),
    )
}


def build(flags: WGANFlags, data: ImageSet) -> WGAN:
    """The compiled model for the data's images."""
    from tfgan_models import WGAN

    asked = flags.model
    generator, critic = networks(asked, data)
    model = WGAN(
        generator,
        critic,
        critic_steps=asked.critic_steps,
        clip=asked.clip,
        feature_matching=asked.feature_matching,
        real_target=asked.real_target,
        penalties=penalties(asked.historical_averaging),
        seed=flags.training.seed,
    )
    optimizers = run.optimizers(model.players, flags.training, optimizer(asked))
    model.compile(gradient_clip=flags.training.gradient_clip, **optimizers)
    return model


RECIPE = Recipe(name="wgan", flags=WGANFlags, build=build, presets=PRESETS)
