"""Generative adversarial network (Goodfellow et al. 2014, 1406.2661)."""

from __future__ import annotations

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfgan_models import losses, priors
from tfgan_models.base import GenerativeModel


@keras.saving.register_keras_serializable("tfgan_models")
class GAN(GenerativeModel):
    """A generator and a discriminator that play the minimax game.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``.
        discriminator: images to logits ``[n, 1]``.
        loss: the generator's loss, ``non_saturating`` or ``minimax``.
        seed: see ``GenerativeModel``.

    Raises:
        ValueError: an unknown loss.
    """

    players = {"generator": ("generator",), "discriminator": ("discriminator",)}
    logs = ("discriminator_accuracy",)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        loss: str = "non_saturating",
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        if loss not in losses.GENERATOR_LOSSES:
            raise ValueError(f"loss {loss!r}: a GAN takes {', '.join(losses.GENERATOR_LOSSES)}")
        super().__init__(seed=seed, name=name)
        self.generator = generator
        self.discriminator = discriminator
        self.loss = loss

    @property
    def prior(self) -> tfp.distributions.Distribution:
        """p(z) = N(0, I)."""
        return priors.standard_gaussian(self.generator.input_shape[-1])

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One step of each player (Algorithm 1 with k = 1), both from the same point and on the same noise.

        The paper moves the discriminator first, and draws noise again for the generator.
        """
        images = batch["image"]
        with tf.GradientTape(persistent=True) as tape:
            latents = self.noise("prior", tf.shape(images)[0], self.prior.event_shape)
            fakes = self.generator(latents, training=True)
            real_logits = self.discriminator(images, training=True)
            fake_logits = self.discriminator(fakes, training=True)
            discriminator_loss = losses.real_is_real(real_logits) + losses.fake_is_fake(fake_logits)
            generator_loss = losses.GENERATOR_LOSSES[self.loss](fake_logits)
        logs = self.update(tape, discriminator=discriminator_loss, generator=generator_loss)
        return self.close_step(**logs, discriminator_accuracy=losses.accuracy(real_logits, fake_logits))

    def call(self, latents: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Images ``[n, h, w, c]`` of latents."""
        return self.generator(latents, training=training)

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Images of latents."""
        return self.generator(latents, training=False)

    def discriminate(self, images: tf.Tensor) -> tf.Tensor:
        """Logits ``[n, 1]``: positive where the discriminator takes an image for real."""
        return self.discriminator(images, training=False)
