"""Flags of a GAN's training step: how often and in which order its players move."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from tfgan_models.training.flag_rules import Above


@dataclasses.dataclass(kw_only=True)
class GANStepFlags:
    """The order and the number of the players' steps."""

    generator_steps: Annotated[int, Above(0)] = 1
    """Generator steps for each --discriminator_steps, each on new noise. More than the discriminator's often lead to
    mode collapse."""
    sequential_updates: bool = False
    """Update the discriminator first, and then the generator on new noise, as in Algorithm 1 of Goodfellow et al. By
    default both are updated at the same time, with the same noise."""


def step_options(config: GANStepFlags) -> dict[str, Any]:
    """The arguments of the model."""
    return {"generator_steps": config.generator_steps, "sequential_updates": config.sequential_updates}
