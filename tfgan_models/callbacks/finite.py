"""Stop a run whose losses are no longer numbers."""

from __future__ import annotations

import keras
import numpy as np

from tfgan_models.errors import NotFinite


class StopIfNotFinite(keras.callbacks.Callback):
    """Raise ``NotFinite`` at the first step whose logs are NaN or infinite, before anything more is saved.

    Of several steps taken at once it looks after the last, whose running means hold what the others logged.
    """

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Remember the epoch for the message."""
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Check the step's logs."""
        bad = [name for name, value in (logs or {}).items() if not np.isfinite(value).all()]
        if bad:
            raise NotFinite(f"{' and '.join(bad)} became not finite by step {batch + 1} of epoch {self.epoch + 1}")
