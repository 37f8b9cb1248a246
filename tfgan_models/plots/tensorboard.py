"""Save a picture as a file and in TensorBoard."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_models.plots import image_grid


def save_and_log(
    picture: np.ndarray, path: str | os.PathLike, epoch: int, writer: tf.summary.SummaryWriter | None, name: str = ""
) -> None:
    """Write a picture as a PNG file, and to TensorBoard if there is a writer; neither if it did not change.

    Args:
        picture: uint8 ``[h, w, c]``.
        path: path of the file.
        epoch: number of the epoch, counted from 0.
        writer: summary writer, or None.
        name: name in TensorBoard; by default the file's name.
    """
    if image_grid.save(picture, path) and writer:
        with writer.as_default():
            tf.summary.image(name or Path(path).stem, picture[np.newaxis], step=epoch)
