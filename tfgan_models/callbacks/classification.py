"""The test error of a model that classifies, and what it confuses."""

from __future__ import annotations

import os
from pathlib import Path

import tensorflow as tf

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.data.sources import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.metrics.classification import confusion, error
from tfgan_models.plots.confusion_matrix import draw_confusion
from tfgan_models.plots.tensorboard import show
from tfgan_models.training.ema import ema_model


class Classification(ModelCallback):
    """Add ``test_error`` to an epoch's logs and draw the confusion matrix, with averaged weights where there are some.

    Args:
        test: held-out pictures with labels.
        folder: the run's folder: ``confusion.png`` under it is that of the last epoch.
        writer: TensorBoard's, if the picture should go there too.

    Raises:
        InputError: held-out pictures without labels.
    """

    def __init__(self, test: ImageSet, folder: str | os.PathLike, writer: tf.summary.SummaryWriter | None = None):
        super().__init__()
        if test.labels is None or min(test.labels) < 0:
            raise InputError(f"the held-out pictures of {test.name!r} have no labels to measure the error with")
        self.test = test
        self.folder = Path(folder)
        self.writer = writer

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Classify all held-out pictures."""
        model = ema_model(self.model)
        counts = confusion(lambda images: tf.nest.flatten(model.classify(images))[0], self.test)
        if logs is not None:
            logs["test_error"] = error(counts)
        picture = draw_confusion(counts, self.test.label_names)
        show(picture, self.folder / "confusion.png", epoch, self.writer)
