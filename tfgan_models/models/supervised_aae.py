"""Supervised adversarial autoencoder: style and content (Makhzani et al. 2015, 1511.05644, section 4)."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_models.models.base import GenerativeModel
from tfgan_models.objectives import losses, priors
from tfgan_models.protocols import Distribution


@keras.saving.register_keras_serializable("tfgan_models")
class SupervisedAAE(GenerativeModel):
    """An adversarial autoencoder whose decoder gets the class, so that the code holds only the style.

    A latent is the one-hot class followed by the style. A batch has a ``label`` for each image.

    Args:
        encoder: images ``[n, h, w, c]`` to styles ``[n, style_dim]``.
        decoder: latents ``[n, classes + style_dim]`` to images.
        discriminator: styles to logits ``[n, 1]``.
        seed: see ``GenerativeModel``.
    """

    players = {"autoencoder": ("encoder", "decoder"), "discriminator": ("discriminator",), "generator": ("encoder",)}
    train_metrics = ("discriminator_accuracy",)
    test_metrics = ("pixel_error",)

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        discriminator: keras.Model,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(seed=seed, name=name)
        self.encoder = encoder
        self.decoder = decoder
        self.discriminator = discriminator
        self.style_dim = encoder.output_shape[-1]
        self.classes = decoder.input_shape[-1] - self.style_dim

    @property
    def prior(self) -> Distribution:
        """p(y) p(z): a class, uniform, and a Gaussian style."""
        return priors.class_and_style(self.classes, self.style_dim)

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Perform the reconstruction phase, then the regularization phase of the discriminator and the encoder."""
        images = batch["image"]
        with tf.GradientTape() as tape:
            latents = self._latents(self.encoder(images, training=True), batch["label"])
            error = losses.squared_error(images, self.decoder(latents, training=True))
        logs = self.update(tape, autoencoder=error)

        with tf.GradientTape(persistent=True) as tape:
            styles = self.encoder(images, training=True)
            prior = self.noise("prior", tf.shape(images)[0], (self.style_dim,))
            real, fake = (self.discriminator(codes, training=True) for codes in (prior, styles))
            loss = losses.cross_entropy_discriminator(real, fake)
        logs |= self.update(tape, discriminator=loss)
        # The tape has recorded the styles. It continues with the updated discriminator.
        with tape:
            loss = losses.non_saturating(self.discriminator(styles, training=True))
        logs |= self.update(tape, generator=loss)
        return self.finish_train_step(**logs, discriminator_accuracy=losses.accuracy(real, fake))

    def test_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Return the squared error of the reconstructions."""
        images = batch["image"]
        return self.track(
            tf.shape(images)[0], pixel_error=losses.pixel_error(images, self.reconstruct_as(images, batch["label"]))
        )

    def _latents(self, styles: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        return tf.concat([tf.one_hot(labels, self.classes), styles], -1)

    def call(self, latents: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Generate images ``[n, h, w, c]`` from latents."""
        return self.decoder(latents, training=training)

    def encode_style(self, images: tf.Tensor) -> Distribution:
        """The styles, as a batch of n deterministic distributions over ``[style_dim]``."""
        return priors.deterministic(self.encoder(images, training=False))

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Generate images from latents: a one-hot class followed by a style."""
        return self.decoder(latents, training=False)

    def reconstruct_as(self, images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Generate images with the style of ``images`` and the classes ``[n]``, which may be other than their own."""
        return self.generate(self._latents(self.encode_style(images).mean(), labels))
