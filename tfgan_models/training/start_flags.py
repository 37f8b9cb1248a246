"""Flags of a start from another model, and of the epoch that a run exports."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from tfgan_models.metrics.direction import CHOICES, can_choose
from tfgan_models.training.flag_rules import Above, AtLeast, MayChange, Needs, refusal
from tfgan_models.training.path_flags import ComparedByContent, IsPath


@dataclasses.dataclass(kw_only=True)
class Start:
    """Start from the weights of another model."""

    init_from: Annotated[str | None, IsPath(), ComparedByContent()] = None
    """Start with the weights of a run, runs/x, of one of its checkpoints, of an export, saved_models/x/1, or of a
    .keras file. Layers that have the same place, kind and shape are taken. Optimizers and epochs start afresh."""
    freeze: Annotated[
        int,
        AtLeast(0),
        Needs("init_from", "it would hold layers that have learned nothing: add --init_from, or remove it"),
    ] = 0
    """Number of the discriminator's first layers that are held: their weights and statistics stay those of
    --init_from. Normalizations count with the layer before them."""


@dataclasses.dataclass(kw_only=True)
class Best:
    """The epoch that is exported, and an early end."""

    keep_best: Annotated[str | None, MayChange()] = None
    """Keep the checkpoint of the best epoch by a figure of metrics.csv, and export it instead of the last one:
    val_pixel_error, test_error, or with --evaluate_every samples/frechet_distance and the like."""
    patience: Annotated[int | None, Above(0), Needs("keep_best"), MayChange()] = None
    """Stop after this many epochs without a better figure of --keep_best; never by default."""
    export_epoch: Annotated[int | None, Above(0), MayChange()] = None
    """Do not train: export this epoch of the run, which must still have a checkpoint."""


def check(flags: Any) -> None:
    """Refuse flags of the best epoch that contradict other flags.

    Args:
        flags: flags of a run, with all groups.

    Raises:
        InputError: a flag cannot be.
    """
    figure = flags.best.keep_best
    if figure is not None:
        if not can_choose(figure):
            raise refusal("keep_best", figure, f"choose one of {', '.join(CHOICES)}")
        if "/" in figure:
            every, epochs = flags.output.evaluate_every, flags.training.epochs
            if not every:
                raise refusal("keep_best", figure, "it is measured by evaluations only, add --evaluate_every")
            if every > epochs and not flags.best.export_epoch:
                raise refusal("evaluate_every", every, f"--keep_best {figure} needs an evaluation in {epochs} epochs")
    if flags.best.patience and flags.training.strategy == "multi_worker":
        raise refusal("patience", flags.best.patience, "workers do not know each other's figures, remove the flag")
    if flags.best.export_epoch and not flags.output.export:
        raise refusal("export_epoch", flags.best.export_epoch, "it has no effect with --no-export, remove one of them")
    if flags.best.export_epoch and not flags.output.resume:
        raise refusal("export_epoch", flags.best.export_epoch, "--no-resume starts over, remove one of them")
