"""Animations: GIF and WebP files."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfgan_models.data.background import over
from tfgan_models.files import atomic_write

Loop = Literal["restart", "back_and_forth", "once"]
FORMATS = {".gif": "GIF", ".webp": "WEBP"}
MAX_PIXELS = 100_000_000  # of all frames; three bytes of memory each
SMALL = 256  # pixels; a frame is enlarged as long as it is at most that large
# Judged by eye on samples of faces: a lower quality blurs them visibly, a higher one doubles the file.
WEBP_QUALITY = 90
_PALETTE_PIXELS = 2**14  # that a palette is computed from
_TEXT, _MARGIN = 16, 4  # pixels: the height of a text, and the space around it


def is_animation(path: str | os.PathLike) -> bool:
    """Return whether the ending of a path is that of an animation."""
    return Path(path).suffix.lower() in FORMATS


def enlarging_factor(height: int, width: int) -> int:
    """Whole number by which frames of a size are enlarged, so that small ones can be seen; 1 if they are not."""
    return max(1, SMALL // max(height, width))


def enlarged(frame: np.ndarray) -> np.ndarray:
    """Repeat the pixels of a frame ``[h, w, c]`` so often as ``enlarging_factor`` says."""
    factor = enlarging_factor(*frame.shape[:2])
    return frame.repeat(factor, 0).repeat(factor, 1)


def frame_count(frames: int, loop: Loop) -> int:
    """Number of frames in the file of an animation."""
    return max(frames, 2 * frames - 2) if loop == "back_and_forth" else frames


def save(
    frames: Iterable[np.ndarray],
    path: str | os.PathLike,
    frames_per_second: float,
    loop: Loop = "restart",
    pause: float = 0.0,
    shared_palette: bool = False,
) -> None:
    """Write frames as an animated GIF or WebP file, atomically. Small ones are enlarged.

    A GIF is not dithered: dots in smooth areas disturb the eye more than steps between colors, the error is larger, and
    so is the file, by half. Transparent areas are laid over white, as a GIF has no partial opacity, and Pillow 13 loses
    it in animated WebP files.

    Args:
        frames: uint8 ``[h, w, c]`` of one shape, c of 1, 3 or 4; at least one.
        path: file that ends in .gif or .webp.
        frames_per_second: from 0.1 to 50, which is the most that browsers show.
        loop: ``"restart"`` repeats without an end, ``"back_and_forth"`` also shows the frames in reverse, ``"once"``
            stops at the last one.
        pause: seconds that the last frame stays longer; with ``"back_and_forth"`` the first one, too.
        shared_palette: whether all frames of a GIF have one palette. It suits frames that change slowly: the file is
            half as large and flickers less. Without it the colors of each frame are more exact.
    """
    kind = FORMATS[Path(path).suffix.lower()]
    images = [_image(frame) for frame in frames]
    if kind == "GIF":
        images = _with_palettes(images, shared_palette)
    images = list(map(_enlarged, images))
    count = len(images)
    if loop == "back_and_forth":
        images += images[-2:0:-1]  # the same objects, which need no further memory
    durations = _durations(len(images), frames_per_second, 10 if kind == "GIF" else 1)
    for turn in {count - 1, 0} if loop == "back_and_forth" else {count - 1}:
        durations[turn] += round(pause * 100) * 10
    options: dict[str, Any] = {} if kind == "GIF" else {"quality": WEBP_QUALITY, "method": 4}
    if loop != "once":
        options["loop"] = 0
    elif kind == "WEBP":
        options["loop"] = 1
    with atomic_write(path, "wb") as file:
        first, *others = images
        first.save(file, kind, save_all=True, append_images=others, duration=durations, **options)


def captioned(frame: np.ndarray, text: str) -> np.ndarray:
    """A frame ``[h, w, c]`` with a text of one line above it, black on white."""
    bar = Image.new("L", (frame.shape[1], captioned_height(0)), 255)
    ImageDraw.Draw(bar).text((_MARGIN, bar.height // 2), text, 0, _font(), anchor="lm")
    caption = np.full((bar.height, *frame.shape[1:]), 255, np.uint8)
    caption[..., :3] = np.asarray(bar)[..., np.newaxis]  # the opacity stays
    return np.concatenate([caption, frame])


def captioned_height(height: int) -> int:
    """Height of a frame with its text, in pixels."""
    return height + _TEXT + 2 * _MARGIN


@functools.cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(_TEXT)


def _image(frame: np.ndarray) -> Image.Image:
    image = Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame)
    return over(image, "white").convert("RGB") if image.mode == "RGBA" else image


def _enlarged(image: Image.Image) -> Image.Image:
    factor = enlarging_factor(image.height, image.width)
    return image.resize((factor * image.width, factor * image.height), Image.Resampling.NEAREST)


def _with_palettes(images: list[Image.Image], shared: bool) -> list[Image.Image]:
    """Images with at most 256 colors; gray ones have no more."""
    if images[0].mode == "L":
        return images
    palette = _palette(images) if shared else None
    return [image.quantize(palette=palette or _palette([image]), dither=Image.Dither.NONE) for image in images]


def _palette(images: list[Image.Image]) -> Image.Image:
    """An image whose palette fits others: the best for some of their pixels, as all of them would take long."""
    sizes = [image.width * image.height for image in images]
    rows = np.random.default_rng(0).integers(0, sum(sizes), _PALETTE_PIXELS)
    parts = []
    for image, end in zip(images, itertools.accumulate(sizes), strict=True):
        pixels = np.asarray(image).reshape(-1, 3)
        parts.append(pixels[rows[(rows < end) & (rows >= end - len(pixels))] - end])
    return Image.fromarray(np.concatenate(parts)[np.newaxis]).quantize(256, Image.Quantize.MEDIANCUT, kmeans=1)


def _durations(count: int, frames_per_second: float, unit: int) -> list[int]:
    """Milliseconds of each frame, multiples of the unit, so that the mean is as exact as it can be."""
    ends = [round(i * 1000 / frames_per_second / unit) * unit for i in range(count + 1)]
    return [end - start for start, end in itertools.pairwise(ends)]
