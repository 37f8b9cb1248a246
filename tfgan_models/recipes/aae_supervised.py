"""Separate style from class (Makhzani et al. 2015, section 4): ``tfgan train aae_supervised --dataset mnist``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

from tfgan_models.recipes import _aae_flags
from tfgan_models.training.flag_rules import Above
from tfgan_models.training.flags import Data, Flags, Training
from tfgan_models.training.recipe import CallbackContext, Recipe

if TYPE_CHECKING:
    import keras

    from tfgan_models import SupervisedAAE
    from tfgan_models.data.sources import ImageSet


@dataclasses.dataclass(kw_only=True)
class Model(_aae_flags.AAEModelFlags):
    """The supervised adversarial autoencoder."""

    style_dim: Annotated[int, Above(0)] = 15
    """Size of the style vector, which is the code without the class."""


@dataclasses.dataclass(kw_only=True)
class SupervisedAAEFlags(Flags):
    """Train an adversarial autoencoder that separates style from class."""

    data: Data = dataclasses.field(default_factory=lambda: Data(dataset="digits", image_size=None))
    training: Training = dataclasses.field(
        default_factory=lambda: Training(learning_rate=1e-3, batch_size=100, epochs=100)
    )
    model: Model = dataclasses.field(default_factory=Model)


def build(flags: SupervisedAAEFlags, data: ImageSet) -> SupervisedAAE:
    """Build and compile the model for the images and classes of the data."""
    from tfgan_models import SupervisedAAE

    config = flags.model
    classes = _aae_flags.classes(data)
    model = SupervisedAAE(
        _aae_flags.encoder(config, data, config.style_dim),
        _aae_flags.decoder(config, data, classes + config.style_dim),
        _aae_flags.latent_discriminator(config, config.style_dim),
        seed=flags.training.seed,
    )
    model.compile(gradient_clip=flags.training.gradient_clip, **_aae_flags.optimizers(model.players, flags))
    return model


def prepare_data(flags: SupervisedAAEFlags, train: ImageSet, test: ImageSet) -> tuple[ImageSet, ImageSet]:
    """Make classes of attributes if the flags name some, and leave out pictures without a label."""
    from tfgan_models.data import labelled

    names = flags.model.label_attributes
    train, test = (labelled.with_labels(labelled.by_attributes(data, names)) for data in (train, test))
    return train, test


def make_callbacks(flags: SupervisedAAEFlags, context: CallbackContext) -> list[keras.callbacks.Callback]:
    """Draw every class in the same styles."""
    from tfgan_models.callbacks.style_sheet import StyleSheet

    return [StyleSheet(context.images, context.folder, flags.training.seed, context.writer)]


RECIPE = Recipe(
    name="aae_supervised", flags=SupervisedAAEFlags, build=build, prepare_data=prepare_data, callbacks=make_callbacks
)
