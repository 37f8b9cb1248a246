"""Backgrounds of transparent pictures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image

from tfgan_models.data.reading import background_color

BACKGROUNDS = ("white", "black", "checker")  # in the order in which they are preferred
_VISIBLE = 32  # mean difference in levels between a picture and its background, above which the picture is visible
# Large pictures are reduced to about so many rows and columns first, because each pixel takes 16 bytes.
_REDUCED = 256
_SQUARES, _DARK, _LIGHT = 8, 102, 153


def over(image: Image.Image, background: str) -> Image.Image:
    """Blend a transparent picture with a background."""
    image = image.convert("RGBA")
    if background == "checker":
        width, height = image.size
        square = max(1, max(image.size) // _SQUARES)
        dark = (np.arange(height)[:, None] // square + np.arange(width) // square) % 2 == 0
        behind = Image.fromarray(np.where(dark, _DARK, _LIGHT).astype(np.uint8)).convert("RGBA")
    else:
        behind = Image.new("RGBA", image.size, background_color(background))
    return Image.alpha_composite(behind, image)


def backgrounds_that_hide(image: Image.Image) -> tuple[str, ...] | None:
    """The backgrounds on which a picture can hardly be seen; None if nothing or all of it is transparent."""
    if not image.has_transparency_data:
        return None
    image = image.convert("RGBA")
    least, most = image.getchannel("A").getextrema()
    if least == 255 or most == 0:
        return None
    step = max(1, max(image.size) // _REDUCED)
    pixels = np.asarray(image)[::step, ::step].astype(np.float32)
    opacity = pixels[..., 3]
    if not opacity.any():
        return ()

    def visible(name: str) -> float:
        distance = np.abs(pixels[..., :3] - background_color(name)).max(-1)
        return float((distance * opacity).sum() / opacity.sum())

    return tuple(name for name in BACKGROUNDS if visible(name) < _VISIBLE)


def is_invisible(image: Image.Image) -> bool:
    """Return True if all of a picture is transparent, as in files whose channel for transparency is not used."""
    return image.has_transparency_data and image.convert("RGBA").getchannel("A").getextrema()[1] == 0


def choose_background(hidden: Mapping[str, int]) -> str:
    """Choose the background on which the fewest pictures are invisible; of several the first in ``BACKGROUNDS``.

    Args:
        hidden: number of invisible pictures, by the background.
    """
    return min(BACKGROUNDS, key=lambda name: hidden.get(name, 0))
