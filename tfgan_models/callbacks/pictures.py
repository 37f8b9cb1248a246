"""Draw samples and reconstructions at the end of every epoch, as PNG files and in TensorBoard."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_models import latent
from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.callbacks.out_of_memory import warn_if_out_of_memory
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_bytes
from tfgan_models.latent import parts
from tfgan_models.latent.sampler import Sampler
from tfgan_models.models.base import GenerativeModel
from tfgan_models.plots import image_grid
from tfgan_models.plots.tensorboard import save_and_log
from tfgan_models.protocols import SupportsEncode, SupportsReconstruct
from tfgan_models.training.ema import ema_model

SAMPLES, COLUMNS, STEPS = 64, 10, 10


class Pictures(ModelCallback):
    """Draw samples, reconstructions below their originals, and walks between latents, as the model supports them.

    Averaged weights are used if the model has them.

    Args:
        folder: the run's folder, which gets ``samples/`` and ``reconstructions/`` with one image per epoch, and
            ``interpolation.png`` of the last epoch. If samples can be drawn from codes and from the prior, ``samples/``
            has those of the sampler's choice, and ``samples_prior/`` or ``samples_codes/`` the others.
        images: held-out images, float32 ``[n, h, w, c]`` in [-1, 1].
        seed: seed of the samples, which have the same latents at every epoch.
        writer: summary writer, to show the pictures in TensorBoard too.
        sampler: draws the samples' latents; by default from the prior, if there is one.
        test: the set whose first images these are. A model that is told the class or the attributes of an image
            reconstructs only with it.
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        images: np.ndarray,
        seed: int = 0,
        writer: tf.summary.SummaryWriter | None = None,
        sampler: Sampler | None = None,
        test: ImageSet | None = None,
    ):
        super().__init__()
        self.folder = Path(folder)
        self.images = images
        self.seed = seed
        self.writer = writer
        self.sampler = sampler or Sampler()
        self.test = test

    @warn_if_out_of_memory("some of its pictures")
    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Draw all pictures if they are due."""
        if not self.draws(epoch):
            return
        model, pictures = ema_model(self.model), {}
        for kind, latents in self._latents(model).items():
            pictures[kind] = image_grid.grid(parts.generate_bytes(model, latents))
        originals = self.images[: 4 * COLUMNS]
        reconstructions = self._reconstructions(model, len(originals))
        if reconstructions is not None:
            sides = to_bytes(originals), reconstructions
            rows = range(0, len(originals), COLUMNS)
            cells = [image_grid.filled(side[row : row + COLUMNS], COLUMNS) for row in rows for side in sides]
            pictures["reconstructions"] = image_grid.grid(np.concatenate(cells), COLUMNS)
        for kind, picture in pictures.items():
            save_and_log(picture, self.folder / kind / f"epoch-{epoch + 1:04d}.png", epoch, self.writer, kind)
        self._draw_walks(model, epoch)

    def _latents(self, model: GenerativeModel) -> dict[str, tf.Tensor]:
        """Draw latents by the name of the samples' folder; those of the chosen source are called ``samples``."""
        sources = self.sampler.sources(model)
        names = ["samples", *(f"samples_{source}" for source in sources[1:])]
        return {
            name: self.sampler.draw(model, SAMPLES, (self.seed, 0), source)
            for name, source in zip(names, sources, strict=False)  # without sources there are no samples
        }

    def _draw_walks(self, model: GenerativeModel, epoch: int) -> None:
        """Draw walks between pairs of held-out images, or between samples if the model has no encoder."""
        if isinstance(model, SupportsEncode):
            # A single image is paired with itself, since a network cannot encode an empty batch.
            images = self.images.repeat(2, axis=0) if len(self.images) == 1 else self.images
            ends = np.asarray(parts.encode(model, images[: min(16, len(images) // 2 * 2)]).mean())
        else:
            ends = np.asarray(model.prior.sample(16, seed=[self.seed, 1]))
        walks = latent.interpolate(ends[::2], ends[1::2], STEPS)
        images = parts.generate_bytes(model, walks.reshape(-1, walks.shape[-1]))
        picture = image_grid.grid(images, STEPS)
        save_and_log(picture, self.folder / "interpolation.png", epoch, self.writer)

    def _reconstructions(self, model: GenerativeModel, count: int) -> np.ndarray | None:
        """Reconstruct the first images as bytes; None if the model has no encoder, or is told what is unknown."""
        if isinstance(model, SupportsReconstruct):
            return parts.reconstruct_bytes(model, self.images[:count])
        reconstruct = parts.reconstruction(model, self.test) if self.test else None
        if reconstruct is None:
            return None
        return to_bytes(parts.in_parts(reconstruct, np.arange(count), model.inference_batch))
