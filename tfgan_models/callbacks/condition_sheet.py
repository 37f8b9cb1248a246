"""Draw every condition of a conditional model in the same styles."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.callbacks.out_of_memory import warn_if_out_of_memory
from tfgan_models.latent import parts
from tfgan_models.latent.sampler import Sampler
from tfgan_models.models.base import GenerativeModel
from tfgan_models.objectives.conditions import Condition
from tfgan_models.plots import image_grid
from tfgan_models.plots.tensorboard import save_and_log
from tfgan_models.training.ema import ema_model

STYLES, ROWS = 10, 20  # columns, and rows at most


class ConditionSheet(ModelCallback):
    """Draw a row for each class, or two for each attribute, without it and with it. A column has one style.

    Attributes other than that of a row are drawn, the same in all rows. The first 20 rows are drawn.

    Args:
        folder: the run's folder, which gets ``conditions/`` with one picture per epoch.
        seed: seed of the styles, which are the same at every epoch.
        writer: summary writer, to show the picture in TensorBoard too.
        sampler: sampler of the styles; by default from the prior.
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        seed: int = 0,
        writer: tf.summary.SummaryWriter | None = None,
        sampler: Sampler | None = None,
    ):
        super().__init__()
        self.folder = Path(folder)
        self.seed = seed
        self.writer = writer
        self.sampler = sampler or Sampler()

    @warn_if_out_of_memory("a sheet of conditions")
    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Draw the sheet if it is due."""
        if not self.draws(epoch):
            return
        model = ema_model(self.model)
        picture = image_grid.grid(parts.generate_bytes(model, row_latents(model, self.sampler, self.seed)), STYLES)
        path = self.folder / "conditions" / f"epoch-{epoch + 1:04d}.png"
        save_and_log(picture, path, epoch, self.writer, "conditions")


def row_latents(model: GenerativeModel, sampler: Sampler, seed: int) -> np.ndarray:
    """Latents of the rows, one after another: float32 ``[rows * 10, latent_dim]``."""
    condition: Condition = model.condition
    latents = np.asarray(sampler.draw(model, STYLES, (seed, 2)))
    rows: list[np.ndarray] = []
    for i in range(condition.size):
        values = (1,) if condition.kind == "labels" else (0, 1)
        for value in values:
            conditions = latents[:, : condition.size].copy()
            if condition.kind == "labels":
                conditions[:] = 0
            conditions[:, i] = value
            rows.append(conditions)
    rows = rows[:ROWS]
    return sampler.with_conditions(model, np.tile(latents, (len(rows), 1)), np.concatenate(rows))
