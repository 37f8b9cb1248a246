"""What a clustering model takes for clusters, and how well they are the classes (Makhzani et al. 2015, section 6)."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.data import pipeline
from tfgan_models.data.pixels import to_float
from tfgan_models.data.sources import ImageSet
from tfgan_models.metrics.clustering import clustering_error, name_clusters, odds
from tfgan_models.models.base import GenerativeModel
from tfgan_models.plots import image_grid
from tfgan_models.plots.tensorboard import show
from tfgan_models.training.ema import ema_model

NAMING, BATCH, COLUMNS = 10_000, 500, 12  # training images that name the clusters; members of each that are shown


class Clusters(ModelCallback):
    """Draw a row for each cluster: its head, then the held-out images that are the surest to belong to it.

    With labels it adds ``test_error`` to an epoch's logs: each cluster has the name of the training image, out of
    10,000, that is the surest to belong to it. The model never sees a label.

    Args:
        train: what names the clusters.
        test: held-out images.
        folder: the run's folder: ``clusters.png`` under it is that of the last epoch.
        writer: TensorBoard's, if the picture should go there too.
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

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Name the clusters, count the mistakes, and draw."""
        model = ema_model(self.model)
        probabilities = _probabilities(model, self.test)
        if logs is not None and self.train.labels is not None and self.test.labels is not None:
            names = name_clusters(*_known(_probabilities(model, self.train), self.train.labels))
            known, labels = _known(probabilities, self.test.labels)
            logs["test_error"] = clustering_error(known, labels, names)
        heads = model.generate(np.eye(model.classes, model.classes + model.style_dim, dtype=np.float32))
        rows, sure = [], odds(probabilities)
        for cluster, head in enumerate(np.asarray(heads)):
            members = np.flatnonzero(probabilities.argmax(1) == cluster)
            surest = members[np.argsort(-sure[members, cluster])[:COLUMNS]]
            rows += [head[np.newaxis], image_grid.filled(to_float(self.test.images[surest]), COLUMNS)]
        picture = image_grid.grid(np.concatenate(rows), COLUMNS + 1)
        show(picture, self.folder / "clusters.png", epoch, self.writer)


def _known(probabilities: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those of images whose label is known, which is 0 or more, and the labels."""
    labels = np.asarray(labels[: len(probabilities)])
    return probabilities[labels >= 0], labels[labels >= 0]


def _probabilities(model: GenerativeModel, data: ImageSet) -> np.ndarray:
    batches = pipeline.ordered(data, BATCH, limit=NAMING)
    return np.concatenate([np.asarray(model.classify(batch["image"])) for batch in batches])
