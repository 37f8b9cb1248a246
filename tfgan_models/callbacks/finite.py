"""Stop a run whose losses are NaN or infinite."""

from __future__ import annotations

import keras
import numpy as np

from tfgan_models.errors import NotFinite


class StopIfNotFinite(keras.callbacks.Callback):
    """Raise ``NotFinite`` at the first step whose logs are NaN or infinite, before anything else is saved.

    With several steps per execution it checks after the last one, whose running means include the others' logs.
    """

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Remember the epoch for the message."""
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Check the step's logs."""
        bad = [name for name, value in (logs or {}).items() if not np.isfinite(value).all()]
        if bad:
            raise NotFinite(f"{' and '.join(bad)} became not finite by step {batch + 1} of epoch {self.epoch + 1}")
