"""Learn a classifier from few labels with a GAN (Salimans et al. 2016): ``tfgan train improved_gan --num_labels 100``.

Several numbers of labels or seeds make a sweep with a table: ``--num_labels 20 50 100 --label_seed 1 2 3``.
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
class Model(few_labels.FewLabelFlags):
    """The discriminator, which is a classifier, and its generator."""

    network: Literal["improved_mlp", "improved_convolutional"] = "improved_mlp"
    """Architecture. improved_mlp: digits; improved_convolutional: the paper's for CIFAR-10, for 16, 32, 64, … pixels;
    use it with --learning_rate 3e-4."""
    width: Width = 1.0
    """Factor on the number of units or filters in each layer."""
    latent_dim: Annotated[int, Above(0)] = 100
    """Size of the latent vector."""
    unlabeled_weight: Annotated[float, AtLeast(0), Was("unlabelled_weight")] = 1.0
    """Weight of the loss on unlabeled images; the loss on labeled images has weight 1."""
    minibatch_discrimination: bool = False
    """Add a layer that tells the discriminator how similar the images of a batch are. The generator then has the
    non-saturating loss in place of feature matching. In the paper samples are then better, and the classifier worse.
    Use it with --learning_rate 3e-4; at ten times this rate the generator collapses on MNIST."""
    initial_images: Annotated[int, AtLeast(20, "give at least 20")] = 500
    """Number of training images that initialize scales and biases of the weight normalization, and the scale of the
    kernels of minibatch discrimination."""


@dataclasses.dataclass(kw_only=True)
class ImprovedGANFlags(Flags):
    """Learn a classifier from few labels, with a GAN."""

    data: Data = dataclasses.field(default_factory=lambda: Data(dataset="digits", image_size=None))
    training: Training = dataclasses.field(
        default_factory=lambda: Training(learning_rate=3e-3, batch_size=100, epochs=60, ema=0.99)
    )
    model: Model = dataclasses.field(default_factory=Model)


def networks(flags: ImprovedGANFlags, data: ImageSet) -> tuple[keras.Model, keras.Model]:
    """Make the generator, and the discriminator with initial scales and biases from data."""
    from tfgan_models import networks
    from tfgan_models.data import pipeline
    from tfgan_models.layers.weight_normalization import initialise

    config, architecture = flags.model, networks.network_module(flags.model.network)
    size, channels = data.images.shape[2:]
    generator = architecture.generator(size, channels, config.latent_dim, width=config.width)
    options = {"minibatch_discrimination": True} if config.minibatch_discrimination else {}
    discriminator = architecture.discriminator(size, channels, len(data.label_names), width=config.width, **options)
    images = next(iter(pipeline.ordered(data, config.initial_images, limit=config.initial_images)))["image"]
    initialise(discriminator, images, training=True)
    return generator, discriminator


def optimizer() -> Callable[..., keras.Optimizer]:
    """The function that makes the authors' Adam from a learning rate."""
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
    """The network of the baseline and its optimizer, with the same initial weights and settings as in the GAN."""
    model = dataclasses.replace(flags.model, minibatch_discrimination=False)  # it only tells real images from fakes
    _, discriminator = networks(dataclasses.replace(flags, model=model), data)
    return discriminator, optimizer()


RECIPE = few_labels.recipe("improved_gan", ImprovedGANFlags, build, classifier)
