"""Samples and reconstructions at the end of every epoch, as PNG files and in TensorBoard."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_models import latent
from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.latent.sampler import Sampler
from tfgan_models.models.base import GenerativeModel
from tfgan_models.plots import image_grid
from tfgan_models.plots.tensorboard import show
from tfgan_models.protocols import SupportsEncode, SupportsReconstruct
from tfgan_models.training.ema import ema_model

SAMPLES, COLUMNS, STEPS = 64, 10, 10


class Pictures(ModelCallback):
    """Draw what the model can, with averaged weights where it keeps them.

    Samples, reconstructions of held-out images under the images themselves, and walks between latents.

    Args:
        folder: the run's folder: ``samples/`` and ``reconstructions/`` under it, an image an epoch, and
            ``interpolation.png``, which is that of the last epoch. Where samples can come from codes and from the
            prior, ``samples/`` are of the sampler's choice, and the others are in ``samples_prior/`` or
            ``samples_codes/``.
        images: held-out images, float32 ``[n, h, w, c]`` in [-1, 1].
        seed: of the samples, which are of the same latents at every epoch.
        writer: TensorBoard's, if pictures should go there too.
        sampler: draws the samples' latents; by default they are of the prior, if there is one.
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        images: np.ndarray,
        seed: int = 0,
        writer: tf.summary.SummaryWriter | None = None,
        sampler: Sampler | None = None,
    ):
        super().__init__()
        self.folder = Path(folder)
        self.images = images
        self.seed = seed
        self.writer = writer
        self.sampler = sampler or Sampler()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Draw them."""
        model, drawn = ema_model(self.model), {}
        for kind, latents in self._latents(model).items():
            drawn[kind] = image_grid.grid(np.asarray(model.generate(latents)))
        if isinstance(model, SupportsReconstruct):
            drawn["reconstructions"] = image_grid.grid(self._under_each_other(model), COLUMNS)
        for kind, picture in drawn.items():
            show(picture, self.folder / kind / f"epoch-{epoch + 1:04d}.png", epoch, self.writer, kind)
        self._draw_walks(model)

    def _latents(self, model: GenerativeModel) -> dict[str, tf.Tensor]:
        """Latents of samples, by the name of their folder; the chosen source has the plain name."""
        sources = self.sampler.sources(model)
        names = ["samples", *(f"samples_{source}" for source in sources[1:])]
        return {
            name: self.sampler.draw(model, SAMPLES, (self.seed, 0), source)
            for name, source in zip(names, sources, strict=False)  # no source, no samples
        }

    def _draw_walks(self, model: GenerativeModel) -> None:
        """Draw walks between pairs of held-out images, or between samples where the model has no encoder."""
        if isinstance(model, SupportsEncode):
            # A single image makes a walk from it to itself; no network can be given none at all.
            shown = self.images.repeat(2, axis=0) if len(self.images) == 1 else self.images
            ends = np.asarray(model.encode(shown[: min(16, len(shown) // 2 * 2)]).mean())
        else:
            ends = np.asarray(model.prior.sample(16, seed=[self.seed, 1]))
        ways = latent.interpolate(ends[::2], ends[1::2], STEPS)
        images = np.asarray(model.generate(ways.reshape(-1, ways.shape[-1])))
        image_grid.save(image_grid.grid(images, STEPS), self.folder / "interpolation.png")

    def _under_each_other(self, model: SupportsReconstruct) -> np.ndarray:
        shown = self.images[: 4 * COLUMNS]
        pair, rows = (shown, np.asarray(model.reconstruct(shown))), range(0, len(shown), COLUMNS)
        return np.concatenate([image_grid.filled(part[row : row + COLUMNS], COLUMNS) for row in rows for part in pair])
