"""Checks of the arguments of a GAN."""

from __future__ import annotations

import keras

from tfgan_models.errors import InputError
from tfgan_models.layers.minibatch_discrimination import discriminates_minibatches
from tfgan_models.objectives import losses
from tfgan_models.objectives.target_smoothing import TargetOptions


def check_arguments(
    loss: str, targets: TargetOptions | None, steps: dict[str, int], concat_real_fake: bool, discriminator: keras.Model
) -> None:
    """Refuse arguments of a GAN that cannot be used, with an ``InputError``."""
    if loss not in losses.GAN_LOSSES:
        raise InputError(f"loss {loss!r}: give one of {', '.join(losses.GAN_LOSSES)}", "loss")
    if loss == "hinge" and targets not in (None, TargetOptions()):
        raise InputError("loss hinge has margins in place of targets: leave out what changes these", "loss")
    for name, number in steps.items():
        if number < 1:
            raise InputError(f"{name} {number}: give 1 or more", name)
    if concat_real_fake and discriminates_minibatches(discriminator):
        raise InputError(
            "concat_real_fake True: minibatch discrimination would compare real images with fakes, give False or use a "
            "discriminator without it",
            "concat_real_fake",
        )
