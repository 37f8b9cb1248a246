"""Train a generative adversarial network (Goodfellow et al. 2014): ``tfgan train gan --dataset digits``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.errors import InputError
from tfgan_models.recipes._gan_flags import Opponents, networks, optimizer, penalties
from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above, AtLeast, Was, refusal
from tfgan_models.training.flags import Data, Flags, Training
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    from tfgan_models import GAN
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.objectives.target_smoothing import TargetOptions


@dataclasses.dataclass(kw_only=True)
class Model(Opponents):
    """The GAN, and what may be done to it; each technique can be switched on alone."""

    preset: Literal["goodfellow", "dcgan"] | None = None
    """Flags to begin with, which others may change. goodfellow: fully connected, maxout, dropout, SGD with momentum;
    dcgan: convolutions, batch normalization, Adam."""
    loss: Literal["non_saturating", "minimax", "least_squares", "hinge"] = "non_saturating"
    """Of both players."""
    normalization: Literal["batch", "spectral", "none"] | None = None
    """Of the discriminator. The default is spectral, or none with maxout or a gradient penalty. batch is DCGAN's; with
    it the discriminator soon tells all samples of faces from images."""
    discriminator_steps: Annotated[int, Above(0)] = 1
    """The discriminator's steps for each of the generator's; a step takes so many times --batch_size images."""
    discriminator_rate: Annotated[float, Above(0)] = 1.0
    """Factor on the discriminator's learning rate."""
    real_target: Annotated[float, Above(0)] = 1.0
    """What the discriminator should answer to real images: 0.9 for one-sided smoothing."""
    label_noise: float = 0.0
    """How far its targets are drawn at random below --real_target, and above 0 for fakes."""
    swap_targets_every: Annotated[int, Was("flip_every")] = 0
    """Of so many steps the last --swap_targets_steps exchange the discriminator's targets; 0 for never."""
    swap_targets_steps: Annotated[int, Was("flip_steps")] = 1
    """See --swap_targets_every."""
    swap_targets_chance: Annotated[float, Was("flip_chance")] = 0.0
    """Chance of each image to have its target exchanged."""
    swap_targets_when_accuracy: Annotated[float | None, Was("flip_when_accuracy")] = None
    """Exchange targets while the discriminator is right more often than this, such as 0.95."""
    concat_real_fake: Annotated[bool, Was("joined_batch")] = False
    """Show the discriminator real images and fakes in one batch, with batch statistics in common, or one step of
    spectral normalization's power iteration."""
    feature_matching: str | None = None
    """The discriminator's layer whose mean the generator is to match, such as features, in place of its loss."""
    r1: Annotated[float, AtLeast(0)] = 0.0
    """γ of the gradient penalty on real images; it leaves out the discriminator's batch normalization."""
    historical_averaging: Annotated[float, AtLeast(0)] = 0.0
    """Weight of each player's distance from the mean of its past weights."""
    augmentation: str = ""
    """How real images and fakes are changed before the discriminator sees them: some of color,translation,cutout; for
    folders of few pictures."""


@dataclasses.dataclass(kw_only=True)
class GANFlags(Flags):
    """Train a generative adversarial network on pictures."""

    training: Training = dataclasses.field(default_factory=lambda: Training(epochs=20, learning_rate=2e-4, ema=0.995))
    model: Model = dataclasses.field(default_factory=Model)


PRESETS = {
    # The authors' configuration (mnist.yaml), but for its initial weights and a momentum that grows to 0.7. Averages
    # and a falling rate make up for a training shorter than theirs.
    "goodfellow": GANFlags(
        data=Data(image_size=28),
        training=Training(learning_rate=0.1, learning_rate_decay=0.95, batch_size=100, epochs=40, ema=0.9995),
        model=Model(
            preset="goodfellow",
            network="mlp",
            width=1.0,
            generator_units=(1200, 1200),
            generator_normalization="none",
            discriminator_units=(240, 240),
            maxout=True,
            dropout=0.5,
            pixel_dropout=0.2,
            optimizer="sgd",
            momentum=0.5,
        ),
    ),
    "dcgan": GANFlags(
        data=Data(image_size=32),
        training=Training(learning_rate=2e-4, batch_size=128, epochs=20),
        model=Model(preset="dcgan", network="dcgan", normalization="batch", optimizer="adam", momentum=0.5),
    ),
}

# The flags of the arguments of TargetOptions.
TARGET_FLAGS = {
    "real": "real_target",
    "noise": "label_noise",
    "swap_every": "swap_targets_every",
    "swap_steps": "swap_targets_steps",
    "swap_chance": "swap_targets_chance",
    "swap_when_accuracy": "swap_targets_when_accuracy",
}


def build(flags: GANFlags, data: ImageSet) -> GAN:
    """The compiled model for the data's images."""
    from tfgan_models import GAN, BatchNormalization, DiffAugment
    from tfgan_models.keras_private import flatten_layers
    from tfgan_models.layers import SpectralNormalization

    asked = flags.model
    targets = _targets(asked)
    _check(asked)
    generator, discriminator = networks(asked, data, normalization="none" if asked.r1 or asked.maxout else "spectral")
    stateful = (BatchNormalization, SpectralNormalization)  # the latter's power iteration makes a step in every pass
    if asked.concat_real_fake and not any(isinstance(layer, stateful) for layer in flatten_layers(discriminator)):
        raise refusal(
            "concat_real_fake",
            True,
            "this discriminator has no batch or spectral normalization to be shared, leave it out",
        )
    model = GAN(
        generator,
        discriminator,
        loss=asked.loss,
        discriminator_steps=asked.discriminator_steps,
        targets=targets,
        concat_real_fake=asked.concat_real_fake,
        feature_matching=asked.feature_matching,
        penalties=penalties(asked.historical_averaging, asked.r1),
        augment=DiffAugment(asked.augmentation) if asked.augmentation else None,
        seed=flags.training.seed,
    )
    optimizers = run.optimizers(model.players, flags.training, optimizer(asked), discriminator=asked.discriminator_rate)
    model.compile(gradient_clip=flags.training.gradient_clip, **optimizers)
    return model


def _targets(asked: Model) -> TargetOptions | None:
    """Options of the discriminator's targets; None if they stay 1 and 0.

    Raises:
        InputError: a number is beyond its limits.
    """
    from tfgan_models.objectives.target_smoothing import TargetOptions

    try:
        targets = TargetOptions(**{option: getattr(asked, flag) for option, flag in TARGET_FLAGS.items()})
    except InputError as error:
        flag = TARGET_FLAGS[error.argument or ""]
        advice = str(error).partition(": ")[2].replace("the period", "--swap_targets_every")
        raise refusal(flag, getattr(asked, flag), advice) from None
    return None if targets == TargetOptions() else targets


def _check(asked: Model) -> None:
    """Refuse techniques that do not go together, with an ``InputError``."""
    if asked.real_target > 1 and asked.loss in ("minimax", "non_saturating"):
        raise refusal(
            "real_target", asked.real_target, f"over 1 the cross-entropy of --loss {asked.loss} has no lower bound"
        )
    if asked.r1 and asked.normalization == "batch":
        raise refusal("r1", asked.r1, "--normalization batch would mix the images' gradients, leave one of them out")
    if asked.concat_real_fake and asked.minibatch_discrimination:
        raise refusal(
            "concat_real_fake",
            True,
            "--minibatch_discrimination would compare real images with fakes, leave one of them out",
        )


RECIPE = Recipe(name="gan", flags=GANFlags, build=build, presets=PRESETS)
