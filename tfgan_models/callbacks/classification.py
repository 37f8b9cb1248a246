"""Test error and confusion matrix of a classifying model."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.callbacks.out_of_memory import warn_if_out_of_memory
from tfgan_models.data.image_set import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.metrics.classification import BATCH, confusion_matrix, error_rate
from tfgan_models.models.base import GenerativeModel
from tfgan_models.plots.class_names import write_legend
from tfgan_models.plots.confusion_matrix import draw_confusion
from tfgan_models.plots.tensorboard import save_and_log
from tfgan_models.training.ema import ema_model


class Classification(ModelCallback):
    """Add ``test_error`` to an epoch's logs and draw the confusion matrix, with averaged weights if the model has them.

    Args:
        test: held-out images; those without a label do not count.
        folder: the run's folder: ``confusion.png`` in it is that of the last epoch.
        writer: summary writer, to show the picture in TensorBoard too.

    Raises:
        InputError: no held-out image has a label.
    """

    def __init__(self, test: ImageSet, folder: str | os.PathLike, writer: tf.summary.SummaryWriter | None = None):
        super().__init__()
        check_labels(test)
        self.test = test
        self.folder = Path(folder)
        self.writer = writer

    @warn_if_out_of_memory("its test error and confusion matrix")
    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Classify all held-out images, and draw if pictures are due."""
        counts = confusions(self.model, self.test)
        if logs is not None:
            logs["test_error"] = error_rate(counts)
        if not self.draws(epoch):
            return
        write_legend(self.test.label_names, self.folder)
        picture = draw_confusion(counts, self.test.label_names)
        save_and_log(picture, self.folder / "confusion.png", epoch, self.writer)


def check_labels(test: ImageSet) -> None:
    """Refuse held-out images without labels.

    Raises:
        InputError: no image has a label.
    """
    if test.labels is None or max(test.labels) < 0:
        raise InputError(
            f"the held-out pictures of {test.name!r} have no labels to measure the error with: sort some of them into "
            "folders of the classes, or move them away and a tenth of the training pictures is held out"
        )


def confusions(model: GenerativeModel, test: ImageSet) -> np.ndarray:
    """The confusion matrix of a model on held-out images, with averaged weights if it has them."""
    model = ema_model(model)
    size = min(BATCH, model.inference_batch or BATCH)
    return confusion_matrix(lambda images: tf.nest.flatten(model.classify(images))[0], test, size)
