"""The latent space of an adversarial autoencoder as pictures, at the end of every epoch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import numpy as np
import tensorflow as tf

from tfgan_models import latent
from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.data import pipeline
from tfgan_models.data.sources import ImageSet
from tfgan_models.models.base import GenerativeModel
from tfgan_models.plots import image_grid, latent_map
from tfgan_models.plots.tensorboard import show
from tfgan_models.protocols import HasHeads
from tfgan_models.training.ema import ema_model

CODES, BATCH = 10_000, 100  # of a universal posterior each image is encoded 16 times


class LatentSpace(ModelCallback):
    """Draw where held-out images lie, and what lies all over the prior; of codes of two dimensions.

    Args:
        test: held-out images, with labels where there are some.
        folder: the run's folder: ``latent_space.png`` and ``manifold.png`` under it are those of the last epoch.
        writer: TensorBoard's, if pictures should go there too.
    """

    def __init__(self, test: ImageSet, folder: str | os.PathLike, writer: tf.summary.SummaryWriter | None = None):
        super().__init__()
        self.test = test
        self.folder = Path(folder)
        self.writer = writer

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Draw them."""
        model = ema_model(self.model)
        codes, labels = encoded(model, self.test)
        headed = _with_heads(model)
        prior = model.prior if headed is None else headed.representation_prior
        shown = latent_map.Map(f"{len(codes)} held-out images", codes, labels, prior)
        drawn = {"latent_space": latent_map.draw([shown], self.test.label_names)}
        ways = latent.manifold(model.prior)
        if ways is not None:
            images = np.asarray(model.generate(ways.reshape(-1, ways.shape[-1])))
            drawn["manifold"] = image_grid.grid(images, ways.shape[1])
        for kind, picture in drawn.items():
            show(picture, self.folder / f"{kind}.png", epoch, self.writer)


def encoded(model: GenerativeModel, data: ImageSet) -> tuple[np.ndarray, np.ndarray | None]:
    """A code of each of at most 10,000 images, drawn from its posterior ``[n, latent_dim]``, and the labels ``[n]``.

    Of a model with cluster heads it is the representation, where class and style lie in one space.
    """
    parts, headed = [], _with_heads(model)
    for i, batch in enumerate(pipeline.ordered(data, BATCH, limit=CODES)):
        image = batch["image"]
        parts.append(model.encode(image).sample(seed=(0, i)) if headed is None else headed.represent(image))
    codes = np.concatenate(parts)
    return codes, None if data.labels is None else np.asarray(data.labels[: len(codes)])


def _with_heads(model: GenerativeModel) -> HasHeads | None:
    """The model, where it has cluster heads."""
    return None if getattr(model, "heads", None) is None else cast(HasHeads, model)
