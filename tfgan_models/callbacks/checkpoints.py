"""Save a checkpoint at the end of epochs."""

from __future__ import annotations

import os

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.training import checkpoint


class Checkpoints(ModelCallback):
    """Save a checkpoint at the end of every epoch or of every few, and of the last one, with the logs of its steps.

    Place it before the callbacks that draw and measure, since these may run out of memory.

    Args:
        folder: folder of the run's checkpoints.
        keep: number of newest checkpoints to keep.
        every: epochs from one checkpoint to the next.
    """

    def __init__(self, folder: str | os.PathLike, keep: int = 3, every: int = 1):
        super().__init__()
        self.folder = folder
        self.keep = keep
        self.every = every
        self._unsaved: tuple[int, dict | None] | None = None

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Save a checkpoint, named by the number of completed epochs; ``epoch`` counts from 0."""
        self._unsaved = epoch + 1, logs
        if self.is_due(epoch, self.every):
            self._save()

    def on_train_end(self, logs: dict | None = None) -> None:
        """Save a checkpoint of the last epoch if a later callback stopped the training in it."""
        if getattr(self.model, "stop_training", False):
            self._save()

    def _save(self) -> None:
        if self._unsaved is not None:
            epochs_done, logs = self._unsaved
            checkpoint.save(self.model, self.folder, epochs_done, self.keep, logs)
        self._unsaved = None
