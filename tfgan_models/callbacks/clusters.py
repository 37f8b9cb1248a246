"""Clusters of a clustering model and their agreement with the classes (Makhzani et al. 2015, section 6)."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.callbacks.out_of_memory import warn_if_out_of_memory
from tfgan_models.data import pipeline
from tfgan_models.data.image_set import ImageSet
from tfgan_models.latent import parts
from tfgan_models.metrics.clustering import clustering_error, name_clusters, odds
from tfgan_models.models.base import GenerativeModel
from tfgan_models.plots import image_grid
from tfgan_models.plots.tensorboard import save_and_log
from tfgan_models.training.ema import ema_model

NAMING, BATCH, COLUMNS = 10_000, 500, 12  # training images that name the clusters; members drawn of each cluster


class Clusters(ModelCallback):
    """Draw a row for each cluster: its head, then the held-out images with the highest odds of belonging to it.

    With labels it adds ``test_error`` to an epoch's logs: each cluster gets the label of the training image, among
    10,000, with the highest odds. The model itself never sees a label.

    Args:
        train: training images, which name the clusters.
        test: held-out images.
        folder: the run's folder: ``clusters.png`` in it is that of the last epoch.
        writer: summary writer, to show the picture in TensorBoard too.
    """

    def __init__(
        self,
        train: ImageSet,
        test: ImageSet,
        folder: str | os.PathLike,
        writer: tf.summary.SummaryWriter | None = None,
    ):
        super().__init__()
        self.train = train
        self.test = test
        self.folder = Path(folder)
        self.writer = writer

    @warn_if_out_of_memory("the picture of its clusters")
    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Name the clusters, compute the error, and draw if pictures are due."""
        model = ema_model(self.model)
        probabilities = _probabilities(model, self.test)
        error = _error(model, self.train, self.test, probabilities)
        if logs is not None and error is not None:
            logs["test_error"] = error
        if self.draws(epoch):
            self._draw(model, probabilities, epoch)

    def _draw(self, model: GenerativeModel, probabilities: np.ndarray, epoch: int) -> None:
        heads = parts.generate_bytes(model, np.eye(model.classes, model.classes + model.style_dim, dtype=np.float32))
        rows, membership_odds = [], odds(probabilities)
        for cluster, head in enumerate(heads):
            members = np.flatnonzero(probabilities.argmax(1) == cluster)
            surest = members[np.argsort(-membership_odds[members, cluster])[:COLUMNS]]
            rows += [head[np.newaxis], image_grid.filled(self.test.images[surest], COLUMNS)]
        picture = image_grid.grid(np.concatenate(rows), COLUMNS + 1)
        save_and_log(picture, self.folder / "clusters.png", epoch, self.writer)


def cluster_error(model: GenerativeModel, train: ImageSet, test: ImageSet) -> float | None:
    """The error that ``Clusters`` logs; None without labels."""
    model = ema_model(model)
    return _error(model, train, test, _probabilities(model, test))


def _error(model: GenerativeModel, train: ImageSet, test: ImageSet, probabilities: np.ndarray) -> float | None:
    """The error of a model whose probabilities of the held-out images are computed; None without labels."""
    if train.labels is None or test.labels is None:
        return None
    naming = _with_labels(_probabilities(model, train, limit=NAMING), train.labels)
    with_label, labels = _with_labels(probabilities, test.labels)
    if not len(naming[1]) or not len(labels):
        return None
    return clustering_error(with_label, labels, name_clusters(*naming))


def _with_labels(probabilities: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Select the images that have a label, which is 0 or more; return their probabilities and labels."""
    labels = np.asarray(labels[: len(probabilities)])
    return probabilities[labels >= 0], labels[labels >= 0]


def _probabilities(model: GenerativeModel, data: ImageSet, limit: int | None = None) -> np.ndarray:
    batches = pipeline.ordered(data, min(BATCH, model.inference_batch or BATCH), limit=limit)
    return np.concatenate([np.asarray(model.classify(batch["image"])) for batch in batches])
