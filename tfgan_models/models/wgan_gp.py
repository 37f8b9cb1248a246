"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017, 1704.00028)."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_models.layers.virtual_batch_normalization import reference_batch
from tfgan_models.models.wgan import WGAN
from tfgan_models.objectives import losses, penalties


@keras.saving.register_keras_serializable("tfgan_models")
class WGANGP(WGAN):
    """A Wasserstein GAN whose critic is held to slopes of 1 between data and fakes, in place of clipped weights.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``.
        critic: images to scores ``[n, 1]``, each of its own image alone: batch normalization would mix them.
        critic_steps: see ``WGAN``.
        penalty_weight: λ, of the gradient penalty.
        seed: see ``GenerativeModel``.
    """

    logs = ("wasserstein_distance", "gradient_penalty")

    def __init__(
        self,
        generator: keras.Model,
        critic: keras.Model,
        critic_steps: int = 5,
        penalty_weight: float = 10.0,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(generator, critic, critic_steps, seed=seed, name=name)
        self.penalty_weight = penalty_weight

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One iteration of Algorithm 1: the critic's steps, then the generator's."""
        for t in range(self.critic_steps):
            # Every critic_steps-th row: the same images on however many replicas.
            images = batch["image"][t :: self.critic_steps]
            examples = tf.shape(images)[0]
            between = self.noise(f"interpolation-{t}", examples, (1,), tf.random.stateless_uniform)
            with tf.GradientTape() as tape, reference_batch(self.generator, self.prior, self.seed):
                latents = self.noise(f"critic-{t}", examples, self.prior.event_shape)
                fakes = self.generator(latents, training=True)
                real_scores = self.critic(images, training=True)
                distance_loss = losses.wasserstein_critic(real_scores, self.critic(fakes, training=True))
                penalty = penalties.gradient_penalty(
                    lambda mixed: self.critic(mixed, training=True), images, fakes, between
                )
                critic_loss = distance_loss + self.penalty_weight * penalty
            critic_logs = self.update(tape, critic=critic_loss)

        with tf.GradientTape() as tape, reference_batch(self.generator, self.prior, self.seed):
            fakes = self.generator(self.noise("generator", examples, self.prior.event_shape), training=True)
            generator_loss = losses.wasserstein_generator(self.critic(fakes, training=True))
        logs = critic_logs | self.update(tape, generator=generator_loss)
        return self.close_step(**logs, wasserstein_distance=tf.negative(distance_loss), gradient_penalty=penalty)
