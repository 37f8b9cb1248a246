"""Wasserstein GAN (Arjovsky et al. 2017, 1701.07875)."""

from __future__ import annotations

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfgan_models import losses, priors, regularizers
from tfgan_models.base import GenerativeModel


@keras.saving.register_keras_serializable("tfgan_models")
class WGAN(GenerativeModel):
    """A generator that lowers the Wasserstein distance, as a critic with clipped weights estimates it.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``.
        critic: images to scores ``[n, 1]``, with no sigmoid.
        critic_steps: the critic's steps before each of the generator's, n_critic in the paper. Each takes its own part
            of a batch, which so has critic_steps times the paper's m images.
        clip: bound on every weight of the critic, c in the paper.
        seed: see ``GenerativeModel``.
    """

    players = {"generator": ("generator",), "critic": ("critic",)}
    logs = ("wasserstein_distance",)

    def __init__(
        self,
        generator: keras.Model,
        critic: keras.Model,
        critic_steps: int = 5,
        clip: float = 0.01,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(seed=seed, name=name)
        self.generator = generator
        self.critic = critic
        self.critic_steps = critic_steps
        self.clip = clip

    @property
    def minibatches(self) -> int:
        """Parts of a batch, each for a step of the critic."""
        return self.critic_steps

    @property
    def prior(self) -> tfp.distributions.Distribution:
        """p(z) = N(0, I)."""
        return priors.standard_gaussian(self.generator.input_shape[-1])

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One iteration of Algorithm 1: the critic's steps, each followed by the clipping, then the generator's."""
        for t in range(self.critic_steps):
            # Every critic_steps-th row: the same images on however many replicas.
            images = batch["image"][t :: self.critic_steps]
            examples = tf.shape(images)[0]
            with tf.GradientTape() as tape:
                latents = self.noise(f"critic-{t}", examples, self.prior.event_shape)
                fakes = self.generator(latents, training=True)
                real_scores = self.critic(images, training=True)
                critic_loss = losses.wasserstein_critic(real_scores, self.critic(fakes, training=True))
            critic_logs = self.update(tape, critic=critic_loss)
            regularizers.clip_weights(self.variables_of("critic"), self.clip)

        with tf.GradientTape() as tape:
            fakes = self.generator(self.noise("generator", examples, self.prior.event_shape), training=True)
            generator_loss = losses.wasserstein_generator(self.critic(fakes, training=True))
        logs = critic_logs | self.update(tape, generator=generator_loss)
        return self.close_step(**logs, wasserstein_distance=-critic_loss)

    def call(self, latents: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Images ``[n, h, w, c]`` of latents."""
        return self.generator(latents, training=training)

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Images of latents."""
        return self.generator(latents, training=False)

    def discriminate(self, images: tf.Tensor) -> tf.Tensor:
        """The critic's scores ``[n, 1]``: the higher, the more like the data; they have no zero."""
        return self.critic(images, training=False)
