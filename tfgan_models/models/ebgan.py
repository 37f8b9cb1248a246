"""Energy-based GAN (Zhao et al. 2016, 1609.03126)."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_models.models.latent_gan import LatentGAN
from tfgan_models.objectives import losses, penalties


@keras.saving.register_keras_serializable("tfgan_models")
class EBGAN(LatentGAN):
    """A GAN whose discriminator is an autoencoder: the energy of an image is the error of its reconstruction.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``.
        discriminator_encoder: images to codes ``[n, code_dim]``.
        discriminator_decoder: codes to images.
        margin: m, the energy above which a fake does not add to the discriminator's loss. The unit is the mean squared
            error of pixels in [-1, 1].
        pull_away: weight of the term that makes the codes of fakes differ (section 2.4), 0.1 in the paper; 0 for none.
        seed: see ``GenerativeModel``.
    """

    players = {"generator": ("generator",), "discriminator": ("discriminator_encoder", "discriminator_decoder")}
    train_metrics = ("real_energy", "fake_energy", "pull_away_term")

    def __init__(
        self,
        generator: keras.Model,
        discriminator_encoder: keras.Model,
        discriminator_decoder: keras.Model,
        margin: float = 0.2,
        pull_away: float = 0.1,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(generator, seed=seed, name=name)
        self.discriminator_encoder = discriminator_encoder
        self.discriminator_decoder = discriminator_decoder
        self.margin = margin
        self.pull_away = pull_away

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Update both players from gradients at the same weights (equations 1 and 2)."""
        images = batch["image"]
        with tf.GradientTape(persistent=True) as tape:
            fakes = self.fakes("prior", tf.shape(images)[0])
            real_energy, _ = self.energy(images, training=True)
            fake_energy, codes = self.energy(fakes, training=True)
            pull_away_term = penalties.pull_away(codes)
            discriminator_loss = losses.energy_discriminator(real_energy, fake_energy, self.margin)
            generator_loss = losses.energy_generator(fake_energy) + self.pull_away * pull_away_term
        return self.finish_train_step(
            **self.update(tape, discriminator=discriminator_loss, generator=generator_loss),
            real_energy=tf.reduce_mean(real_energy),
            fake_energy=tf.reduce_mean(fake_energy),
            pull_away_term=pull_away_term,
        )

    def energy(self, images: tf.Tensor, training: bool = False) -> tuple[tf.Tensor, tf.Tensor]:
        """The mean squared error of each image's reconstruction, float32 ``[n]``, and its code."""
        images = tf.convert_to_tensor(images, tf.float32)
        codes = self.discriminator_encoder(images, training=training)
        difference = images - tf.cast(self.discriminator_decoder(codes, training=training), tf.float32)
        return tf.reduce_mean(tf.square(difference), range(1, images.shape.rank)), codes

    def discriminate(self, images: tf.Tensor) -> tf.Tensor:
        """Return minus the energies, ``[n, 1]``; they are higher for images that look real."""
        return -self.energy(images)[0][:, tf.newaxis]
