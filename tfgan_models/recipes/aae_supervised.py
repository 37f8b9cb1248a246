"""Part style from content (Makhzani et al. 2015, section 4): ``python train/aae_supervised.py --dataset mnist``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import adversarial_autoencoders
import common
from fitting import Watched
from flags import Data, Flags, Training

if TYPE_CHECKING:
    import keras

    from tfgan_models import SupervisedAAE
    from tfgan_models.data.sources import ImageSet


@dataclasses.dataclass(kw_only=True)
class Model(adversarial_autoencoders.Autoencoders):
    """The supervised adversarial autoencoder."""

    style_dim: int = 15
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
    classes = adversarial_autoencoders.classes(data)
    model = SupervisedAAE(
        adversarial_autoencoders.encoder(asked, data, asked.style_dim),
        adversarial_autoencoders.decoder(asked, data, classes + asked.style_dim),
        adversarial_autoencoders.judge(asked, asked.style_dim),
        seed=flags.training.seed,
    )
    model.compile(
        gradient_clip=flags.training.gradient_clip, **adversarial_autoencoders.optimizers(model.players, flags)
    )
    return model


def prepare(flags: SupervisedAAEFlags, train: ImageSet, test: ImageSet) -> tuple[ImageSet, ImageSet]:
    """The sets, with classes of attributes if these are asked for."""
    from tfgan_models.data import labelled

    names = flags.model.label_attributes
    return labelled.by_attributes(train, names), labelled.by_attributes(test, names)


def watch(flags: SupervisedAAEFlags, watched: Watched) -> list[keras.callbacks.Callback]:
    """Every class in the same styles, as a picture."""
    from tfgan_models.callbacks.style_sheet import StyleSheet

    return [StyleSheet(watched.shown, watched.folder, flags.training.seed, watched.writer)]


if __name__ == "__main__":
    common.main("aae_supervised", SupervisedAAEFlags, build, prepare=prepare, watch=watch)
