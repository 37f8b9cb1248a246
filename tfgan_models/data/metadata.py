"""Metadata of image files: the orientation, which is used, and everything else, which is not.

A picture whose pixels can be decoded is read, whatever is damaged in its metadata.
"""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Iterator

from PIL import Image

from tfgan_models.data.archive import AnyFile

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_JPEG = b"\xff\xd8"
_JPEG_SCAN = 0xDA
_JPEG_METADATA = (*range(0xE1, 0xEE), 0xEF, 0xFE)  # all but JFIF and Adobe, which affect the colors


def upright(image: Image.Image) -> Image.Image:
    """Turn a loaded picture upright by its EXIF data; return it unchanged if they cannot be read."""
    # ImageOps.exif_transpose also writes the data back, which fails with many that can be read.
    try:
        turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        return image  # Malformed data raise SyntaxError, struct.error, TypeError, and more.
    return image if turn is None else image.transpose(turn)


def without_metadata(path: AnyFile) -> io.BytesIO | None:
    """Reduce a PNG or JPEG file to its pixels and orientation; None for other files."""
    data = path.read_bytes()
    if data.startswith(_PNG):
        return io.BytesIO(_PNG + b"".join(_png_chunks(data)))
    if data.startswith(_JPEG):
        return io.BytesIO(_JPEG + b"".join(_jpeg_segments(data)))
    return None


def _png_chunks(data: bytes) -> Iterator[bytes]:
    position = len(_PNG)
    while position + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        chunk = data[position : position + 12 + length]
        if name in _PNG_PIXELS or (name == b"eXIf" and _is_readable(chunk[8:-4])):
            yield chunk
        position += len(chunk)


def _jpeg_segments(data: bytes) -> Iterator[bytes]:
    position = len(_JPEG)
    while position + 4 <= len(data):
        marker, length = struct.unpack_from(">xBH", data, position)
        if data[position] != 0xFF or marker == _JPEG_SCAN:
            break
        segment = data[position : position + 2 + length]
        if marker not in _JPEG_METADATA or (segment[4:10] == b"Exif\0\0" and _is_readable(segment[4:])):
            yield segment
        position += len(segment)
    yield data[position:]


def _is_readable(exif: bytes) -> bool:
    with contextlib.suppress(Exception):
        tags = Image.Exif()
        tags.load(exif)
        return tags.get(_ORIENTATION) in _TURNS
    return False
