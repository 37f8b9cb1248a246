"""Flags of models whose networks grow with the images."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from tfgan_models.training.flag_rules import Above, Needs


@dataclasses.dataclass(kw_only=True)
class GrowingFlags:
    """Stages of growing images."""

    grow_from: Annotated[int | None, Above(0)] = None
    """Start with images of this side and small networks, and double both, stage by stage, up to --image_size, such as
    8, 16 and 32 pixels for 8. New layers fade in; weights and optimizers of the others go on. dcgan only."""
    epochs_per_stage: Annotated[int, Above(0), Needs("grow_from")] = 4
    """Epochs of each stage of --grow_from but the last, which has the rest of --epochs."""
    fade_epochs: Annotated[int, Above(0), Needs("grow_from")] = 1
    """Epochs in which the new layers fade in, at the beginning of each stage but the first."""
