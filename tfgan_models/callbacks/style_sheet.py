"""Draw every class in the same styles (Makhzani et al. 2015, figure 7)."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.callbacks.out_of_memory import warn_if_out_of_memory
from tfgan_models.data.pixels import to_bytes
from tfgan_models.latent import parts
from tfgan_models.models.base import GenerativeModel
from tfgan_models.plots import image_grid
from tfgan_models.plots.tensorboard import save_and_log
from tfgan_models.protocols import SupportsEncodeStyle
from tfgan_models.training.ema import ema_model

IMAGE_STYLES, PRIOR_STYLES = 5, 5  # rows with styles of held-out images, and with styles of the prior


class StyleSheet(ModelCallback):
    """Draw a row for each style and a column for each class.

    The first rows have the styles of held-out images, which are their first cells; the others have styles of the prior.

    Args:
        images: held-out images, float32 ``[n, h, w, c]`` in [-1, 1]; the first five are used.
        folder: the run's folder: ``style_sheet.png`` in it is that of the last epoch.
        seed: seed of the styles, which are the same at every epoch.
        writer: summary writer, to show the picture in TensorBoard too.
    """

    def __init__(
        self,
        images: np.ndarray,
        folder: str | os.PathLike,
        seed: int = 0,
        writer: tf.summary.SummaryWriter | None = None,
    ):
        super().__init__()
        self.images = images[:IMAGE_STYLES]
        self.folder = Path(folder)
        self.seed = seed
        self.writer = writer

    @warn_if_out_of_memory("a style sheet")
    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Draw the sheet if it is due."""
        if not self.draws(epoch):
            return
        model = ema_model(self.model)
        prior_styles = model.prior.sample(PRIOR_STYLES, seed=(self.seed, 2))[:, model.classes :]
        rows = class_style_images(model, np.concatenate([_styles(model, self.images), prior_styles]))
        first = np.concatenate([to_bytes(self.images), np.full_like(rows[:PRIOR_STYLES, 0], 255)])
        images = np.concatenate([first[:, np.newaxis], rows], 1)
        picture = image_grid.grid(images.reshape(-1, *images.shape[2:]), model.classes + 1)
        save_and_log(picture, self.folder / "style_sheet.png", epoch, self.writer)


def class_style_images(model: GenerativeModel, styles: np.ndarray) -> np.ndarray:
    """Generate images of styles ``[n, style_dim]`` with each class: uint8 ``[n, classes, h, w, c]``."""
    classes = np.tile(np.eye(model.classes, dtype=np.float32), (len(styles), 1))
    images = parts.generate_bytes(model, np.concatenate([classes, np.repeat(styles, model.classes, 0)], 1))
    return images.reshape(len(styles), model.classes, *images.shape[1:])


def _styles(model: GenerativeModel, images: np.ndarray) -> np.ndarray:
    if isinstance(model, SupportsEncodeStyle):
        return parts.in_parts(lambda part: np.asarray(model.encode_style(part).mean()), images, model.inference_batch)
    return np.asarray(parts.encode(model, images).mean())[:, model.classes :]
