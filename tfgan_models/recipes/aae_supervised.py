"""Part style from content (Makhzani et al. 2015, section 4): ``tfgan train aae_supervised --dataset mnist``."""

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
class Model(_aae_flags.Autoencoders):
    """The supervised adversarial autoencoder."""

    style_dim: Annotated[int, Above(0)] = 15
    """Size of the style, beside the class."""


@dataclasses.dataclass(kw_only=True)
class SupervisedAAEFlags(Flags):
    """Train an autoencoder of pictures with classes that keeps the style alone in its code."""

    data: Data = dataclasses.field(default_factory=lambda: Data(dataset="digits", image_size=8))
    training: Training = dataclasses.field(
        default_factory=lambda: Training(learning_rate=1e-3, batch_size=100, epochs=100)
    )
    model: Model = dataclasses.field(default_factory=Model)


def build(flags: SupervisedAAEFlags, data: ImageSet) -> SupervisedAAE:
    """The compiled model for the data's images and classes."""
    from tfgan_models import SupervisedAAE

    asked = flags.model
    classes = _aae_flags.classes(data)
    model = SupervisedAAE(
        _aae_flags.encoder(asked, data, asked.style_dim),
        _aae_flags.decoder(asked, data, classes + asked.style_dim),
        _aae_flags.judge(asked, asked.style_dim),
        seed=flags.training.seed,
    )
    model.compile(gradient_clip=flags.training.gradient_clip, **_aae_flags.optimizers(model.players, flags))
    return model


def prepare(flags: SupervisedAAEFlags, train: ImageSet, test: ImageSet) -> tuple[ImageSet, ImageSet]:
    """The sets, with classes of attributes if these are asked for."""
    from tfgan_models.data import labelled

    names = flags.model.label_attributes
    return labelled.by_attributes(train, names), labelled.by_attributes(test, names)


def watch(flags: SupervisedAAEFlags, context: CallbackContext) -> list[keras.callbacks.Callback]:
    """Every class in the same styles, as a picture."""
    from tfgan_models.callbacks.style_sheet import StyleSheet

    return [StyleSheet(context.shown, context.folder, flags.training.seed, context.writer)]


RECIPE = Recipe(name="aae_supervised", flags=SupervisedAAEFlags, build=build, prepare_data=prepare, callbacks=watch)
