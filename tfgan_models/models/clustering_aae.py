"""Adversarial autoencoder for clustering (Makhzani et al. 2015, 1511.05644, sections 6 and 7)."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import tensorflow as tf

from tfgan_models.layers.cluster_heads import ClusterHeads
from tfgan_models.models.base import GenerativeModel
from tfgan_models.objectives import losses, penalties, priors
from tfgan_models.protocols import Distribution


@keras.saving.register_keras_serializable("tfgan_models")
class ClusteringAAE(GenerativeModel):
    """An autoencoder whose latents consist of a class and a style, each with a discriminator that enforces its prior.

    A latent is the vector of the class, one-hot under the prior, followed by the style. If the model is trained without
    labels, the class is the index of a cluster.

    With a decoder that begins with a layer ``ClusterHeads``, class and style are in one space (section 7). A penalty
    pushes heads apart that are closer to each other than ``head_distance``.

    Args:
        encoder: images ``[n, h, w, c]`` to ``[n, classes + style_dim]``: the logits of the classes, then the style.
        decoder: latents ``[n, classes + style_dim]`` to images.
        class_discriminator: vectors ``[n, classes]`` to logits ``[n, 1]``.
        style_discriminator: styles ``[n, style_dim]`` to logits ``[n, 1]``.
        head_distance: η of the decoder's cluster heads, if it has them.
        seed: see ``GenerativeModel``.
    """

    players = {
        "autoencoder": ("encoder", "decoder"),
        "class_discriminator": ("class_discriminator",),
        "style_discriminator": ("style_discriminator",),
        "generator": ("encoder",),
    }
    train_metrics = ("error", "class_discriminator_accuracy", "style_discriminator_accuracy")
    test_metrics = ("pixel_error",)

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        class_discriminator: keras.Model,
        style_discriminator: keras.Model,
        head_distance: float = 0.0,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(seed=seed, name=name)
        self.encoder = encoder
        self.decoder = decoder
        self.class_discriminator = class_discriminator
        self.style_discriminator = style_discriminator
        self.head_distance = head_distance
        self.classes = class_discriminator.input_shape[-1]
        self.style_dim = style_discriminator.input_shape[-1]

    @property
    def prior(self) -> Distribution:
        """p(y) p(z): a class, uniform, and a Gaussian style."""
        return priors.class_and_style(self.classes, self.style_dim)

    @property
    def heads(self) -> keras.Variable | None:
        """Positions of the classes' heads, ``[classes, style_dim]``; None if the decoder has none."""
        return next((layer.heads for layer in self.decoder.layers if isinstance(layer, ClusterHeads)), None)

    @property
    def representation_prior(self) -> Distribution:
        """Distribution of ``represent`` under the prior: N(w, I) around the heads w, with equal weights."""
        if self.heads is None:
            raise AttributeError("representation_prior: the decoder has no layer ClusterHeads")
        return priors.gaussian_mixture(self.heads.value)

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """The reconstruction phase, then the regularization phase."""
        return self.finish_train_step(
            **self.reconstruction_phase(batch["image"]), **self.regularization_phase(batch["image"])
        )

    def reconstruction_phase(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """Move encoder and decoder toward better reconstructions, and return logs."""
        with tf.GradientTape() as tape:
            latents = tf.concat(self._class_and_style(images), -1)
            error = loss = losses.squared_error(images, self.decoder(latents, training=True))
            if self.head_distance and self.heads is not None:
                loss += penalties.head_spacing_penalty(self.heads, self.head_distance)
        return self.update(tape, autoencoder=loss) | {"error": error}

    def regularization_phase(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """Update both discriminators, then the encoder against both, and return logs."""
        examples = tf.shape(images)[0]
        latents = self.noise("prior", examples, (), priors.sampler(self.prior))
        with tf.GradientTape(persistent=True) as tape:
            codes: dict[str, tf.Tensor] = dict(zip(("class", "style"), self._class_and_style(images), strict=True))
            real = self._logits(dict(zip(codes, tf.split(latents, [self.classes, self.style_dim], -1), strict=True)))
            fake = self._logits(codes)
            discriminator_losses = {
                f"{part}_discriminator": losses.cross_entropy_discriminator(real[part], fake[part]) for part in codes
            }
        logs = self.update(tape, None, **discriminator_losses)
        # The tape has recorded the codes. It continues with the updated discriminators.
        with tape:
            loss = tf.add_n([losses.non_saturating(logits) for logits in self._logits(codes).values()])
        logs |= self.update(tape, generator=loss)
        return logs | {f"{part}_discriminator_accuracy": losses.accuracy(real[part], fake[part]) for part in codes}

    def test_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Return the squared error of the reconstructions."""
        images = batch["image"]
        return self.track(tf.shape(images)[0], pixel_error=losses.pixel_error(images, self.reconstruct(images)))

    def _class_and_style(self, images: tf.Tensor, training: bool = True) -> tuple[tf.Tensor, tf.Tensor]:
        """The class probabilities and the style."""
        logits, style = tf.split(self.encoder(images, training=training), [self.classes, self.style_dim], -1)
        return tf.nn.softmax(logits), style

    def _logits(self, codes: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {
            "class": self.class_discriminator(codes["class"], training=True),
            "style": self.style_discriminator(codes["style"], training=True),
        }

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Reconstructions ``[n, h, w, c]``."""
        return self.decoder(self.encode(images).mean(), training=training)

    def encode(self, images: tf.Tensor) -> Distribution:
        """Class probabilities and style, as a batch of n distributions over ``[classes + style_dim]``."""
        return priors.deterministic(tf.concat(self._class_and_style(images, training=False), -1))

    def represent(self, images: tf.Tensor) -> tf.Tensor:
        """Return the images' positions in the space of the heads: head plus style, ``[n, style_dim]``.

        Raises:
            ValueError: the decoder has no heads.
        """
        if self.heads is None:
            raise ValueError("the decoder has no layer ClusterHeads: give one that begins with it")
        probabilities, style = self._class_and_style(images, training=False)
        return probabilities @ self.heads + style

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Generate images from latents: a one-hot class followed by a style."""
        return self.decoder(latents, training=False)

    def reconstruct(self, images: tf.Tensor) -> tf.Tensor:
        """Return reconstructions of the images."""
        return self.generate(self.encode(images).mean())

    def classify(self, images: tf.Tensor) -> tf.Tensor:
        """The probabilities of the classes, ``[n, classes]``."""
        return self._class_and_style(images, training=False)[0]
