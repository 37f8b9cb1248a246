"""Work after the checkpoint of an epoch: drawing and measuring, repeated if a run was killed before its end.

An epoch's checkpoint comes first, so that drawing and measuring cannot prevent it. The checkpoint has the logs of the
epoch's steps. A row in ``metrics.csv`` comes last and shows that the epoch is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

    from tfgan_models.models.base import GenerativeModel
    from tfgan_models.training.run_folder import RunFolder


def unfinished_epoch(folder: RunFolder, epochs_done: int) -> dict[str, float] | None:
    """Return the logs of the last epoch if it has a checkpoint but no row; None if it is complete.

    Checkpoints of earlier versions have no logs. They were written after the row.
    """
    from tfgan_models.callbacks.metrics_file import read_rows
    from tfgan_models.training import checkpoint

    if not epochs_done or epochs_done in read_rows(folder.path):
        return None
    return checkpoint.read_logs(folder.checkpoints / f"epoch-{epochs_done:05d}")


def finish_epoch(
    model: GenerativeModel,
    callbacks: Sequence[keras.callbacks.Callback],
    epochs_done: int,
    epochs: int,
    logs: dict[str, float],
) -> None:
    """Do what is left of the last epoch with the restored model, whose weights are those of the epoch's end.

    The row with the steps' logs is written first. If there is too little memory, so that the system kills the process
    here again, the next start goes on with the training.

    Args:
        model: the restored model.
        callbacks: those that draw, measure and write files.
        epochs_done: the number of epochs that are done.
        epochs: the total number of epochs.
        logs: logs of the last epoch's steps.
    """
    import keras

    from tfgan_models.callbacks.metrics_file import MetricsFile

    print(f"finishing epoch {epochs_done}, whose figures and pictures were not written", flush=True)
    # The line of an epoch needs its progress bar, which is gone.
    left = [callback for callback in callbacks if not isinstance(callback, keras.callbacks.ProgbarLogger)]
    watching = keras.callbacks.CallbackList(left, model=model, epochs=epochs)
    watching.on_train_begin()
    watching.on_epoch_begin(epochs_done - 1)
    for callback in left:
        if isinstance(callback, MetricsFile):
            callback.on_epoch_end(epochs_done - 1, logs)
    watching.on_epoch_end(epochs_done - 1, logs)
    watching.on_train_end()
