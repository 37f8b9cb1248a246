"""Flags of a GAN's training step: how often and in which order its players move, and past fakes."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from tfgan_models.training.flag_rules import Above, AtLeast, AtMost, Needs


@dataclasses.dataclass(kw_only=True)
class GANStepFlags:
    """The order and the number of the players' steps, and the fakes that the discriminator learns from."""

    generator_steps: Annotated[int, Above(0)] = 1
    """Generator steps for each --discriminator_steps, each on new noise. More than the discriminator's often lead to
    mode collapse."""
    sequential_updates: bool = False
    """Update the discriminator first, and then the generator on new noise, as in Algorithm 1 of Goodfellow et al. By
    default both are updated at the same time, with the same noise."""
    replay_buffer: Annotated[int, AtLeast(0)] = 0
    """Number of past fakes that are kept, of which the discriminator sees some again, such as 10000; 0 disables it.
    They take memory and are in each checkpoint: a fake of 32 pixels and three channels has 12 kB."""
    replay_share: Annotated[float, Above(0), AtMost(1), Needs("replay_buffer")] = 0.5
    """Share of the discriminator's fakes that come from --replay_buffer."""


def step_options(config: GANStepFlags) -> dict[str, Any]:
    """The arguments of the model."""
    from tfgan_models import Replay

    return {
        "generator_steps": config.generator_steps,
        "sequential_updates": config.sequential_updates,
        "replay": Replay(config.replay_buffer, config.replay_share) if config.replay_buffer else None,
    }
