"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017, 1704.00028)."""

from __future__ import annotations

import functools

import keras
import tensorflow as tf

from tfgan_models.models.latent_gan import LatentGAN
from tfgan_models.objectives import losses, penalties


@keras.saving.register_keras_serializable("tfgan_models")
class WGANGP(LatentGAN):
    """A Wasserstein GAN whose critic is penalized for gradient norms other than 1 between data and fakes.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``.
        critic: images to scores ``[n, 1]``. Do not use batch normalization in it: the penalty needs scores that depend
            on one image each.
        critic_steps: critic steps before each generator step, n_critic in the paper. Each uses another part of the
            batch, which therefore has critic_steps times the paper's m images.
        penalty_weight: λ, weight of the gradient penalty.
        seed: see ``GenerativeModel``.
    """

    players = {"generator": ("generator",), "critic": ("critic",)}
    train_metrics = ("wasserstein_distance", "gradient_penalty")

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
        super().__init__(generator, seed=seed, name=name)
        self.critic = critic
        self.critic_steps = critic_steps
        self.penalty_weight = penalty_weight

    @property
    def minibatches(self) -> int:
        """Number of parts of a batch, one for each critic step."""
        return self.critic_steps

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Perform one iteration of Algorithm 1: critic steps, then the generator step."""
        critic = functools.partial(self.critic, training=True)
        for t in range(self.critic_steps):
            # Every critic_steps-th row, so that the images are the same on any number of replicas.
            images = batch["image"][t :: self.critic_steps]
            examples = tf.shape(images)[0]
            epsilon = self.noise(f"interpolation-{t}", examples, (1,), tf.random.stateless_uniform)
            with tf.GradientTape() as tape:
                fakes = self.fakes(f"critic-{t}", examples)
                distance_loss = losses.wasserstein_critic(critic(images), critic(fakes))
                penalty = penalties.gradient_penalty(critic, images, fakes, epsilon)
                critic_loss = distance_loss + self.penalty_weight * penalty
            critic_logs = self.update(tape, critic=critic_loss)

        with tf.GradientTape() as tape:
            generator_loss = losses.wasserstein_generator(critic(self.fakes("generator", examples)))
        logs = critic_logs | self.update(tape, generator=generator_loss)
        return self.finish_train_step(**logs, wasserstein_distance=tf.negative(distance_loss), gradient_penalty=penalty)

    def discriminate(self, images: tf.Tensor) -> tf.Tensor:
        """Return scores ``[n, 1]``, higher for images that look real; only differences of scores have a meaning."""
        return self.critic(images, training=False)
