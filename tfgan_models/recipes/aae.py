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
class Model(_aae_flags.AAEModelFlags):
    """The adversarial autoencoder."""

    latent_dim: Annotated[int, Above(0)] = 2
    """Size of the code vector. Codes of size 2 are also drawn as a map."""
    prior: Literal["standard_gaussian", "uniform", "ring_of_gaussians", "swiss_roll", "categorical"] = (
        "standard_gaussian"
    )
    """Prior of the codes. ring_of_gaussians and swiss_roll need --latent_dim 2."""
    posterior: Literal["deterministic", "gaussian", "universal"] = "deterministic"
    """Distribution of an image's code. deterministic: one code; gaussian: a Gaussian with the encoder's mean and
    variance; universal: the encoder maps image and noise to a code."""
    num_prior_labels: Annotated[int, AtLeast(0), Was("informed_labels")] = 0
    """Number of pictures whose labels the discriminator receives, so that each class occupies one part of the prior. It
    needs the ring or the roll."""
    label_seed: Annotated[int, Between(0, 2**32 - 1), Needs("num_prior_labels")] = 1
    """Seed of the choice of those pictures."""
    vae_epochs: Annotated[int | None, AtLeast(0), MayChange()] = None
    """Epochs of a VAE with the same code size, whose latent space is compared after the run. It is trained by Adam at
    the same learning rate. By default the epochs of the run; 0 disables it."""


@dataclasses.dataclass(kw_only=True)
class AAEFlags(Flags):
    """Train an adversarial autoencoder on pictures."""

    data: Data = dataclasses.field(default_factory=lambda: Data(dataset="digits", image_size=None))
    training: Training = dataclasses.field(
        default_factory=lambda: Training(learning_rate=1e-3, batch_size=100, epochs=100)
    )
    model: Model = dataclasses.field(default_factory=Model)


def build(flags: AAEFlags, data: ImageSet) -> AAE:
    """Build and compile the model for the images of the data."""
    from tfgan_models import AAE

    config = flags.model
    classes = _aae_flags.classes(data) if config.num_prior_labels else 0
    model = AAE(
        _aae_flags.encoder(
            config, data, config.latent_dim, config.posterior == "gaussian", int(config.posterior == "universal")
        ),
        _aae_flags.decoder(config, data, config.latent_dim),
        _aae_flags.latent_discriminator(config, config.latent_dim + (classes + 1 if classes else 0)),
        prior_name=config.prior,
        posterior=config.posterior,
        classes=classes,
        seed=flags.training.seed,
    )
    model.compile(gradient_clip=flags.training.gradient_clip, **_aae_flags.optimizers(model.players, flags))
    return model


def prepare_data(flags: AAEFlags, train: ImageSet, test: ImageSet) -> tuple[ImageSet, ImageSet]:
    """Make classes of attributes if the flags name some, and choose the pictures whose labels are used."""
    from tfgan_models.data import labelled

    config = flags.model
    train, test = (labelled.by_attributes(data, config.label_attributes) for data in (train, test))
    if config.num_prior_labels:
        _aae_flags.classes(train)
        rows = labelled.choose_labelled_rows(train, config.num_prior_labels, config.label_seed, "num_prior_labels")
        train = dataclasses.replace(train, labelled=rows)
    return train, test


def make_callbacks(flags: AAEFlags, context: CallbackContext) -> list[keras.callbacks.Callback]:
    """Draw a latent space of two dimensions as a map, and write any other for TensorBoard's projector.

    What follows the training is printed first.
    """
    from tfgan_models.callbacks.latent_space import LatentSpace
    from tfgan_models.callbacks.projector import Projector

    _vae_comparison.announce(flags, context.test)
    if flags.model.latent_dim == 2:
        return [LatentSpace(context.test, context.folder, context.writer)]
    return [Projector(context.test, context.folder / "logs")]


RECIPE = Recipe(
    name="aae",
    flags=AAEFlags,
    build=build,
    prepare_data=prepare_data,
    callbacks=make_callbacks,
    after=_vae_comparison.compare,
)
