"""The files of a model card: its text and its picture, in the folder of an exported version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

from tfgan_models.export.file_names import CARD, MANIFEST, PICTURE
from tfgan_models.export.model_card import MARK, card
from tfgan_models.files import atomic_write
from tfgan_models.plots import image_grid

WIDTH, MOST_COLUMNS = 640, 8  # of the picture, in pixels and in samples
COLORS = 256


def write(version: Path, manifest: dict[str, Any], sample: Callable[..., dict[str, tf.Tensor]] | None) -> None:
    """Write the picture and the card of a version.

    Args:
        version: folder of the version.
        manifest: its manifest.
        sample: the signature ``sample``; None for a model without samples, whose card has no picture.
    """
    if sample is not None:
        width = manifest["image_shape"][1]
        columns = max(2, min(MOST_COLUMNS, WIDTH // width))
        rows = max(1, columns // 2)
        images = sample(tf.constant(columns * rows), tf.constant(0))["image"]
        _save(image_grid.grid(np.asarray(images), columns), version / PICTURE)
    _write_text(version, manifest, None)


def update(version: Path, report: dict[str, Any]) -> bool:
    """Write the card again, with the figures of an evaluation.

    Returns:
        Whether there was a card to write again. A card whose mark was removed belongs to the user, and stays.
    """
    path = version / CARD
    if not path.is_file() or MARK not in path.read_text(encoding="utf-8", errors="replace"):
        return False
    _write_text(version, json.loads((version / MANIFEST).read_text()), report)
    return True


def _write_text(version: Path, manifest: dict[str, Any], report: dict[str, Any] | None) -> None:
    text = card(manifest, report, [path.name for path in version.iterdir()])
    with atomic_write(version / CARD) as file:
        # Names of classes may contain what UTF-8 cannot encode.
        file.write(text.encode("utf-8", "replace").decode("utf-8"))


def _save(picture: np.ndarray, path: Path) -> None:
    """Write a PNG file of at most 256 colors, which is about a third of the size."""
    if picture.shape[-1] == 1:
        image_grid.save(picture, path)
        return
    method = Image.Quantize.FASTOCTREE if picture.shape[-1] == 4 else Image.Quantize.MEDIANCUT
    with atomic_write(path, "wb") as file:
        Image.fromarray(picture).quantize(COLORS, method).save(file, format="PNG", optimize=True)
