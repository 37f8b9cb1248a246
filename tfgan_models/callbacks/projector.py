"""Codes of held-out images for TensorBoard's embedding projector, which shows more dimensions than a map."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np

from tfgan_models.callbacks.latent_space import encoded
from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.data.pixels import to_float
from tfgan_models.data.sources import ImageSet
from tfgan_models.files import atomic_write
from tfgan_models.plots import image_grid
from tfgan_models.training.ema import ema_model

IMAGES, LARGEST_SPRITE = 2_000, 8192  # the projector takes sheets up to so many pixels


class Projector(ModelCallback):
    """Write codes, labels and small pictures for the projector at the end of the last epoch.

    Args:
        test: held-out images, of which the first 2,000 are taken.
        logs: TensorBoard's folder, to which ``projector_config.pbtxt`` and ``projector/`` are added.
    """

    def __init__(self, test: ImageSet, logs: str | os.PathLike):
        super().__init__()
        side = test.images.shape[1]
        count = min(IMAGES, len(test.images), (LARGEST_SPRITE // side) ** 2)
        self.test = test
        self.count = count
        self.logs = Path(logs)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Write them; the configuration last, as it names the others."""
        if self.params is None or epoch + 1 < self.params["epochs"]:
            return
        folder = self.logs / "projector"
        codes, labels = encoded(ema_model(self.model), self.test)
        with atomic_write(folder / "codes.tsv") as file:
            np.savetxt(file, codes[: self.count], "%.6g", "\t")
        if labels is not None:
            names = self.test.label_names or tuple(map(str, range(labels.max() + 1)))
            with atomic_write(folder / "labels.tsv") as file:
                file.writelines(f"{names[label] if label >= 0 else '?'}\n" for label in labels[: self.count])
        columns = math.ceil(math.sqrt(self.count))  # the projector expects square sheets
        images = image_grid.filled(to_float(self.test.images[: self.count]), columns**2)
        image_grid.save(image_grid.grid(images, columns, gap=0), folder / "images.png")
        with atomic_write(self.logs / "projector_config.pbtxt") as file:
            file.write(self._configuration(labels is not None))

    def _configuration(self, labelled: bool) -> str:
        height, width = self.test.images.shape[1:3]
        lines = ["embeddings {", '  tensor_name: "codes"', '  tensor_path: "projector/codes.tsv"']
        lines += ['  metadata_path: "projector/labels.tsv"'] if labelled else []
        lines += ["  sprite {", '    image_path: "projector/images.png"']
        lines += [f"    single_image_dim: {size}" for size in (width, height)]
        return "\n".join([*lines, "  }", "}", ""])
