"""Conversion of pixel values of any depth to bytes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image

from tfgan_models.data.reading import FULL, Range

# A set whose values fill a smaller share of a usual range is read by the range of its values.
SMALL = 1 / 2
# If all 8-bit values are below it, they are masks, classes or up to five bits. Dull photographs reach further.
FEW_LEVELS = 32
# The ranges that pixel values of a depth usually have, from narrow to wide.
USUAL: dict[str, tuple[Range, ...]] = {
    "uint8": (FULL["uint8"],),
    "uint16": (FULL["uint16"],),
    "int32": (FULL["uint8"], FULL["uint16"]),
    "float32": ((0.0, 1.0), (-1.0, 1.0), FULL["uint8"], FULL["uint16"]),
}
_UNKNOWN = {"int32": FULL["uint16"], "float32": (0.0, 1.0)}


def depth_of(mode: str) -> str | None:
    """The depth of pictures of a Pillow mode; None for modes without a range: two colors, or a palette."""
    if mode in ("1", "P", "PA"):
        return None
    if mode.startswith("I;16"):
        return "uint16"
    return {"I": "int32", "F": "float32"}.get(mode, "uint8")


def limits(image: Image.Image) -> Range | None:
    """The lowest and the highest pixel value of a picture; None if it has none, for example if all is transparent."""
    values = np.asarray(image)
    if depth_of(image.mode) == "uint8":
        values = np.asarray(image if image.mode in ("L", "RGB") else image.convert("RGB"))
        if image.has_transparency_data:
            values = values[np.asarray(image.convert("RGBA"))[..., 3] > 0]
    return limits_of(values)


def limits_of(values: np.ndarray) -> Range | None:
    """The lowest and the highest finite value of an array; None if it has none."""
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if values.size else None


def range_is_settled(depth: str, low: float, high: float) -> bool:
    """Return True if no further values of this depth can change the result of ``choose_range``."""
    if depth == "uint8":
        return high >= FEW_LEVELS
    return depth in FULL and high - low >= SMALL * (FULL[depth][1] - FULL[depth][0])


def choose_range(depth: str, low: float, high: float) -> Range:
    """Choose the pixel values that are mapped to black and white.

    They are the limits of a usual range if the pictures fill much of it, else the limits of the pictures.

    Args:
        depth: depth of the pictures.
        low: lowest pixel value of all pictures.
        high: highest pixel value of all pictures.
    """
    if depth == "uint8":
        return (0.0, high) if 0 < high < FEW_LEVELS else FULL[depth]
    fitting = [usual for usual in USUAL[depth] if usual[0] <= low and high <= usual[1]]
    if fitting and high - low >= SMALL * (fitting[0][1] - fitting[0][0]):
        return fitting[0]
    if high > low:
        return low, high
    return fitting[0] if fitting else (low, low + 1)


def depth_of_array(values: np.ndarray) -> str:
    """The depth of an array of pixels."""
    if values.dtype.kind == "f":
        return "float32"
    return values.dtype.newbyteorder("=").name if values.dtype.kind == "u" and values.dtype.itemsize <= 2 else "int32"


def to_eight_bits(values: np.ndarray, ranges: Mapping[str, Range]) -> np.ndarray:
    """Convert values of any shape to uint8, so that the range of their depth becomes 0 to 255; clip values outside."""
    depth = depth_of_array(values)
    low, high = ranges.get(depth) or _UNKNOWN.get(depth) or FULL[depth]
    if (low, high) == FULL.get(depth):
        return values if depth == "uint8" else (values // 257).astype(np.uint8)
    if depth in FULL:  # A table of all possible values is faster.
        return _scaled(np.arange(FULL[depth][1] + 1), low, high)[values]
    return _scaled(values.astype(np.float64 if depth == "int32" else np.float32), low, high)


def _scaled(values: np.ndarray, low: float, high: float) -> np.ndarray:
    values = np.clip(np.nan_to_num(values, nan=low, posinf=high, neginf=low), low, high)
    return np.rint((values - low) * (255 / (high - low))).astype(np.uint8)


def eight_bits(image: Image.Image, ranges: Mapping[str, Range]) -> Image.Image:
    """Convert a picture to 8 bits per channel; transparency is not changed."""
    depth = depth_of(image.mode)
    if depth is None or (depth == "uint8" and ranges.get(depth, FULL[depth]) == FULL[depth]):
        return image
    if depth != "uint8":
        return Image.fromarray(to_eight_bits(np.asarray(image), ranges))
    if image.has_transparency_data:
        pixels = np.array(image.convert("RGBA"))
        pixels[..., :3] = to_eight_bits(pixels[..., :3], ranges)
        return Image.fromarray(pixels)
    return Image.fromarray(to_eight_bits(np.asarray(image if image.mode == "L" else image.convert("RGB")), ranges))
