"""Flags of a start from another model, and of the epoch that a run exports."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from tfgan_models.training.flag_rules import AtLeast, Needs
from tfgan_models.training.path_flags import IsPath


@dataclasses.dataclass(kw_only=True)
class Start:
    """Start from the weights of another model."""

    init_from: Annotated[str | None, IsPath()] = None
    """Start with the weights of a run, runs/x, of one of its checkpoints, of an export, saved_models/x/1, or of a
    .keras file. Layers that have the same place, kind and shape are taken. Optimizers and epochs start afresh."""
    freeze: Annotated[
        int,
        AtLeast(0),
        Needs("init_from", "it would hold layers that have learned nothing: add --init_from, or remove it"),
    ] = 0
    """Number of the discriminator's first layers that are held: their weights and statistics stay those of
    --init_from. Normalizations count with the layer before them."""
