"""A picture to a file and to TensorBoard."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_models.plots import image_grid


def show(
    picture: np.ndarray, path: str | os.PathLike, epoch: int, writer: tf.summary.SummaryWriter | None, name: str = ""
) -> None:
    """Write a picture as a PNG file, and show it in TensorBoard where there is a writer.

    Args:
        picture: uint8 ``[h, w, c]``.
        path: of the file.
        epoch: counted from 0.
        writer: TensorBoard's, or None.
        name: in TensorBoard; the file's unless told.
    """
    image_grid.save(picture, path)
    if writer:
        with writer.as_default():
            tf.summary.image(name or Path(path).stem, picture[np.newaxis], step=epoch)
