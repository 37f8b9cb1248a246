"""Flags of models whose networks grow while they are trained."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from tfgan_models.training.flag_rules import Above, AtLeast, AtMost, Needs


def _grows_in_depth(model: GrowingFlags) -> bool:
    return model.grow_depth is not None


@dataclasses.dataclass(kw_only=True)
class GrowingFlags:
    """Stages of growing networks, with the images or in depth."""

    grow_from: Annotated[int | None, Above(0)] = None
    """Start with images of this side and small networks, and double both, stage by stage, up to --image_size, such as
    8, 16 and 32 pixels for 8, or 20, 40, 80 and 160 for 20. New layers fade in; weights and optimizers of the others
    go on. dcgan only."""
    grow_depth: Annotated[int | None, Above(0), AtMost(64)] = None
    """Start with the usual networks, and add so many residual blocks to each, one between each two stages. A block
    keeps the size of its maps, and begins as the identity. dcgan only."""
    epochs_per_stage: Annotated[
        int, AtLeast(0), Needs("grow_from", "give --grow_from or --grow_depth, too", unless=_grows_in_depth)
    ] = 4
    """Epochs of each stage of --grow_from or --grow_depth but the last, which has the rest of --epochs. With 0, all
    blocks of --grow_depth are there from the start."""
    fade_epochs: Annotated[
        int, Above(0), Needs("grow_from", "only the layers of --grow_from fade in, remove the flag")
    ] = 1
    """Epochs in which the new layers fade in, at the beginning of each stage but the first."""
