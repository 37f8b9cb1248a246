"""R3GAN, the modern baseline (Huang et al. 2025, 2501.05441: The GAN is dead; long live the GAN!)."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_models.models.latent_gan import LatentGAN
from tfgan_models.objectives import losses, penalties
from tfgan_models.objectives.conditions import Condition


@keras.saving.register_keras_serializable("tfgan_models")
class R3GAN(LatentGAN):
    """A GAN with the relativistic pairing loss and zero-centered gradient penalties on real images and on fakes.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``.
        discriminator: images to logits ``[n, 1]``. Do not use batch normalization in it: the penalties need logits that
            depend on one image each.
        gamma: γ; the weight of each penalty, R₁ and R₂, is γ/2.
        condition: makes the GAN conditional, see ``LatentGAN``. A batch then has a ``label`` or ``attributes``. A real
            image and the fake that it is compared with have the same condition.
        seed: see ``GenerativeModel``.
    """

    players = {"generator": ("generator",), "discriminator": ("discriminator",)}
    train_metrics = ("discriminator_accuracy", "r1", "r2")

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        gamma: float = 1.0,
        condition: Condition | None = None,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(generator, condition, discriminator, seed=seed, name=name)
        self.discriminator = discriminator
        self.gamma = gamma

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Update both players from gradients at the same weights (equation 2, with R₁ and R₂ of section 2.2)."""
        images, conditions = batch["image"], self.conditions(batch)
        discriminate = self.judge(self.discriminator, conditions)
        with tf.GradientTape(persistent=True) as tape:
            fakes = self.generator(self.latents("prior", tf.shape(images)[0], conditions), training=True)
            (real_logits, *real_read), (fake_logits, *fake_read) = (
                self.outputs(self.discriminator, pictures, conditions) for pictures in (images, fakes)
            )
            r1 = penalties.zero_centered_gradient_penalty(discriminate, images)
            r2 = penalties.zero_centered_gradient_penalty(discriminate, fakes)
            relativistic = losses.relativistic_discriminator(real_logits, fake_logits)
            discriminator_loss = relativistic + self.gamma / 2 * (r1 + r2)
            generator_loss, logs = losses.relativistic_generator(real_logits, fake_logits), {}
            if self.reads_condition:
                real_loss, fake_loss = (self.auxiliary_loss(conditions, read[0]) for read in (real_read, fake_read))
                logs["auxiliary_loss"] = real_loss + fake_loss
                discriminator_loss += logs["auxiliary_loss"]
                generator_loss += fake_loss
        logs |= self.update(tape, discriminator=discriminator_loss, generator=generator_loss)
        # Only differences of logits matter: the discriminator is right if the real image has the higher logit.
        accuracy = tf.reduce_mean(tf.cast(real_logits > fake_logits, tf.float32))
        return self.finish_train_step(**logs, discriminator_accuracy=accuracy, r1=r1, r2=r2)

    def discriminate(self, images: tf.Tensor, conditions: tf.Tensor | None = None) -> tf.Tensor | list[tf.Tensor]:
        """Return logits ``[n, 1]``, higher for images that look real; only differences of logits have a meaning.

        For conditional models see ``GAN.discriminate``.
        """
        outputs = self.score(self.discriminator, images, conditions)
        return outputs if len(outputs) > 1 else outputs[0]
