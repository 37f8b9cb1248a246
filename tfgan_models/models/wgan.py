"""Wasserstein GAN (Arjovsky et al. 2017, 1701.07875)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.layers.replicas import assign_where
from tfgan_models.models.latent_gan import LatentGAN, layer_output
from tfgan_models.models.techniques import Penalty, penalized, renamed_arguments
from tfgan_models.objectives import losses


@keras.saving.register_keras_serializable("tfgan_models")
class WGAN(LatentGAN):
    """A generator that minimizes the Wasserstein distance, which a critic with clipped weights estimates.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``.
        critic: images to scores ``[n, 1]``, with no sigmoid.
        critic_steps: critic steps before each generator step, n_critic in the paper. Each uses another part of the
            batch, which therefore has critic_steps times the paper's m images.
        clip: bound on every weight of the critic, c in the paper.
        feature_matching: replace the generator's loss by feature matching: name of the critic's layer whose batch mean
            the generator matches (Salimans et al. 2016, section 3.1).
        real_target: factor on the scores of real images in the critic's loss. A factor of 0.9 lowers the reward for
            high scores, as one-sided smoothing does with targets. Not in the paper.
        penalties: see ``GAN``.
        prior_name: see ``GAN``.
        seed: see ``GenerativeModel``.

    Raises:
        InputError: the critic has no layer of the name ``feature_matching``.
    """

    players = {"generator": ("generator",), "critic": ("critic",)}
    train_metrics = ("wasserstein_distance",)

    def __init__(
        self,
        generator: keras.Model,
        critic: keras.Model,
        critic_steps: int = 5,
        clip: float = 0.01,
        feature_matching: str | None = None,
        real_target: float = 1.0,
        penalties: Sequence[Penalty] = (),
        prior_name: str = "standard_gaussian",
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(generator, prior_name=prior_name, seed=seed, name=name)
        self.critic = critic
        self.critic_steps = critic_steps
        self.clip = clip
        self.feature_matching = feature_matching
        self.real_target = real_target
        self.penalties = tuple(penalties)
        if feature_matching:
            output = layer_output(critic, feature_matching, "critic", "feature_matching")
            self.features = keras.Model(critic.input, output, name="features")
        for penalty in penalties:
            penalty.attach(self)

    @property
    def minibatches(self) -> int:
        """Number of parts of a batch, one for each critic step."""
        return self.critic_steps

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Perform one iteration of Algorithm 1: critic steps, each followed by clipping, then the generator step."""
        for t in range(self.critic_steps):
            # Every critic_steps-th row, so that the images are the same on any number of replicas.
            images = batch["image"][t :: self.critic_steps]
            examples = tf.shape(images)[0]
            with tf.GradientTape() as tape:
                fakes = self.fakes(f"critic-{t}", examples)
                real_scores, fake_scores = self.critic(images, training=True), self.critic(fakes, training=True)
                critic_loss = losses.wasserstein_critic(real_scores, fake_scores, self.real_target)
                critic_loss = penalized(self, "critic", critic_loss, images)
            critic_logs = self.update(tape, critic=critic_loss)
            clip_weights(self.variables_of("critic"), self.clip)

        with tf.GradientTape() as tape:
            fakes = self.fakes("generator", examples)
            if self.feature_matching:
                real_features, fake_features = self.features(images, training=True), self.features(fakes, training=True)
                generator_loss = losses.feature_matching(real_features, fake_features)
            else:
                generator_loss = losses.wasserstein_generator(self.critic(fakes, training=True))
            generator_loss = penalized(self, "generator", generator_loss, images)
        logs = critic_logs | self.update(tape, generator=generator_loss)
        return self.finish_train_step(**logs, wasserstein_distance=-losses.wasserstein_critic(real_scores, fake_scores))

    def discriminate(self, images: tf.Tensor) -> tf.Tensor:
        """Return scores ``[n, 1]``, higher for images that look real; only differences of scores have a meaning."""
        return self.critic(images, training=False)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> WGAN:
        """Rebuild the model from ``get_config``, also from that of earlier versions."""
        return super().from_config(renamed_arguments(config), custom_objects)


def clip_weights(variables: Sequence[keras.Variable], limit: float) -> None:
    """Clip every weight to [−limit, limit], after a critic step (Arjovsky et al. 2017, Algorithm 1: c = 0.01)."""
    assign_where(tf.constant(True), variables, [tf.clip_by_value(v.value, -limit, limit) for v in variables])
