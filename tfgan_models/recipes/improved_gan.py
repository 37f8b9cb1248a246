"""Learn a classifier from few labels with a GAN (Salimans et al. 2016): ``tfgan train improved_gan --num_labels 100``.

Several numbers of labels or seeds make a table: ``--num_labels 20 50 100 --label_seed 1 2 3``.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.training import few_labels, run
from tfgan_models.training.flag_rules import Above, AtLeast, Was
from tfgan_models.training.flags import Data, Flags, Training, Width

if TYPE_CHECKING:
    import keras

    from tfgan_models import ImprovedGAN
    from tfgan_models.data.sources import ImageSet


@dataclasses.dataclass(kw_only=True)
class Model(few_labels.Labels):
    """The classifier that is a discriminator, and its generator."""

    network: Literal["improved_mlp", "improved_convolutional"] = "improved_mlp"
    """improved_mlp: digits; improved_convolutional: 16, 32, 64, … pixels, the paper's for CIFAR-10, rate 3e-4."""
    width: Width = 1.0
    """Factor on the number of units or filters."""
    latent_dim: Annotated[int, Above(0)] = 100
    """Size of the latent."""
    unlabeled_weight: Annotated[float, AtLeast(0), Was("unlabelled_weight")] = 1.0
    """Of the unlabelled loss, beside 1 for the labelled one."""
    initial_images: Annotated[int, AtLeast(20, "give at least 20")] = 500
    """Training images, without their labels, from which the classifier's scales and biases are initialised."""


@dataclasses.dataclass(kw_only=True)
class ImprovedGANFlags(Flags):
    """Learn a classifier from few labels, with a GAN."""

    data: Data = dataclasses.field(default_factory=lambda: Data(dataset="digits", image_size=8))
    training: Training = dataclasses.field(
        default_factory=lambda: Training(learning_rate=3e-3, batch_size=100, epochs=60, ema=0.99)
    )
    model: Model = dataclasses.field(default_factory=Model)


def networks(flags: ImprovedGANFlags, data: ImageSet) -> tuple[keras.Model, keras.Model]:
    """The generator, and the discriminator initialised from data."""
    from tfgan_models import networks
    from tfgan_models.data import pipeline
    from tfgan_models.layers.weight_normalization import initialise

    asked, make = flags.model, networks.network_module(flags.model.network)
    size, channels = data.images.shape[2:]
    generator = make.generator(size, channels, asked.latent_dim, width=asked.width)
    discriminator = make.discriminator(size, channels, len(data.label_names), width=asked.width)
    shown = next(iter(pipeline.ordered(data, asked.initial_images, limit=asked.initial_images)))["image"]
    initialise(discriminator, shown, training=True)
    return generator, discriminator


def optimizer() -> Callable[..., keras.Optimizer]:
    """Adam as the authors have it, to be called with a learning rate."""
    from tfgan_models.optimizers import FlooredAdam

    return functools.partial(FlooredAdam, beta_1=0.5)


def build(flags: ImprovedGANFlags, data: ImageSet) -> ImprovedGAN:
    """The compiled model for the data's images."""
    from tfgan_models import ImprovedGAN

    generator, discriminator = networks(flags, data)
    model = ImprovedGAN(
        generator, discriminator, unlabelled_weight=flags.model.unlabeled_weight, seed=flags.training.seed
    )
    optimizers = run.optimizers(model.players, flags.training, optimizer())
    model.compile(gradient_clip=flags.training.gradient_clip, **optimizers)
    return model


def classifier(flags: ImprovedGANFlags, data: ImageSet) -> tuple[keras.Model, Callable[..., keras.Optimizer]]:
    """The network of the baseline and its optimizer; both begin as they do here."""
    _, discriminator = networks(flags, data)
    return discriminator, optimizer()


RECIPE = few_labels.recipe("improved_gan", ImprovedGANFlags, build, classifier)
