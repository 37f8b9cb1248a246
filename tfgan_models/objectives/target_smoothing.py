"""Tricks with the discriminator's targets: smooth, noisy, flipped. Targets in, targets out.

None of them concerns the generator, whose losses take no target: smoothing there would reward it for standing still
(Salimans et al. 2016, section 3.4, "One-sided label smoothing").
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from tfgan_models.errors import InputError

NOISE = 3  # uniform numbers for each example: of the real target, of the fake one, of the flip


class Targets(NamedTuple):
    """What the discriminator should answer: 1 for real, 0 for fake; each a scalar, or ``[n, 1]``."""

    real: float | tf.Tensor = 1.0
    fake: float | tf.Tensor = 0.0


def one_sided(targets: Targets, real: float = 0.9) -> Targets:
    """Lower the real target and leave the fake one (Salimans et al. 2016, section 3.4).

    A fake target over 0 would give the optimal discriminator a peak where there is no data but fakes.
    """
    return Targets(real * targets.real, targets.fake)


def noisy(targets: Targets, noise: tf.Tensor, width: float) -> Targets:
    """Draw each example's targets, real ones from under theirs and fake ones from over theirs.

    The practitioners' list "How to train a GAN" (Chintala et al. 2016, number 6) draws real targets from 0.7 to 1.2 and
    fake ones from 0 to 0.3: that is a width of 0.5 under 1.2, and 0.3 over 0. Cross-entropy wants targets of at most 1;
    it has no lower bound beyond.

    Args:
        targets: the highest of the real, the lowest of the fake.
        noise: ``[n, 2]``, uniform in [0, 1): for the real target, and for the fake one.
        width: of the ranges.
    """
    return Targets(targets.real - width * noise[:, :1], targets.fake + width * noise[:, 1:2])


def flipped(targets: Targets, flip: bool | tf.Tensor) -> Targets:
    """Exchange real and fake targets where ``flip`` holds; the same flip again gives them back.

    From the same list, number 6: "occasionally flip the labels when training the discriminator".

    Args:
        targets: scalars or ``[n, 1]``.
        flip: a scalar, or ``[n, 1]``.
    """
    real, fake = (tf.convert_to_tensor(target, tf.float32) for target in targets)
    return Targets(tf.where(flip, fake, real), tf.where(flip, real, fake))


@keras.saving.register_keras_serializable("tfgan_models")
@dataclasses.dataclass(frozen=True)
class LabelTricks:
    """Which tricks a discriminator is trained with; without arguments none.

    Attributes:
        real: the real target, 0.9 for one-sided smoothing; the highest of them where there is noise.
        noise: how far targets are drawn from theirs, see ``noisy``.
        flip_every: of so many steps the last ``flip_steps`` flip the labels; 0 for never.
        flip_steps: see ``flip_every``.
        flip_chance: of each example, to have its labels flipped.
        flip_when_accuracy: flip all labels while the discriminator is right more often than this; None for never. That
            ends by itself, as the labels make it worse.

    Raises:
        InputError: a value out of its range.
    """

    real: float = 1.0
    noise: float = 0.0
    flip_every: int = 0
    flip_steps: int = 1
    flip_chance: float = 0.0
    flip_when_accuracy: float | None = None

    def __post_init__(self):
        steps = range(1, max(self.flip_every, 1) + 1)
        for name, holds, wanted in (
            ("real", self.real > 0, "a target over 0, such as 0.9"),
            ("noise", 0 <= self.noise <= self.real, f"a width from 0 to {self.real}"),
            ("flip_every", self.flip_every >= 0, "a number of steps, or 0 for never"),
            (
                "flip_steps",
                self.flip_steps in steps,
                f"1 to {len(steps)}, at most flip_every, which is {self.flip_every}",
            ),
            ("flip_chance", 0 <= self.flip_chance <= 1, "a chance from 0 to 1"),
            ("flip_when_accuracy", 0 <= (self.flip_when_accuracy or 0) <= 1, "an accuracy from 0 to 1"),
        ):
            if not holds:
                raise InputError(f"{name} {getattr(self, name)!r}: give {wanted}", name)

    def too_strong(self, accuracy: tf.Tensor) -> tf.Tensor:
        """Whether labels should flip for a discriminator's running accuracy, measured against unflipped labels."""
        limit = 1.0 if self.flip_when_accuracy is None else self.flip_when_accuracy
        return accuracy > limit

    def targets(self, step: int | tf.Tensor, noise: tf.Tensor, strong: bool | tf.Tensor = False) -> Targets:
        """The targets of a step, a pure function of the arguments.

        Args:
            step: counted from 0.
            noise: ``[n, NOISE]``, uniform in [0, 1).
            strong: a scalar, the same on all replicas: the discriminator is too strong, see ``too_strong``.

        Returns:
            Targets that are plain numbers where they need no tensor, so that losses can refuse them.
        """
        targets = one_sided(Targets(), self.real)
        if self.noise:
            targets = noisy(targets, noise[:, :2], self.noise)
        flips: list[bool | tf.Tensor] = []
        if self.flip_every:
            phase = step % self.flip_every if isinstance(step, int) else tf.math.floormod(step, self.flip_every)
            flips.append(phase >= self.flip_every - self.flip_steps)
        if self.flip_chance:
            flips.append(noise[:, 2:] < self.flip_chance)
        if self.flip_when_accuracy is not None:
            flips.append(strong)
        for i, flip in enumerate(flips):
            flips[i] = flip if i == 0 else tf.logical_or(flips[i - 1], flip)
        return flipped(targets, flips[-1]) if flips else targets

    def get_config(self) -> dict[str, Any]:
        """The attributes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LabelTricks:
        """Rebuild the tricks that ``get_config`` described."""
        return cls(**config)
