"""Projection of pictures into the latent space of a generator, by gradient descent (Karras et al. 2020, 1912.04958).

The method is that of StyleGAN2's appendix D: Adam moves a latent so that its image comes near the picture. Noise is
added to the latent, which helps it to leave poor places, and vanishes during the first three quarters. The learning
rate rises at the beginning, and falls to 0 at the end. Instead of the mean latent, the descent starts from several
latents, and the best result counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.objectives import refinement

NOISE, NOISE_ENDS = 0.05, 0.75  # deviation of the noise, relative to that of latents; share of the steps

Network = Callable[[tf.Tensor], tf.Tensor]


@dataclasses.dataclass(frozen=True)
class Descent:
    """Settings of the descent.

    Attributes:
        steps: number of steps for each picture.
        learning_rate: of Adam, relative to the standard deviation of latents.
        feature_weight: weight of the distance of features, relative to that of pixels.
        seed: seed of the noise.
        blur: standard deviation in pixels of the Gaussian that blurs the difference of pixels; 0 for none. The error of
            a blurred difference does not count fine texture, which a sharp image rarely has where the picture has it.
    """

    steps: int = 400
    learning_rate: float = refinement.LEARNING_RATE
    feature_weight: float = 0.1
    seed: int = 0
    blur: float = 0.0


@dataclasses.dataclass(frozen=True)
class Projected:
    """The latents of one picture, the best one first.

    Attributes:
        latents: float32 ``[r, d]``.
        losses: float64 ``[r]``, rising.
    """

    latents: np.ndarray
    losses: np.ndarray


class Projector:
    """Projects pictures one after the other.

    Args:
        generate: maps latents ``[r, d]`` to images ``[r, h, w, c]`` in [-1, 1], and can be differentiated.
        deviation: standard deviation of each dimension of latents, ``[d]``; 0 for dimensions that must not move.
        descent: settings.
        features: maps images to features ``[r, f]``; None to compare pixels alone.
    """

    def __init__(self, generate: Network, deviation: np.ndarray, descent: Descent, features: Network | None = None):
        self.generate, self.descent = generate, descent
        self.features = features if descent.feature_weight else None
        self.deviation = tf.constant(deviation, tf.float32)
        self._unit = float(np.mean(deviation[deviation > 0])) if np.any(deviation > 0) else 1.0
        self._optimizer = keras.optimizers.Adam(0.0)
        self._latents: tf.Variable | None = None

    def losses(self, latents: tf.Tensor, picture: tf.Tensor) -> tf.Tensor:
        """Loss of each latent, ``[r]``: the mean squared error of pixels, plus that of features.

        The picture is one for all latents, ``[h, w, c]``, or one for each, ``[r, h, w, c]``. The error of features is
        divided by the mean square of the picture's features.
        """
        images = self.generate(latents)
        losses = tf.reduce_mean(tf.square(refinement.blurred(images - picture, self.descent.blur)), (1, 2, 3))
        if self.features is None:
            return losses
        wanted = self.features(picture if len(picture.shape) == 4 else picture[tf.newaxis])
        distances = tf.reduce_mean(tf.math.squared_difference(self.features(images), wanted), 1)
        return losses + self.descent.feature_weight * distances / (tf.reduce_mean(tf.square(wanted), 1) + 1e-8)

    def __call__(
        self, picture: np.ndarray, starts: np.ndarray, after_step: Callable[[], object] = lambda: None
    ) -> Projected:
        """Project a picture.

        Args:
            picture: ``[h, w, c]`` in [-1, 1].
            starts: latents to start from, ``[r, d]``. Equal for all pictures in number.
            after_step: called after each step, for a progress bar.

        Raises:
            InputError: starts do not have the size of a latent, or their number changes between calls.
        """
        latents = self._descend(picture, starts, after_step)
        losses = self.losses(latents, tf.constant(picture, tf.float32)).numpy().astype(np.float64)
        order = np.argsort(losses, kind="stable")
        return Projected(latents.numpy()[order], losses[order])

    def refine(
        self, pictures: np.ndarray, codes: np.ndarray, after_step: Callable[[], object] = lambda: None
    ) -> np.ndarray:
        """Move the code of each picture so that its image comes nearer to the picture (Kim et al. 2018, 1802.02550).

        An encoder finds codes in one step for all pictures, and mostly not the best ones.

        Args:
            pictures: ``[r, h, w, c]`` in [-1, 1].
            codes: an encoder's codes of the pictures, ``[r, d]``. Equal for all calls in number.
            after_step: called after each step, for a progress bar.

        Returns:
            float32 ``[r, d]``, in the order of the pictures.

        Raises:
            InputError: as of a call.
        """
        return self._descend(pictures, codes, after_step).numpy()

    def _descend(self, target: np.ndarray, starts: np.ndarray, after_step: Callable[[], object]) -> tf.Tensor:
        """The latents after all steps."""
        if starts.ndim != 2 or starts.shape[1] != self.deviation.shape[0]:
            raise InputError(f"starts of shape {list(starts.shape)}: give [r, {self.deviation.shape[0]}]", "starts")
        if self._latents is None:
            self._latents = tf.Variable(tf.constant(starts, tf.float32), name="latents")
            self._optimizer.build([self._latents])
        latents = self._latents
        if latents.shape[0] != len(starts):
            raise InputError(f"starts: give {latents.shape[0]} as before, not {len(starts)}", "starts")
        latents.assign(starts)
        for variable in self._optimizer.variables:
            variable.assign(tf.zeros_like(variable))
        picture = tf.constant(target, tf.float32)
        for step in range(self.descent.steps):
            progress = step / self.descent.steps
            factor = refinement.rate(step, self.descent.steps)
            self._optimizer.learning_rate = self.descent.learning_rate * self._unit * factor
            noise = NOISE * max(0.0, 1 - progress / NOISE_ENDS) ** 2
            self._step(picture, tf.constant(noise, tf.float32), tf.constant([self.descent.seed, step]))
            after_step()
        return tf.convert_to_tensor(latents)

    @tf.function(jit_compile=False)
    def _step(self, picture: tf.Tensor, noise: tf.Tensor, seed: tf.Tensor) -> None:
        """Move the latents by one step."""
        latents = self._latents
        assert latents is not None
        moved = noise * self.deviation * tf.random.stateless_normal(tf.shape(latents), seed)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(self.losses(latents + moved, picture))
        gradient: Any = tape.gradient(loss, latents)
        self._optimizer.apply([tf.where(self.deviation > 0, gradient, 0.0)], [latents])
