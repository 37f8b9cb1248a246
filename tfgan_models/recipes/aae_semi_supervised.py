"""Learn classes from few labels, or clusters from none, with an adversarial autoencoder (Makhzani et al. 2015).

``tfgan train aae_semi_supervised --num_labels 100``, or ``--num_labels 0 --clusters 16``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.recipes import _aae_flags
from tfgan_models.training import few_labels
from tfgan_models.training.flag_rules import Above, AtLeast, Needs
from tfgan_models.training.flags import Data, Flags, Training
from tfgan_models.training.recipe import CallbackContext

if TYPE_CHECKING:
    import keras

    from tfgan_models import ClusteringAAE
    from tfgan_models.data.sources import ImageSet


@dataclasses.dataclass(kw_only=True)
class Model(few_labels.FewLabelFlags, _aae_flags.AAEModelFlags):
    """The classes and the style."""

    style_dim: Annotated[int, Above(0)] = 10
    """Size of the style vector, which is the code without the class."""
    clusters: Annotated[
        int,
        AtLeast(2, "give 2 or more"),
        Needs(
            "num_labels", "it has no effect with labels: remove it or give --num_labels 0", lambda labels: 0 in labels
        ),
    ] = 16
    """Number of clusters, with --num_labels 0."""
    class_normalization: Literal["none", "batch"] = "none"
    """Normalization of the class logits. batch prevents empty clusters, and decisions for a class too early in
    training."""
    cluster_heads: bool = False
    """Add class and style in one space of --style_dim dimensions, in which each class has a cluster head."""
    head_distance: Annotated[float, AtLeast(0), Needs("cluster_heads")] = 10.0
    """Distance up to which cluster heads are pushed apart."""


@dataclasses.dataclass(kw_only=True)
class SemiSupervisedAAEFlags(Flags):
    """Learn a classifier from few labels, or clusters from none, with an adversarial autoencoder."""

    data: Data = dataclasses.field(default_factory=lambda: Data(dataset="digits", image_size=None))
    training: Training = dataclasses.field(
        default_factory=lambda: Training(learning_rate=1e-3, batch_size=100, epochs=100)
    )
    model: Model = dataclasses.field(default_factory=Model)


def build(flags: SemiSupervisedAAEFlags, data: ImageSet) -> ClusteringAAE:
    """Build and compile the model for the images of the data, and for its classes if some images have labels."""
    import keras

    from tfgan_models import ClusteringAAE, SemiSupervisedAAE
    from tfgan_models.layers import ClusterHeads

    config = flags.model
    clustering = data.labelled is None
    classes = config.clusters if clustering else _aae_flags.classes(data)
    decoder = _aae_flags.decoder(config, data, config.style_dim if config.cluster_heads else classes + config.style_dim)
    if config.cluster_heads:
        latents = keras.Input((classes + config.style_dim,), name="latent")
        decoder = keras.Model(latents, decoder(ClusterHeads(classes)(latents)), name="decoder_with_heads")
    model = (ClusteringAAE if clustering else SemiSupervisedAAE)(
        _encoder(config, data, classes, config.style_dim),
        decoder,
        _aae_flags.latent_discriminator(config, classes, "class_discriminator"),
        _aae_flags.latent_discriminator(config, config.style_dim, "style_discriminator"),
        head_distance=config.head_distance if config.cluster_heads else 0.0,
        seed=flags.training.seed,
    )
    model.compile(gradient_clip=flags.training.gradient_clip, **_aae_flags.optimizers(model.players, flags))
    return model


def classifier(flags: SemiSupervisedAAEFlags, data: ImageSet) -> tuple[keras.Model, Callable[..., keras.Optimizer]]:
    """The network of the baseline, an encoder with only the class logits, and its optimizer."""
    return _encoder(flags.model, data, _aae_flags.classes(data)), _aae_flags.optimizer(
        flags.model, flags.model.momentum
    )


def _encoder(config: Model, data: ImageSet, classes: int, style_dim: int = 0) -> keras.Model:
    balanced = classes if config.class_normalization == "batch" else 0
    return _aae_flags.encoder(config, data, classes + style_dim, balanced=balanced)


def make_callbacks(flags: SemiSupervisedAAEFlags, context: CallbackContext) -> list[keras.callbacks.Callback]:
    """Draw confusions or clusters, styles, and the latent space, and log the test error."""
    from tfgan_models.callbacks.clusters import Clusters
    from tfgan_models.callbacks.latent_space import LatentSpace
    from tfgan_models.callbacks.projector import Projector
    from tfgan_models.callbacks.style_sheet import StyleSheet

    config, folder, writer = flags.model, context.folder, context.writer
    callbacks: list[keras.callbacks.Callback]
    if context.train.labelled is None:
        callbacks = [Clusters(context.train, context.test, folder, writer)]
    else:
        callbacks = few_labels.confusion_callbacks(flags, context)
    callbacks.append(StyleSheet(context.images, folder, flags.training.seed, writer))
    if config.cluster_heads and config.style_dim == 2:
        return [*callbacks, LatentSpace(context.test, folder, writer)]
    return [*callbacks, Projector(context.test, folder / "logs")]


RECIPE = few_labels.recipe(
    "aae_semi_supervised", SemiSupervisedAAEFlags, build, classifier, make_callbacks, least_labels=0
)
