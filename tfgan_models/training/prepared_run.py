"""A run that is ready to train."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Generic

from tfgan_models.training.growing import Phase
from tfgan_models.training.recipe import F, Recipe

if TYPE_CHECKING:
    import tensorflow as tf

    from tfgan_models.data.sources import ImageSet
    from tfgan_models.models.base import GenerativeModel
    from tfgan_models.training.run_folder import RunFolder


@dataclasses.dataclass(frozen=True)
class PreparedRun(Generic[F]):
    """A run that is ready to train.

    Attributes:
        recipe: the algorithm.
        flags: flags of the run, with ``steps_per_epoch`` set.
        model: compiled model, with the weights of the newest checkpoint.
        train: training set.
        test: held-out set.
        folder: folder of the run.
        strategy: TensorFlow's distribution strategy.
        precision: float32, bfloat16 or float16.
        epochs_done: number of epochs that have a checkpoint or come before one.
        unfinished: logs of the last of these epochs, if an earlier process was killed between its checkpoint and its
            row in ``metrics.csv``; or None.
        exhausted: whether ``--patience`` has ended the run.
        phase: the epochs that train this model, if the networks grow; None if it trains in all epochs.
        parent: the model that the run has started from, as ``warm_start.begin`` describes it; or None.
    """

    recipe: Recipe[F]
    flags: F
    model: GenerativeModel
    train: ImageSet
    test: ImageSet
    folder: RunFolder
    strategy: tf.distribute.Strategy
    precision: str
    epochs_done: int
    unfinished: dict[str, float] | None
    exhausted: bool = False
    parent: dict[str, Any] | None = None
    phase: Phase | None = None

    @property
    def last_epoch(self) -> int:
        """The number of epochs when the training of this model ends."""
        return self.phase.end if self.phase else self.flags.training.epochs

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to train, and all epochs have their rows and pictures."""
        done = self.exhausted or self.epochs_done >= self.flags.training.epochs
        return self.flags.best.export_epoch is not None or (done and self.unfinished is None)

    @property
    def reason(self) -> str:
        """The line of a run that is finished: why, and what to do to go on."""
        if self.flags.best.export_epoch is not None:
            return f"{self.folder.path} has {self.epochs_done} epochs, and trains no more with --export_epoch"
        if self.exhausted:
            return (
                f"{self.folder.path} was stopped by --patience {self.flags.best.patience} after {self.epochs_done} "
                "epochs: raise --patience, or start over with --no-resume"
            )
        return (
            f"{self.folder.path} is finished after {self.epochs_done} epochs: raise --epochs, or start over with "
            "--no-resume"
        )
