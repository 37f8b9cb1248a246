"""Pictures as HTML whose data are part of the page, so that no file has to be served."""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from tfgan_models.data.pixels import to_bytes

SHEET_SIDE, LARGE_SIDE = 128, 256  # pixels of the screen that a picture gets, in a sheet and alone


def data_url(pixels: np.ndarray, compression: int = 1) -> str:
    """Encode uint8 ``[h, w, c]`` as a PNG in a URL. This machine decodes it, so speed matters more than size."""
    file = io.BytesIO()
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    image.save(file, "PNG", compress_level=compression)
    return png_url(file.getvalue())


def stored_url(pixels: np.ndarray) -> str:
    """Encode uint8 ``[h, w, c]`` as a PNG without compression, whose length depends on the shape alone."""
    return data_url(pixels, compression=0)


def png_url(content: bytes) -> str:
    """The URL of a PNG file's content."""
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def picture(image: np.ndarray, text: str, side: int = LARGE_SIDE, caption: str = "") -> str:
    """A picture, enlarged by a whole factor so that its pixels stay squares of one size.

    Args:
        image: bytes, or floats in [-1, 1], ``[h, w, c]``.
        text: description for people who do not see it.
        side: pixels of the screen that it has at most, unless it is larger itself.
        caption: text below the picture.
    """
    pixels = image if image.dtype == np.uint8 else to_bytes(np.asarray(image, np.float32))
    factor = max(1, side // max(pixels.shape[:2]))
    height, width = (factor * length for length in pixels.shape[:2])
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    return (
        f'<figure class="picture" style="width:{width}px"><img src="{data_url(pixels)}" alt="{html.escape(text)}" '
        f'width="{width}" height="{height}">{below}</figure>'
    )


def sheet(images: np.ndarray, texts: Sequence[str], captions: Sequence[str] = (), side: int = SHEET_SIDE) -> str:
    """Pictures ``[n, h, w, c]`` side by side, in as many rows as the window needs."""
    under = captions or [""] * len(images)
    figures = [picture(image, text, side, below) for image, text, below in zip(images, texts, under, strict=True)]
    return f'<div class="sheet">{"".join(figures)}</div>'


def table(images: np.ndarray, rows: Sequence[str], columns: Sequence[str], side: int = SHEET_SIDE // 2) -> str:
    """Pictures ``[rows, columns, h, w, c]`` in a table with names of the rows and columns."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in ("", *columns))
    body = ""
    for name, line in zip(rows, images, strict=True):
        cells = (
            f"<td>{picture(image, f'{name} {column}', side)}</td>" for image, column in zip(line, columns, strict=True)
        )
        body += f"<tr><th>{html.escape(name)}</th>{''.join(cells)}</tr>"
    return f'<div class="scrolled"><table class="pictures"><tr>{head}</tr>{body}</table></div>'


def note(text: str) -> str:
    """A line of explanation in the place of pictures."""
    return f'<p class="note">{html.escape(text)}</p>'


def readable(name: str) -> str:
    """The name of an attribute as text: ``Wearing Hat`` for ``Wearing_Hat``."""
    return name.replace("_", " ")


def number(value: float) -> str:
    """A number for axes and captions, with four significant digits."""
    if value == 0 or 1e-3 <= abs(value) < 1e6 or not math.isfinite(value):
        return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    return f"{value:.2g}"
