"""Changes of the discriminator's targets: smooth, noisy, swapped. Targets in, targets out.

They do not concern the generator, whose losses have no target: smoothing there would reward it for standing still
(Salimans et al. 2016, section 3.4, "One-sided label smoothing").
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from tfgan_models.errors import InputError

NOISE = 3  # uniform numbers for each example: for the real target, the fake one, and the swap


class DiscriminatorTargets(NamedTuple):
    """Targets of the discriminator: 1 for real, 0 for fake; each a scalar, or ``[n, 1]``."""

    real: float | tf.Tensor = 1.0
    fake: float | tf.Tensor = 0.0


def smooth_real(targets: DiscriminatorTargets, real: float = 0.9) -> DiscriminatorTargets:
    """Lower the real target and leave the fake one (Salimans et al. 2016, section 3.4).

    A fake target over 0 would give the optimal discriminator a peak where there are fakes and no data.
    """
    return DiscriminatorTargets(real * targets.real, targets.fake)


def add_noise(targets: DiscriminatorTargets, noise: tf.Tensor, width: float) -> DiscriminatorTargets:
    """Draw the targets of each example: real targets from a range below, fake targets from a range above.

    The practitioners' list "How to train a GAN" (Chintala et al. 2016, number 6) draws real targets from 0.7 to 1.2 and
    fake ones from 0 to 0.3: that is a width of 0.5 under 1.2, and 0.3 over 0. Cross-entropy has no lower bound for
    targets over 1.

    Args:
        targets: the highest of the real, the lowest of the fake.
        noise: ``[n, 2]``, uniform in [0, 1): for the real target, and for the fake one.
        width: width of the ranges.
    """
    return DiscriminatorTargets(targets.real - width * noise[:, :1], targets.fake + width * noise[:, 1:2])


def swap(targets: DiscriminatorTargets, condition: bool | tf.Tensor) -> DiscriminatorTargets:
    """Exchange real and fake targets where the condition holds; a second swap restores them.

    From the same list, number 6: "occasionally flip the labels when training the discriminator".

    Args:
        targets: scalars or ``[n, 1]``.
        condition: a scalar, or ``[n, 1]``.
    """
    real, fake = (tf.convert_to_tensor(target, tf.float32) for target in targets)
    return DiscriminatorTargets(tf.where(condition, fake, real), tf.where(condition, real, fake))


# Registered under its former name, with which ``.keras`` files were written.
@keras.saving.register_keras_serializable("tfgan_models", name="LabelTricks")
@dataclasses.dataclass(frozen=True)
class TargetOptions:
    """Options of the discriminator's targets; by default these are 1 and 0.

    Attributes:
        real: the real target, 0.9 for one-sided smoothing; with noise the highest.
        noise: width of the range that targets are drawn from, see ``add_noise``.
        swap_every: period in steps; the last ``swap_steps`` of each period swap real and fake targets. 0 for never.
        swap_steps: see ``swap_every``.
        swap_chance: chance of each example to have its targets swapped.
        fake: the fake target; with noise the lowest. Salimans et al. advise against a target over 0: the optimal
            discriminator is then (real · p_data + fake · p_model) / (p_data + p_model), which is the fake target
            and not 0 where there are fakes and no data, so that these fakes have less reason to move to the data.
        swap_when_accuracy: swap all targets while the discriminator's accuracy is above this; None for never. This ends
            by itself, as the swapped targets make the discriminator worse.

    Raises:
        InputError: a value out of its range; ``argument`` is the attribute.
    """

    real: float = 1.0
    noise: float = 0.0
    swap_every: int = 0
    swap_steps: int = 1
    swap_chance: float = 0.0
    swap_when_accuracy: float | None = None
    fake: float = 0.0

    def __post_init__(self):
        steps = range(1, max(self.swap_every, 1) + 1)
        for name, holds, wanted in (
            ("real", self.real > 0, "a target over 0, such as 0.9"),
            ("fake", 0 <= self.fake < self.real, f"a target from 0 to less than {self.real}, such as 0.1"),
            ("noise", 0 <= self.noise <= self.real, f"a width from 0 to {self.real}"),
            ("swap_every", self.swap_every >= 0, "a number of steps, or 0 for never"),
            (
                "swap_steps",
                self.swap_steps in steps,
                f"1 to {len(steps)}, at most the period, which is {self.swap_every}",
            ),
            ("swap_chance", 0 <= self.swap_chance <= 1, "a chance from 0 to 1"),
            ("swap_when_accuracy", 0 <= (self.swap_when_accuracy or 0) <= 1, "an accuracy from 0 to 1"),
        ):
            if not holds:
                raise InputError(f"{name} {getattr(self, name)!r}: give {wanted}", name)

    def should_swap(self, accuracy: tf.Tensor) -> tf.Tensor:
        """Return whether a discriminator's running accuracy, measured with true targets, is above the limit."""
        limit = 1.0 if self.swap_when_accuracy is None else self.swap_when_accuracy
        return accuracy > limit

    def targets(
        self, step: int | tf.Tensor, noise: tf.Tensor, strong: bool | tf.Tensor = False
    ) -> DiscriminatorTargets:
        """Targets of a step, a pure function of the arguments.

        Args:
            step: counted from 0.
            noise: ``[n, NOISE]``, uniform in [0, 1).
            strong: a scalar, the same on all replicas: the discriminator is too strong, see ``should_swap``.

        Returns:
            Targets that are plain numbers where they need no tensor, so that losses can refuse them.
        """
        targets = smooth_real(DiscriminatorTargets(fake=self.fake), self.real)
        if self.noise:
            targets = add_noise(targets, noise[:, :2], self.noise)
        conditions: list[bool | tf.Tensor] = []
        if self.swap_every:
            phase = step % self.swap_every if isinstance(step, int) else tf.math.floormod(step, self.swap_every)
            conditions.append(phase >= self.swap_every - self.swap_steps)
        if self.swap_chance:
            conditions.append(noise[:, 2:] < self.swap_chance)
        if self.swap_when_accuracy is not None:
            conditions.append(strong)
        if not conditions:
            return targets
        condition = conditions[0]
        for other in conditions[1:]:
            condition = tf.logical_or(condition, other)
        return swap(targets, condition)

    def get_config(self) -> dict[str, Any]:
        """The attributes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> TargetOptions:
        """Rebuild the options from ``get_config``, or from that of earlier versions, which said flip for swap."""
        return cls(**{name.replace("flip_", "swap_"): value for name, value in config.items()})
