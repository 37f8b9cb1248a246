"""Decode one image file to a square uint8 array, with Pillow and NumPy only."""

from __future__ import annotations

import errno
import os
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from tfgan_models.data.archive import AnyFile, Member
from tfgan_models.data.background import over
from tfgan_models.data.depth import depth_of, eight_bits
from tfgan_models.data.formats import RAW, RAW_ENDINGS, formats, remedy
from tfgan_models.data.metadata import upright, without_metadata
from tfgan_models.data.reading import Reading, background_color
from tfgan_models.errors import InputError

MAX_PIXELS = 100_000_000
USUAL = Reading()
NOT_PICTURES = "not pictures"  # the reason of ``Unreadable`` for files of no known format
NO_PERMISSION = "without permission to read"
# Errors of the machine or the disk, after which the same file may be read.
TEMPORARY = {errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOTCONN, errno.ESTALE, errno.ETIMEDOUT}
GRAY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "F")


class Unreadable(Exception):
    """A file that cannot be decoded. The message is one of a few reasons, so that they can be counted."""


class Header(NamedTuple):
    """Properties of an image file that are available before its pixels are decoded."""

    gray: bool
    size: tuple[int, int]  # width and height in pixels
    depth: str | None = "uint8"  # result of ``depth.depth_of``
    may_be_transparent: bool = False
    format: str | None = None  # Pillow's name of it
    white_is_zero: bool = False  # a negative: a TIFF of 16 bits whose value 0 is white


def read_header(path: AnyFile) -> Header:
    """Identify an image without decoding it.

    Raises:
        Unreadable: not an image, damaged, or larger than ``MAX_PIXELS``.
    """
    with _open(path) as image:
        return Header(
            image.mode in GRAY_MODES,
            image.size,
            depth_of(image.mode),
            image.has_transparency_data,
            image.format,
            _white_is_zero(image),
        )


def read_picture(path: AnyFile, image_size: int, channels: int, reading: Reading = USUAL) -> np.ndarray:
    """Decode the first frame of a file, turn it upright by its EXIF data, and convert it to a square.

    Returns:
        uint8 ``[image_size, image_size, channels]``.

    Raises:
        Unreadable: not an image, damaged, or larger than ``MAX_PIXELS``.
    """
    # A JPEG can be decoded at a fraction of its size, which is still well above the requested size.
    image = decode(path, None if reading.crop else 3 * image_size)
    try:
        return crop_and_resize(image, image_size, channels, reading)
    except Exception as error:
        raise Unreadable("damaged") from error  # Some modes cannot be converted.


def decode(path: AnyFile, draft: int | None = None) -> Image.Image:
    """Decode the first frame of a file, and turn it upright by its EXIF data.

    Metadata that are damaged, or larger than Pillow accepts, are left out.

    Args:
        path: of the file.
        draft: a size in pixels that both sides must still have where a JPEG can be decoded at a fraction of its own.

    Raises:
        Unreadable: not a picture, damaged, or larger than ``MAX_PIXELS``.
        InputError: the disk or the machine failed.
    """
    try:
        with _open(path) as image:
            return _loaded(image, draft)
    except (Unreadable, InputError):
        raise
    except Exception as error:
        _check_that_the_machine_works(error, path)
        # Metadata may also lie behind the pixels. Decoders raise whatever a damaged file leads them to: OSError,
        # SyntaxError, struct.error, and more.
        try:
            with _open_without_metadata(path) as image:
                return _loaded(image, draft)
        except Exception as error:
            _check_that_the_machine_works(error, path)
            raise Unreadable("damaged") from error


def _loaded(image: Image.Image, draft: int | None) -> Image.Image:
    if draft:
        image.draft(image.mode, (draft, draft))
    negative = _white_is_zero(image)
    image.load()
    image = upright(image)
    return _inverted(image) if negative else image


def _white_is_zero(image: Image.Image) -> bool:
    """Return True for a TIFF of 16 bits whose value 0 is white. Pillow inverts only those of up to 8 bits."""
    tags = getattr(image, "tag_v2", {})
    return image.mode.startswith("I;16") and tags.get(ExifTags.Base.PhotometricInterpretation) == 0


def _inverted(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    return Image.fromarray(np.iinfo(np.uint16).max - values.astype(np.uint16))


def crop_and_resize(image: Image.Image, image_size: int, channels: int, reading: Reading = USUAL) -> np.ndarray:
    """Convert a picture to a square of the requested size and channels; resize it with antialiasing.

    Args:
        image: image of any mode.
        image_size: side of the result in pixels.
        channels: 1, 3, or 4 for colors with transparency.
        reading: options of the conversion; by default the largest square in the middle, on white.

    Returns:
        uint8 ``[image_size, image_size, channels]``.
    """
    if reading.fit == "crop":
        image = _middle(image, reading.crop)
    image = eight_bits(image, reading.ranges)
    if reading.background == "none":
        image = image.convert("L" if image.mode in GRAY_MODES else "RGB")
        image.info.pop("transparency", None)  # a transparent color or index, which ``convert`` keeps
    transparent = image.has_transparency_data
    if channels == 4:
        image = image.convert("RGBA")
    elif not transparent:
        image = image.convert("L" if channels == 1 else "RGB")
    elif reading.background != "checker":  # The squares of a checkerboard have a size in the result.
        image = over(image, reading.background).convert("L" if channels == 1 else "RGB")
    else:
        image = image.convert("RGBA")
    size = (image_size, image_size)
    if reading.fit == "pad":
        width, height = (max(1, round(side * image_size / max(image.size))) for side in image.size)
        size = (width, height)
    if image.size != size:
        image = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    if size != (image_size, image_size):
        image = _with_bars(image, image_size, reading.background)
    if channels == 4:
        return _with_color_everywhere(np.array(image), reading.background)
    if image.mode == "RGBA":
        image = over(image, reading.background).convert("L" if channels == 1 else "RGB")
    return np.asarray(image).reshape(image_size, image_size, channels)


def _middle(image: Image.Image, crop: int | None) -> Image.Image:
    """Cut out the middle square; its side is at most the shorter side of the picture, which is also the default."""
    width, height = image.size
    side = min(width, height, crop or width)
    left, top = (width - side) // 2, (height - side) // 2
    return image.crop((left, top, left + side, top + side))


def _with_bars(image: Image.Image, image_size: int, background: str) -> Image.Image:
    """Center a picture in a square; the bars are transparent if the picture has a channel for transparency."""
    if background == "checker" or image.mode == "RGBA":
        square = Image.new("RGBA", (image_size, image_size))
    else:
        square = Image.new("RGB", (image_size, image_size), background_color(background)).convert(image.mode)
    square.paste(image, ((image_size - image.width) // 2, (image_size - image.height) // 2))
    return square


def _with_color_everywhere(pixels: np.ndarray, background: str) -> np.ndarray:
    """Give invisible pixels the color of the background, because files have any color there."""
    pixels[pixels[..., 3] == 0, :3] = background_color(background)
    return pixels


def _open(path: AnyFile) -> Image.Image:
    if path.suffix.lower() in RAW_ENDINGS:
        raise Unreadable(RAW)
    try:
        return _checked(Image.open(path.open() if isinstance(path, Member) else path, formats=formats()))
    except Image.DecompressionBombError as error:
        raise Unreadable(_TOO_LARGE) from error
    except Unreadable:
        raise
    except (PermissionError, IsADirectoryError) as error:
        raise Unreadable(NO_PERMISSION) from error
    except Exception as error:
        _check_that_the_machine_works(error, path)
        reason = (remedy(path) or NOT_PICTURES) if isinstance(error, UnidentifiedImageError) else "damaged"
        if not isinstance(path, Member) and path.is_symlink() and not os.path.exists(path):
            raise Unreadable("links to files that do not exist") from error
        try:
            return _open_without_metadata(path)
        except Unreadable as other:
            raise other if str(other) == _TOO_LARGE else Unreadable(reason) from error
        except Exception as other:
            _check_that_the_machine_works(other, path)
            raise Unreadable(reason) from error


def _check_that_the_machine_works(error: Exception, path: AnyFile) -> None:
    """Raise an ``InputError`` for an error that says nothing about the picture, which would be left out for good."""
    if isinstance(error, OSError) and error.errno in TEMPORARY:
        raise InputError(f"cannot read {str(getattr(path, 'path', path))!r}: {error.strerror}; try again") from error


def _open_without_metadata(path: AnyFile) -> Image.Image:
    file = without_metadata(path)
    if file is None:
        raise Unreadable("damaged")
    return _checked(Image.open(file, formats=formats()))


def _checked(image: Image.Image) -> Image.Image:
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise Unreadable(_TOO_LARGE)
    return image


_TOO_LARGE = f"over {MAX_PIXELS // 1_000_000} megapixels"
