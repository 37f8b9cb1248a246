"""Train a Wasserstein GAN (Arjovsky et al. 2017): ``tfgan train wgan --dataset mnist``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.recipes._gan_flags import PRIORS, GANModelFlags, check_model, networks, optimizers, penalties
from tfgan_models.training.flag_rules import Above, AtLeast, Was
from tfgan_models.training.flags import Data, Flags, Training
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    from tfgan_models import WGAN
    from tfgan_models.data.sources import ImageSet


@dataclasses.dataclass(kw_only=True)
class Model(GANModelFlags):
    """The Wasserstein GAN and its techniques."""

    preset: Annotated[Literal["feature_matching_vbn"] | None, Was(values=(("slides", "feature_matching_vbn"),))] = None
    """A set of flags. Other flags override it. feature_matching_vbn: fully connected networks, feature matching,
    virtual batch normalization in the generator, real targets of 0.9."""
    optimizer: Literal["adam", "rmsprop", "sgd"] = "rmsprop"
    """Optimizer of both players. The paper reports that momentum, as in adam, makes the critic unstable."""
    critic_steps: Annotated[int, Above(0)] = 5
    """Critic steps for each generator step. A training step takes --critic_steps times --batch_size images."""
    clip: Annotated[float, Above(0)] = 0.01
    """Clip every weight of the critic to this absolute value."""
    feature_matching: str | None = None
    """Replace the generator's loss by feature matching: name of the critic's layer whose mean it matches, such as
    features."""
    real_target: Annotated[float, Above(0)] = 1.0
    """Factor on the scores of real images in the critic's loss; 1 is the paper's."""
    historical_averaging: Annotated[float, AtLeast(0)] = 0.0
    """Weight of the penalty on each player's distance from the mean of its past weights; 0 disables it."""


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
            network="mlp",
            feature_matching="features",
            generator_normalization="virtual",
            real_target=0.9,
        ),
    )
}


def build(flags: WGANFlags, data: ImageSet) -> WGAN:
    """The compiled model for the data's images."""
    from tfgan_models import WGAN

    config = flags.model
    generator, critic = networks(config, data)
    model = WGAN(
        generator,
        critic,
        critic_steps=config.critic_steps,
        clip=config.clip,
        feature_matching=config.feature_matching,
        real_target=config.real_target,
        penalties=penalties(config.historical_averaging),
        prior_name=PRIORS[config.prior],
        seed=flags.training.seed,
    )
    model.compile(gradient_clip=flags.training.gradient_clip, **optimizers(config, model.players, flags.training))
    return model


def check(flags: WGANFlags) -> None:
    """Raise an ``InputError`` for flags that cannot be combined."""
    check_model(flags.model)


RECIPE = Recipe(
    name="wgan",
    flags=WGANFlags,
    build=build,
    needs_shape_only=True,
    presets=PRESETS,
    check=check,
)
