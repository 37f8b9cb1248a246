"""Autoencoder: the baseline without a prior (Hinton and Salakhutdinov 2006)."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_models.models.base import GenerativeModel
from tfgan_models.objectives import losses, priors
from tfgan_models.protocols import Distribution


@keras.saving.register_keras_serializable("tfgan_models")
class AutoEncoder(GenerativeModel):
    """An encoder and a decoder that minimize ½ Σ (x − x̂)² together.

    Args:
        encoder: images ``[n, h, w, c]`` to codes ``[n, latent_dim]``.
        decoder: codes to images.
        seed: see ``GenerativeModel``.
    """

    players = {"autoencoder": ("encoder", "decoder")}
    test_metrics = ("pixel_error",)

    def __init__(self, encoder: keras.Model, decoder: keras.Model, *, seed: int = 0, name: str | None = None):
        super().__init__(seed=seed, name=name)
        self.encoder = encoder
        self.decoder = decoder

    @property
    def samplers(self) -> tuple[str, ...]:
        """Return only ``codes``, because the model does not have a prior."""
        return ("codes",)

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Perform one step of gradient descent on the reconstruction error."""
        images = batch["image"]
        with tf.GradientTape() as tape:
            reconstructions = self.decoder(self.encoder(images, training=True), training=True)
            error = losses.squared_error(images, reconstructions)
        return self.finish_train_step(**self.update(tape, autoencoder=error))

    def test_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Return the squared error of the reconstructions."""
        images = batch["image"]
        return self.track(tf.shape(images)[0], pixel_error=losses.pixel_error(images, self.reconstruct(images)))

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Reconstructions ``[n, h, w, c]``."""
        return self.decoder(self.encoder(images, training=training), training=training)

    def encode(self, images: tf.Tensor) -> Distribution:
        """The images' codes, as a batch of n deterministic distributions over ``[latent_dim]``."""
        return priors.deterministic(self.encoder(images, training=False))

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Generate images from codes."""
        return self.decoder(latents, training=False)

    def reconstruct(self, images: tf.Tensor) -> tf.Tensor:
        """Return reconstructions of the images."""
        return self.generate(self.encode(images).mean())
