"""Noise on the images that the discriminator sees, which decays (instance noise)."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.errors import InputError


@keras.saving.register_keras_serializable("tfgan_models")
@dataclasses.dataclass(frozen=True)
class InputNoise:
    """Gaussian noise on real images and fakes before the discriminator sees them (Sønderby et al. 2016, 1610.04490).

    Without noise, data and fakes can usually be separated perfectly, and the generator then learns nothing from the
    discriminator. With noise their distributions overlap (Arjovsky and Bottou 2017, 1701.04862, section 3). The noise
    decays linearly, so that the generator does not learn to make noisy images.

    Attributes:
        stddev: standard deviation at step 0, in units of images in [-1, 1].
        decay_steps: number of steps until the noise is 0; 0 for noise that does not decay.

    Raises:
        InputError: a value out of its range; ``argument`` is the attribute.
    """

    stddev: float
    decay_steps: int = 0

    def __post_init__(self):
        for name, holds, wanted in (
            ("stddev", 0 < self.stddev < float("inf"), "a standard deviation above 0"),
            ("decay_steps", self.decay_steps >= 0, "a number of steps, or 0 for noise that does not decay"),
        ):
            if not holds:
                raise InputError(f"{name} {getattr(self, name)!r}: give {wanted}", name)

    def level(self, step: int | tf.Tensor) -> tf.Tensor:
        """Return the standard deviation at a step, a float32 scalar."""
        if not self.decay_steps:
            return tf.constant(self.stddev, tf.float32)
        share = tf.cast(step, tf.float32) / self.decay_steps
        return self.stddev * tf.maximum(1.0 - share, 0.0)

    def __call__(self, images: tf.Tensor, noise: tf.Tensor, step: int | tf.Tensor) -> tf.Tensor:
        """Add noise to images.

        Args:
            images: ``[n, ...]``.
            noise: standard normal, of the images' shape.
            step: counted from 0.
        """
        return images + tf.cast(self.level(step) * noise, images.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the attributes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputNoise:
        """Rebuild the noise from ``get_config``."""
        return cls(**config)
