"""Write codes of held-out images for TensorBoard's embedding projector."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

import numpy as np
from tensorboard.plugins import projector
from tensorboard.plugins.projector import metadata

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.callbacks.out_of_memory import warn_if_out_of_memory
from tfgan_models.data.image_set import ImageSet
from tfgan_models.files import atomic_write
from tfgan_models.latent.encoding import encode_set
from tfgan_models.plots import image_grid
from tfgan_models.training.ema import ema_model

IMAGES, LARGEST_SPRITE = 2_000, 8192  # largest side in pixels of a sprite sheet


class Projector(ModelCallback):
    """Write codes, labels and thumbnails for the projector at the end of the last epoch.

    Args:
        test: held-out images; the first 2,000 are used.
        logs: TensorBoard's folder, to which ``projector_config.pbtxt`` and ``projector/`` are added.
    """

    def __init__(self, test: ImageSet, logs: str | os.PathLike):
        super().__init__()
        side = test.images.shape[1]
        count = min(IMAGES, len(test.images), (LARGEST_SPRITE // side) ** 2)
        self.test = test
        self.count = count
        self.logs = Path(logs)

    @warn_if_out_of_memory("files for the projector")
    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Write the files; the configuration last, as it refers to the others."""
        if not self.draws(epoch, every=sys.maxsize):  # only the last epoch
            return
        folder = self.logs / "projector"
        codes, labels = encode_set(ema_model(self.model), self.test)
        with atomic_write(folder / "codes.tsv") as file:
            np.savetxt(file, codes[: self.count], "%.6g", "\t")
        if labels is not None:
            names = self.test.label_names or tuple(map(str, range(labels.max() + 1)))
            names = [" ".join(name.split()) for name in names]  # a line each
            with atomic_write(folder / "labels.tsv") as file:
                file.writelines(f"{names[label] if label >= 0 else '?'}\n" for label in labels[: self.count])
        columns = math.ceil(math.sqrt(self.count))  # the projector expects square sprite sheets
        images = image_grid.filled(self.test.images[: self.count], columns**2)
        image_grid.save(image_grid.grid(images, columns, gap=0), folder / "images.png")
        with atomic_write(self.logs / metadata.PROJECTOR_FILENAME) as file:
            file.write(self._configuration(labels is not None))

    def _configuration(self, has_labels: bool) -> str:
        height, width = self.test.images.shape[1:3]
        configuration = projector.ProjectorConfig()
        embedding = configuration.embeddings.add()
        embedding.tensor_name, embedding.tensor_path = "codes", "projector/codes.tsv"
        if has_labels:
            embedding.metadata_path = "projector/labels.tsv"
        embedding.sprite.image_path = "projector/images.png"
        embedding.sprite.single_image_dim.extend((width, height))
        return str(configuration)  # protobuf's text format
