"""Grids of images and PNG files."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable

import numpy as np
from PIL import Image

from tfgan_models.data.pixels import to_bytes
from tfgan_models.files import atomic_write

MAX_PIXELS = 89_000_000  # of a sheet; Pillow warns of larger files when it opens them


def grid(images: np.ndarray, columns: int | None = None, gap: int = 2) -> np.ndarray:
    """Lay images out in rows, left to right and top to bottom.

    Args:
        images: bytes, or floats in [-1, 1], ``[n, h, w, c]``, c of 1, 3 or 4.
        columns: images in a row; by default the grid is about square.
        gap: white pixels between images.

    Returns:
        uint8 ``[height, width, c]``.
    """
    return grid_of_parts([images], len(images), columns, gap)


def grid_of_parts(parts: Iterable[np.ndarray], count: int, columns: int | None = None, gap: int = 2) -> np.ndarray:
    """Lay images out as ``grid`` does, part by part, so that not all of them are in memory at once.

    Args:
        parts: bytes, or floats in [-1, 1], ``[n, h, w, c]`` each, at least one part.
        count: number of images in all parts.
        columns, gap: as in ``grid``.
    """
    columns = columns or math.ceil(math.sqrt(count))
    sheet, i = np.empty(0, np.uint8), 0
    for part in parts:
        _, height, width, channels = part.shape
        if i == 0:
            sheet = np.full((*grid_size(count, height, width, columns, gap), channels), 255, np.uint8)
        for image in part if part.dtype == np.uint8 else to_bytes(np.asarray(part, np.float32)):
            top, left = i // columns * (height + gap), i % columns * (width + gap)
            sheet[top : top + height, left : left + width] = image
            i += 1
    return sheet


def grid_size(count: int, height: int, width: int, columns: int | None = None, gap: int = 2) -> tuple[int, int]:
    """Height and width of the grid of a number of images, in pixels."""
    columns = columns or math.ceil(math.sqrt(count))
    return math.ceil(count / columns) * (height + gap) - gap, columns * (width + gap) - gap


def filled(images: np.ndarray, count: int) -> np.ndarray:
    """Append white images to ``[n, h, w, c]``, so that there are ``count`` of them, at least n."""
    white = 255 if images.dtype == np.uint8 else 1
    return np.pad(images, [(0, count - len(images)), (0, 0), (0, 0), (0, 0)], constant_values=white)


def save(picture: np.ndarray, path: str | os.PathLike) -> bool:
    """Write uint8 ``[h, w, c]`` as a PNG file, atomically.

    Returns:
        Whether the file changed. A file that shows the picture already is not written again.
    """
    if _shows(path, picture):
        return False
    with atomic_write(path, "wb") as file:
        Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).save(file, format="PNG")
    return True


def _shows(path: str | os.PathLike, picture: np.ndarray) -> bool:
    """Return True if a file exists and has the picture."""
    try:
        with Image.open(path) as image:
            return np.array_equal(np.asarray(image).reshape(picture.shape), picture)
    except (OSError, ValueError, SyntaxError):  # no file, a damaged one, or another shape
        return False
