"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017, 1704.00028)."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_models.models.latent_gan import LatentGAN
from tfgan_models.objectives import losses, penalties
from tfgan_models.objectives.conditions import Condition


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
        condition: makes the GAN conditional, see ``LatentGAN``. A batch then has a ``label`` or ``attributes``. The
            critic compares images with fakes of the same conditions.
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
        condition: Condition | None = None,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(generator, condition, critic, seed=seed, name=name)
        self.critic = critic
        self.critic_steps = critic_steps
        self.penalty_weight = penalty_weight

    @property
    def minibatches(self) -> int:
        """Number of parts of a batch, one for each critic step."""
        return self.critic_steps

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Perform one iteration of Algorithm 1: critic steps, then the generator step."""
        for t in range(self.critic_steps):
            # Every critic_steps-th row, so that the images are the same on any number of replicas.
            part = slice(t, None, self.critic_steps)
            images, conditions = batch["image"][part], self.conditions(batch, part)
            examples = tf.shape(images)[0]
            epsilon = self.noise(f"interpolation-{t}", examples, (1,), tf.random.stateless_uniform)
            with tf.GradientTape() as tape:
                fakes = self.generator(self.latents(f"critic-{t}", examples, conditions), training=True)
                (real_scores, *real_read), (fake_scores, *fake_read) = (
                    self.outputs(self.critic, pictures, conditions) for pictures in (images, fakes)
                )
                distance_loss = losses.wasserstein_critic(real_scores, fake_scores)
                penalty = penalties.gradient_penalty(self.judge(self.critic, conditions), images, fakes, epsilon)
                critic_loss, logs = distance_loss + self.penalty_weight * penalty, {}
                if self.reads_condition:
                    real_loss, fake_loss = (self.auxiliary_loss(conditions, read[0]) for read in (real_read, fake_read))
                    logs["auxiliary_loss"] = real_loss + fake_loss
                    critic_loss += logs["auxiliary_loss"]
            logs |= self.update(tape, critic=critic_loss)

        with tf.GradientTape() as tape:
            latents = self.latents("generator", examples)
            fakes, conditions = self.generator(latents, training=True), self.conditions_of(latents)
            scores, *read = self.outputs(self.critic, fakes, conditions)
            generator_loss = losses.wasserstein_generator(scores)
            if self.reads_condition:
                generator_loss += self.auxiliary_loss(conditions, read[0])
        logs |= self.update(tape, generator=generator_loss)
        return self.finish_train_step(**logs, wasserstein_distance=tf.negative(distance_loss), gradient_penalty=penalty)

    def discriminate(self, images: tf.Tensor, conditions: tf.Tensor | None = None) -> tf.Tensor | list[tf.Tensor]:
        """Return scores ``[n, 1]``, higher for images that look real; only differences of scores have a meaning.

        For conditional models see ``GAN.discriminate``.
        """
        outputs = self.score(self.critic, images, conditions)
        return outputs if len(outputs) > 1 else outputs[0]
