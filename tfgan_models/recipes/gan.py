"""Train a generative adversarial network (Goodfellow et al. 2014): ``tfgan train gan --dataset digits``."""

from __future__ import annotations

import dataclasses
import functools
import sys
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.errors import InputError
from tfgan_models.recipes._condition_flags import ConditioningFlags, condition_of, make_callbacks, prepare_data
from tfgan_models.recipes._gan_flags import PRIORS, GANModelFlags, check_model, networks, optimizers, penalties
from tfgan_models.recipes._gan_step_flags import GANStepFlags, step_options
from tfgan_models.recipes._growing_flags import GrowingFlags
from tfgan_models.training.flag_rules import Above, AtLeast, Needs, Was, refusal
from tfgan_models.training.flags import Data, Flags, Training
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    from tfgan_models import GAN, DiffAugment
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.networks.growing import Growth
    from tfgan_models.objectives.target_smoothing import TargetOptions


@dataclasses.dataclass(kw_only=True)
class Model(GANModelFlags, ConditioningFlags, GANStepFlags, GrowingFlags):
    """The GAN and its techniques, each of which can be used alone."""

    preset: Literal["goodfellow", "dcgan"] | None = None
    """A set of flags. Other flags override it. goodfellow: fully connected, maxout, dropout, SGD with momentum;
    dcgan: convolutions, batch normalization, Adam."""
    loss: Literal["non_saturating", "minimax", "least_squares", "hinge"] = "non_saturating"
    """Losses of both players."""
    normalization: Literal["batch", "spectral", "instance", "none"] | None = None
    """Normalization in the discriminator; by default spectral, or none with --maxout or --r1. batch is DCGAN's; with
    it, the discriminator soon wins on the data set faces."""
    discriminator_steps: Annotated[int, Above(0)] = 1
    """Discriminator steps for each generator step. A training step takes --discriminator_steps times --batch_size
    images."""
    discriminator_rate: Annotated[float, Above(0)] = 1.0
    """Factor on the discriminator's learning rate."""
    real_target: Annotated[float, Above(0)] = 1.0
    """Target of the discriminator for real images; 0.9 for one-sided label smoothing."""
    fake_target: Annotated[float, AtLeast(0)] = 0.0
    """Target of the discriminator for fakes, such as 0.1. Salimans et al. advise against it: where there are fakes and
    no data, the discriminator then holds them for less fake than they are, and they have less reason to move."""
    label_noise: float = 0.0
    """Width of the ranges of random targets: --real_target minus up to this value for real images, --fake_target plus
    up to this value for fakes."""
    swap_targets_every: Annotated[int, Was("flip_every")] = 0
    """Period, in steps, after which the discriminator's targets are swapped. In the last --swap_targets_steps of each
    period, real images have the target of fakes, and fakes that of real images. 0 disables it."""
    swap_targets_steps: Annotated[int, Was("flip_steps")] = 1
    """Number of steps with swapped targets in each period of --swap_targets_every."""
    swap_targets_chance: Annotated[float, Was("flip_chance")] = 0.0
    """Probability of a swapped target for each image."""
    swap_targets_when_accuracy: Annotated[float | None, Was("flip_when_accuracy")] = None
    """Swap targets while the discriminator's accuracy is above this value, such as 0.95; never by default."""
    concat_real_fake: Annotated[bool, Was("joined_batch")] = False
    """Concatenate real images and fakes to one batch of the discriminator. They then share the batch statistics and the
    power iteration of spectral normalization."""
    feature_matching: str | None = None
    """Replace the generator's loss by feature matching: name of the discriminator's layer whose mean it matches, such
    as features."""
    r1: Annotated[float, AtLeast(0)] = 0.0
    """γ of the gradient penalty on real images; 0 disables it. It cannot be combined with --normalization batch."""
    historical_averaging: Annotated[float, AtLeast(0)] = 0.0
    """Weight of the penalty on each player's distance from the mean of its past weights; 0 disables it."""
    augmentation: str = ""
    """Differentiable augmentation of the discriminator's inputs, for small data sets: one or several of
    color,translation,cutout, separated by commas."""
    input_noise: Annotated[float, AtLeast(0)] = 0.0
    """Standard deviation of the noise on what the discriminator sees, such as 0.1, where pixels are in [-1, 1]; 0
    disables it."""
    input_noise_steps: Annotated[int, AtLeast(0), Needs("input_noise")] = 10_000
    """Number of training steps in which --input_noise falls linearly to 0; 0 for noise that does not decay."""


@dataclasses.dataclass(kw_only=True)
class GANFlags(Flags):
    """Train a generative adversarial network on pictures."""

    training: Training = dataclasses.field(default_factory=lambda: Training(epochs=20, learning_rate=2e-4, ema=0.995))
    model: Model = dataclasses.field(default_factory=Model)


PRESETS = {
    # The authors' configuration (mnist.yaml), except for its initial weights, its momentum, which grows to 0.7, the
    # generator's output, which is a sigmoid there and tanh here, and the factor ½ of the discriminator's loss, which is
    # not in the paper. The averaged weights and the falling learning rate compensate for a shorter training.
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
    "fake": "fake_target",
    "noise": "label_noise",
    "swap_every": "swap_targets_every",
    "swap_steps": "swap_targets_steps",
    "swap_chance": "swap_targets_chance",
    "swap_when_accuracy": "swap_targets_when_accuracy",
}


def build(flags: GANFlags, data: ImageSet, growth: Growth | None = None) -> GAN:
    """The compiled model for the data's images."""
    from tfgan_models import GAN, BatchNormalization, InputNoise
    from tfgan_models.keras_private import flatten_layers
    from tfgan_models.layers import SpectralNormalization

    config = flags.model
    targets = _targets(config)
    check(flags)
    condition = condition_of(config, data)
    generator, discriminator = networks(
        config, data, condition, growth, normalization="none" if config.r1 or config.maxout else "spectral"
    )
    stateful = (BatchNormalization, SpectralNormalization)  # the latter's power iteration makes a step in every pass
    shared = any(isinstance(layer, stateful) for layer in flatten_layers(discriminator))
    if config.concat_real_fake and not shared and growth is None:  # a first stage may have no normalized layer yet
        raise refusal(
            "concat_real_fake",
            True,
            "this discriminator has no batch or spectral normalization to be shared, leave it out",
        )
    model = GAN(
        generator,
        discriminator,
        loss=config.loss,
        discriminator_steps=config.discriminator_steps,
        targets=targets,
        concat_real_fake=config.concat_real_fake,
        feature_matching=config.feature_matching,
        penalties=penalties(config.historical_averaging, config.r1),
        augment=_augmentation(config.augmentation),
        condition=condition,
        input_noise=InputNoise(config.input_noise, config.input_noise_steps) if config.input_noise else None,
        prior_name=PRIORS[config.prior],
        **step_options(config),
        seed=flags.training.seed,
    )
    rates = {"discriminator": config.discriminator_rate}
    model.compile(
        gradient_clip=flags.training.gradient_clip, **optimizers(config, model.players, flags.training, **rates)
    )
    return model


def _augmentation(policy: str) -> DiffAugment | None:
    """The augmentation of a policy; None without one. An unknown name is refused with the name of the flag."""
    from tfgan_models.objectives.augmentation import DiffAugment

    try:
        return DiffAugment(policy) if policy else None
    except InputError as error:
        reason = str(error).partition("unknown ")[2].replace(": ", " is unknown, ")
        raise refusal("augmentation", policy, reason) from None


def _targets(config: Model) -> TargetOptions | None:
    """Options of the discriminator's targets; None if they stay 1 and 0.

    Raises:
        InputError: a number is beyond its limits.
    """
    from tfgan_models.objectives.target_smoothing import TargetOptions

    try:
        targets = TargetOptions(**{option: getattr(config, flag) for option, flag in TARGET_FLAGS.items()})
    except InputError as error:
        flag = TARGET_FLAGS[error.argument or ""]
        advice = str(error).partition(": ")[2].replace("the period", "--swap_targets_every")
        raise refusal(flag, getattr(config, flag), advice) from None
    if targets.fake:
        _warn_of_fake_target(targets.fake)
    return None if targets == TargetOptions() else targets


@functools.cache  # a run builds its model twice, and says it once
def _warn_of_fake_target(target: float) -> None:
    """Print why the fake target should be 0."""
    print(
        f"--fake_target {target}: where there are fakes and no data, the best discriminator is {target} and not 0, so "
        "that these fakes have less reason to move to the data (Salimans et al. 2016, section 3.4). To smooth one side "
        "only, leave it out and give --real_target 0.9",
        file=sys.stderr,
    )


def check(flags: GANFlags) -> None:
    """Raise an ``InputError`` for techniques that cannot be combined."""
    config = flags.model
    check_model(config)
    if config.condition and config.generator_normalization == "virtual":
        raise refusal(
            "generator_normalization", "virtual", "its reference batch has no conditions, remove it or --condition"
        )
    if config.condition and config.prior != "normal":
        raise refusal("prior", config.prior, "styles are normal, remove it or --condition")
    if config.real_target > 1 and config.loss in ("minimax", "non_saturating"):
        raise refusal(
            "real_target", config.real_target, f"over 1 the cross-entropy of --loss {config.loss} has no lower bound"
        )
    if config.r1 and config.normalization == "batch":
        raise refusal("r1", config.r1, "--normalization batch would mix the images' gradients, leave one of them out")
    if config.concat_real_fake and config.minibatch_discrimination:
        raise refusal(
            "concat_real_fake",
            True,
            "--minibatch_discrimination would compare real images with fakes, leave one of them out",
        )


RECIPE = Recipe(
    name="gan",
    flags=GANFlags,
    build=build,
    build_stage=build,
    needs_shape_only=True,
    presets=PRESETS,
    check=check,
    prepare_data=prepare_data,
    callbacks=make_callbacks,
)
