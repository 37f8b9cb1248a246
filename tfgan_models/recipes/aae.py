"""Train an adversarial autoencoder (Makhzani et al. 2015): ``tfgan train aae --prior ring_of_gaussians``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.recipes import _aae_flags, _vae_comparison
from tfgan_models.training.flag_rules import Above, AtLeast, Between, MayChange, Needs, Was
from tfgan_models.training.flags import Data, Flags, Training
from tfgan_models.training.recipe import CallbackContext, Recipe

if TYPE_CHECKING:
    import keras

    from tfgan_models import AAE
    from tfgan_models.data.sources import ImageSet


@dataclasses.dataclass(kw_only=True)
class Model(_aae_flags.Autoencoders):
    """The adversarial autoencoder."""

    latent_dim: Annotated[int, Above(0)] = 2
    """Size of a code. Two dimensions are drawn as a map."""
    prior: Literal["standard_gaussian", "uniform", "ring_of_gaussians", "swiss_roll", "categorical"] = (
        "standard_gaussian"
    )
    """What the codes are brought to; the ring and the roll have two dimensions."""
    posterior: Literal["deterministic", "gaussian", "universal"] = "deterministic"
    """A code follows from the image alone; is drawn around a mean; or follows from the image and noise."""
    num_prior_labels: Annotated[int, AtLeast(0), Was("informed_labels")] = 0
    """How many pictures have a label that the discriminator is told, so that each class takes its own part of the ring
    or the roll."""
    label_seed: Annotated[int, Between(0, 2**32 - 1), Needs("num_prior_labels")] = 1
    """Decides which pictures those are."""
    vae_epochs: Annotated[int | None, AtLeast(0), MayChange()] = None
    """Epochs of the VAE with the same code that the latent space is compared with, trained at the same rate by Adam; as
    many as the run's unless told, 0 for none."""


@dataclasses.dataclass(kw_only=True)
class AAEFlags(Flags):
    """Train an adversarial autoencoder on pictures."""

    data: Data = dataclasses.field(default_factory=lambda: Data(dataset="digits", image_size=8))
    training: Training = dataclasses.field(
        default_factory=lambda: Training(learning_rate=1e-3, batch_size=100, epochs=100)
    )
    model: Model = dataclasses.field(default_factory=Model)


def build(flags: AAEFlags, data: ImageSet) -> AAE:
    """The compiled model for the data's images."""
    from tfgan_models import AAE

    asked = flags.model
    classes = _aae_flags.classes(data) if asked.num_prior_labels else 0
    model = AAE(
        _aae_flags.encoder(
            asked, data, asked.latent_dim, asked.posterior == "gaussian", int(asked.posterior == "universal")
        ),
        _aae_flags.decoder(asked, data, asked.latent_dim),
        _aae_flags.judge(asked, asked.latent_dim + (classes + 1 if classes else 0)),
        prior_name=asked.prior,
        posterior=asked.posterior,
        classes=classes,
        seed=flags.training.seed,
    )
    model.compile(gradient_clip=flags.training.gradient_clip, **_aae_flags.optimizers(model.players, flags))
    return model


def prepare(flags: AAEFlags, train: ImageSet, test: ImageSet) -> tuple[ImageSet, ImageSet]:
    """The sets with the classes that are asked for, the training set with the rows whose labels inform."""
    from tfgan_models.data import labelled

    asked = flags.model
    train, test = (labelled.by_attributes(data, asked.label_attributes) for data in (train, test))
    if asked.num_prior_labels:
        _aae_flags.classes(train)
        rows = labelled.choose_labelled_rows(train, asked.num_prior_labels, asked.label_seed, "num_prior_labels")
        train = dataclasses.replace(train, labelled=rows)
    return train, test


def watch(flags: AAEFlags, context: CallbackContext) -> list[keras.callbacks.Callback]:
    """The latent space as a map, where it has two dimensions, and for TensorBoard's projector otherwise."""
    from tfgan_models.callbacks.latent_space import LatentSpace
    from tfgan_models.callbacks.projector import Projector

    if flags.model.latent_dim == 2:
        return [LatentSpace(context.test, context.folder, context.writer)]
    return [Projector(context.test, context.folder / "logs")]


RECIPE = Recipe(
    name="aae",
    flags=AAEFlags,
    build=build,
    prepare_data=prepare,
    callbacks=watch,
    after=_vae_comparison.compare,
)
