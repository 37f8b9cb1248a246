"""The flags for the files of a run, its checkpoints and its measurements."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from tfgan_models.training.flag_rules import Above, AtLeast, MayChange, Needs
from tfgan_models.training.path_flags import IsPath


@dataclasses.dataclass(kw_only=True)
class Output:
    """Files of the run, checkpoints and measurements."""

    run_dir: Annotated[str | None, IsPath(), MayChange()] = None
    """Folder for metrics, pictures, checkpoints and TensorBoard logs; runs/<algorithm>-<dataset> by default."""
    export_dir: Annotated[
        str | None,
        IsPath(),
        Needs("export", "it has no effect with --no-export, remove one of them"),
        MayChange(),
    ] = None
    """Folder for the SavedModel's versions; saved_models/<algorithm> by default."""
    export: Annotated[bool, MayChange()] = True
    """Write a SavedModel at the end. With --no-export, the run ends with its checkpoints. To export later, run the same
    command without --no-export."""
    resume: Annotated[bool, MayChange()] = True
    """Resume the run in --run_dir. --no-resume starts over and moves the old run to another folder."""
    keep_checkpoints: Annotated[int, Above(0), MayChange()] = 3
    """Number of checkpoints to keep."""
    checkpoint_every: Annotated[int, Above(0), MayChange()] = 1
    """Write a checkpoint every this many epochs, and at the end. A run that was cut short resumes from the last one."""
    pictures_every: Annotated[int, Above(0), MayChange()] = 1
    """Draw samples, reconstructions and figures every this many epochs, and at the end."""
    health: Annotated[bool, MayChange()] = True
    """Warn if samples become alike, the discriminator always wins, or gradients explode or vanish."""
    stop_on_collapse: Annotated[
        bool,
        Needs("health", "it needs the health monitor, remove --no-health"),
        MayChange(),
    ] = False
    """Stop the run with exit code 1 if samples become alike."""
    sampler: Annotated[Literal["codes", "prior"] | None, MayChange()] = None
    """Source of the latents for pictures, health checks and metrics. codes: a Gaussian mixture fitted to the codes of
    training images, the default of models that support it; prior: p(z), the default of other models."""
    evaluate_every: Annotated[int | None, Above(0), MayChange()] = None
    """Compute the metrics of tfgan evaluate every N epochs; never by default."""
    evaluation_samples: Annotated[
        int,
        AtLeast(20, "give at least 20"),
        Needs("evaluate_every", "it has no effect without --evaluate_every: remove it or add --evaluate_every"),
        MayChange(),
    ] = 2_000
    """Number of samples for --evaluate_every."""
    histograms: Annotated[bool, MayChange()] = False
    """Write histograms of all weights for TensorBoard at every epoch."""
    log_every: Annotated[int, Above(0), MayChange()] = 50
    """Steps between two points of a curve in TensorBoard. Each point is a mean over these steps."""
    verbose: Annotated[Literal[0, 1, 2], MayChange()] = 1
    """0: only results and warnings; 1: a progress bar on a terminal, otherwise a line for each epoch; 2: always a line
    for each epoch."""
