"""One picture of any kind to a square uint8 array. Pillow and NumPy only."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 100_000_000
GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "F")


class Unreadable(Exception):
    """A file that gives no picture. The message is the reason, fit for counting."""


class Header(NamedTuple):
    """What a picture's file says before its pixels are decoded."""

    grey: bool
    size: tuple[int, int]  # width and height in pixels


def read_header(path: Path) -> Header:
    """Identify a picture without decoding it.

    Raises:
        Unreadable: not a picture, damaged, or larger than ``MAX_PIXELS``.
    """
    with _open(path) as image:
        return Header(image.mode in GREY_MODES, image.size)


def read_picture(path: Path, image_size: int, channels: int, crop: int | None = None) -> np.ndarray:
    """Decode a file's first frame, turn it upright as its EXIF data says, and fit it.

    Returns:
        uint8 ``[image_size, image_size, channels]``.

    Raises:
        Unreadable: not a picture, damaged, or larger than ``MAX_PIXELS``.
    """
    with _open(path) as image:
        if crop is None:
            # Lets a JPEG decode at a fraction of its size, still well above the one asked for.
            image.draft(image.mode, (3 * image_size, 3 * image_size))
        try:
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return fit(image, image_size, channels, crop)
        except Exception as error:
            # Decoders raise whatever a damaged file leads them to: OSError, SyntaxError, struct.error, and more.
            raise Unreadable("damaged") from error


def fit(image: Image.Image, image_size: int, channels: int, crop: int | None = None) -> np.ndarray:
    """Cut the middle square, resize it with antialiasing, and give it the channels asked for.

    Args:
        image: of any mode. What is transparent is laid over white.
        image_size: side of the result in pixels.
        channels: 1 or 3.
        crop: side of the square in pixels; clamped to the picture's shorter side, which is also the default.

    Returns:
        uint8 ``[image_size, image_size, channels]``.
    """
    width, height = image.size
    side = min(width, height, crop or width)
    left, top = (width - side) // 2, (height - side) // 2
    image = _eight_bits(image.crop((left, top, left + side, top + side)))
    image = image.convert("L" if channels == 1 else "RGB")
    if side != image_size:
        image = image.resize((image_size, image_size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(image).reshape(image_size, image_size, channels)


def _open(path: Path) -> Image.Image:
    try:
        image = Image.open(path, formats=_formats())
    except Image.DecompressionBombError as error:
        raise Unreadable(_TOO_LARGE) from error
    except UnidentifiedImageError as error:
        raise Unreadable("not pictures") from error
    except Exception as error:
        raise Unreadable("damaged") from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise Unreadable(_TOO_LARGE)
    return image


_TOO_LARGE = f"over {MAX_PIXELS // 1_000_000} megapixels"


@functools.cache
def _formats() -> list[str]:
    Image.init()
    # To read PostScript Pillow runs another program on it, which no picture of a stranger should get to.
    return [name for name in Image.ID if name != "EPS"]


def _eight_bits(image: Image.Image) -> Image.Image:
    """Undo transparency and deep pixels: 16 bits are scaled to 8, floats are taken to lie in [0, 1] or [0, 255]."""
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image))
        values = values * 255 if values.max() <= 1 else values
        return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    if image.mode.startswith("I"):
        values = np.asarray(image).astype(np.int64)
        return Image.fromarray((np.clip(values, 0, 65535) // 257).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image
