"""Decode one image file to a square uint8 array, with Pillow and NumPy only."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 100_000_000
GRAY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "F")


class Unreadable(Exception):
    """A file that cannot be decoded. The message is one of a few reasons, so that they can be counted."""


class Header(NamedTuple):
    """Properties of an image file that are available before its pixels are decoded."""

    gray: bool
    size: tuple[int, int]  # width and height in pixels


def read_header(path: Path) -> Header:
    """Identify an image without decoding it.

    Raises:
        Unreadable: not an image, damaged, or larger than ``MAX_PIXELS``.
    """
    with _open(path) as image:
        return Header(image.mode in GRAY_MODES, image.size)


def read_picture(path: Path, image_size: int, channels: int, crop: int | None = None) -> np.ndarray:
    """Decode a file's first frame, rotate it according to its EXIF data, then crop and resize it.

    Returns:
        uint8 ``[image_size, image_size, channels]``.

    Raises:
        Unreadable: not an image, damaged, or larger than ``MAX_PIXELS``.
    """
    with _open(path) as image:
        if crop is None:
            # A JPEG may decode at a fraction of its size, which is still well above the requested one.
            image.draft(image.mode, (3 * image_size, 3 * image_size))
        try:
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return crop_and_resize(image, image_size, channels, crop)
        except Exception as error:
            # Decoders raise many types for damaged files: OSError, SyntaxError, struct.error and more.
            raise Unreadable("damaged") from error


def crop_and_resize(image: Image.Image, image_size: int, channels: int, crop: int | None = None) -> np.ndarray:
    """Cut the middle square, resize it with antialiasing, and convert its channels.

    Args:
        image: in any mode. Transparent parts are blended with white.
        image_size: side of the result in pixels.
        channels: 1 or 3.
        crop: side of the square in pixels; at most the image's shorter side, which is the default.

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
    # For PostScript Pillow starts another program, which untrusted files must not reach.
    return [name for name in Image.ID if name != "EPS"]


def _eight_bits(image: Image.Image) -> Image.Image:
    """Convert to 8 bits without transparency: 16 bits are scaled, floats are taken as in [0, 1] or [0, 255]."""
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
