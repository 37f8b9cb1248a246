"""Write a checkpoint at the end of every epoch."""

from __future__ import annotations

import os

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.training import checkpoint


class Checkpoints(ModelCallback):
    """``checkpoint.save`` at every epoch's end.

    Args:
        folder: the run's checkpoints.
        keep: how many to keep.
    """

    def __init__(self, folder: str | os.PathLike, keep: int = 3):
        super().__init__()
        self.folder = folder
        self.keep = keep

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Save; ``epoch`` counts from 0, a checkpoint's name says how many are finished."""
        checkpoint.save(self.model, self.folder, epoch + 1, self.keep)
