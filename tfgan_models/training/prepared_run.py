"""A run that is ready to train."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Generic

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
        precision: float32 or bfloat16.
        epochs_done: number of epochs that have a checkpoint or come before one.
        unfinished: logs of the last of these epochs, if an earlier process was killed between its checkpoint and its
            row in ``metrics.csv``; or None.
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
    parent: dict[str, Any] | None = None

    @property
    def is_finished(self) -> bool:
        """Whether all epochs are done, with their rows and pictures."""
        return self.epochs_done >= self.flags.training.epochs and self.unfinished is None
