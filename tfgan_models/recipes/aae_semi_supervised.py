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
class Model(few_labels.Labels, _aae_flags.Autoencoders):
    """The classes and the style."""

    style_dim: Annotated[int, Above(0)] = 10
    """Size of the style, beside the class."""
    clusters: Annotated[
        int,
        AtLeast(2, "give 2 or more"),
        Needs("num_labels", "it decides nothing here, leave it out or give --num_labels 0", lambda labels: 0 in labels),
    ] = 16
    """With --num_labels 0, how many clusters to find."""
    class_normalization: Literal["none", "batch"] = "none"
    """Of the logits of the classes: batch keeps clusters from emptying, and classes from being chosen too early."""
    cluster_heads: bool = False
    """Put class and style into one space of --style_dim dimensions, where each class has its head."""
    head_distance: Annotated[float, AtLeast(0), Needs("cluster_heads")] = 10.0
    """How far from each other heads are pushed."""


@dataclasses.dataclass(kw_only=True)
class SemiSupervisedAAEFlags(Flags):
    """Learn a classifier from few labels, or clusters from none, with an adversarial autoencoder."""

    data: Data = dataclasses.field(default_factory=lambda: Data(dataset="digits", image_size=8))
    training: Training = dataclasses.field(
        default_factory=lambda: Training(learning_rate=1e-3, batch_size=100, epochs=100)
    )
    model: Model = dataclasses.field(default_factory=Model)


def build(flags: SemiSupervisedAAEFlags, data: ImageSet) -> ClusteringAAE:
    """The compiled model for the data's images, and for its classes where some have labels."""
    import keras

    from tfgan_models import ClusteringAAE, SemiSupervisedAAE
    from tfgan_models.layers import ClusterHeads

    asked = flags.model
    clustering = data.labelled is None
    classes = asked.clusters if clustering else _aae_flags.classes(data)
    decoder = _aae_flags.decoder(asked, data, asked.style_dim if asked.cluster_heads else classes + asked.style_dim)
    if asked.cluster_heads:
        latents = keras.Input((classes + asked.style_dim,), name="latent")
        decoder = keras.Model(latents, decoder(ClusterHeads(classes)(latents)), name="decoder_with_heads")
    model = (ClusteringAAE if clustering else SemiSupervisedAAE)(
        _encoder(asked, data, classes, asked.style_dim),
        decoder,
        _aae_flags.judge(asked, classes, "class_discriminator"),
        _aae_flags.judge(asked, asked.style_dim, "style_discriminator"),
        head_distance=asked.head_distance if asked.cluster_heads else 0.0,
        seed=flags.training.seed,
    )
    model.compile(gradient_clip=flags.training.gradient_clip, **_aae_flags.optimizers(model.players, flags))
    return model


def classifier(flags: SemiSupervisedAAEFlags, data: ImageSet) -> tuple[keras.Model, Callable[..., keras.Optimizer]]:
    """The network of the baseline, the same encoder with the classes alone, and its optimizer."""
    from tfgan_models.optimizers import FusedAdam

    return _encoder(flags.model, data, _aae_flags.classes(data)), FusedAdam


def _encoder(asked: Model, data: ImageSet, classes: int, style_dim: int = 0) -> keras.Model:
    balanced = classes if asked.class_normalization == "batch" else 0
    return _aae_flags.encoder(asked, data, classes + style_dim, balanced=balanced)


def watch(flags: SemiSupervisedAAEFlags, context: CallbackContext) -> list[keras.callbacks.Callback]:
    """The test error, with confusions or clusters as a picture; styles; and the latent space of style and class."""
    from tfgan_models.callbacks.clusters import Clusters
    from tfgan_models.callbacks.latent_space import LatentSpace
    from tfgan_models.callbacks.projector import Projector
    from tfgan_models.callbacks.style_sheet import StyleSheet

    asked, folder, writer = flags.model, context.folder, context.writer
    callbacks: list[keras.callbacks.Callback]
    if context.train.labelled is None:
        callbacks = [Clusters(context.train, context.test, folder, writer)]
    else:
        callbacks = few_labels.confusions(flags, context)
    callbacks.append(StyleSheet(context.shown, folder, flags.training.seed, writer))
    if asked.cluster_heads and asked.style_dim == 2:
        return [*callbacks, LatentSpace(context.test, folder, writer)]
    return [*callbacks, Projector(context.test, folder / "logs")]


RECIPE = few_labels.recipe("aae_semi_supervised", SemiSupervisedAAEFlags, build, classifier, watch, least_labels=0)
