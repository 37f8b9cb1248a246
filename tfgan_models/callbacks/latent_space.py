"""Draw the latent space of an adversarial autoencoder at the end of every epoch."""

from __future__ import annotations

import os
from pathlib import Path

import tensorflow as tf

from tfgan_models import latent
from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.callbacks.out_of_memory import warn_if_out_of_memory
from tfgan_models.data.image_set import ImageSet
from tfgan_models.latent import parts
from tfgan_models.latent.encoding import encode_set, with_heads
from tfgan_models.plots import image_grid, latent_map
from tfgan_models.plots.class_names import write_legend
from tfgan_models.plots.tensorboard import save_and_log
from tfgan_models.training.ema import ema_model


class LatentSpace(ModelCallback):
    """Draw the codes of held-out images, and images of codes all over the prior, in two dimensions.

    Args:
        test: held-out images, optionally with labels.
        folder: the run's folder: ``latent_space.png`` and ``manifold.png`` in it are those of the last epoch.
        writer: summary writer, to show the pictures in TensorBoard too.
    """

    def __init__(self, test: ImageSet, folder: str | os.PathLike, writer: tf.summary.SummaryWriter | None = None):
        super().__init__()
        self.test = test
        self.folder = Path(folder)
        self.writer = writer

    @warn_if_out_of_memory("the pictures of its latent space")
    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Draw both pictures if they are due."""
        if not self.draws(epoch):
            return
        model = ema_model(self.model)
        codes, labels = encode_set(model, self.test)
        headed = with_heads(model)
        prior = model.prior if headed is None else headed.representation_prior
        panel = latent_map.Panel(f"{len(codes)} held-out images", codes, labels, prior)
        pictures = {"latent_space": latent_map.draw([panel], self.test.label_names)}
        write_legend(self.test.label_names, self.folder)
        grid = latent.manifold(model.prior)
        if grid is not None:
            images = parts.generate_bytes(model, grid.reshape(-1, grid.shape[-1]))
            pictures["manifold"] = image_grid.grid(images, grid.shape[1])
        for kind, picture in pictures.items():
            save_and_log(picture, self.folder / f"{kind}.png", epoch, self.writer)
