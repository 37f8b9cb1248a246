"""Grids of images with captions beside the rows and above the columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from tfgan_models.plots.class_names import drawable
from tfgan_models.plots.image_grid import grid_of_parts, grid_size

GAP, MARGIN = 2, 4  # pixels between images, and around a text
MIN_CELL = 32  # pixels; smaller images are enlarged, so that the captions fit
DPI, POINTS = 100, 8


def captioned_grid(
    parts: Iterable[np.ndarray], rows: Sequence[str], columns: Sequence[str], names: Sequence[str] = ()
) -> np.ndarray:
    """Lay images out in rows, with a caption at the left of each row and above each column.

    Args:
        parts: bytes, or floats in [-1, 1], ``[n, h, w, c]`` each, as in ``image_grid.grid_of_parts``; rows times
            columns images in all.
        rows: captions of the rows; texts that are all empty take no space.
        columns: captions of the columns. They are turned by 90 degrees if one is wider than an image.
        names: the names that captions consist of or begin with. If no font of the system has their characters, the
            captions have the number of the name instead, counted from 0.

    Returns:
        uint8 ``[height, width, c]``.
    """
    sheet = grid_of_parts(_enlarged(parts), len(rows) * len(columns), len(columns), GAP)
    cell_height, cell_width = (sheet.shape[0] + GAP) // len(rows), (sheet.shape[1] + GAP) // len(columns)
    draw = _drawer(names)
    left = [draw(text) for text in rows]
    top = [draw(text) for text in columns]
    if max(text.shape[1] for text in top) > cell_width - GAP:
        top = [np.rot90(text) for text in top]
    indent = max(text.shape[1] for text in left)
    header = max(text.shape[0] for text in top)
    picture = np.full((header + sheet.shape[0], indent + sheet.shape[1], sheet.shape[2]), 255, np.uint8)
    picture[header:, indent:] = sheet
    colors = min(3, sheet.shape[2])  # the opacity stays
    for i, text in enumerate(left):
        start = header + i * cell_height + (cell_height - GAP - text.shape[0]) // 2
        _paste(picture, text, start, indent - text.shape[1], colors)
    for i, text in enumerate(top):
        start = indent + i * cell_width + (cell_width - GAP - text.shape[1]) // 2
        _paste(picture, text, header - text.shape[0], start, colors)
    return picture


def captioned_size(rows: int, columns: int, height: int, width: int) -> tuple[int, int]:
    """Height and width of the images of such a grid, in pixels, without its captions."""
    factor = _factor(height)
    return grid_size(rows * columns, height * factor, width * factor, columns, GAP)


def _paste(picture: np.ndarray, text: np.ndarray, top: int, left: int, colors: int) -> None:
    """Put a text into a picture, cut off at the edges."""
    top, left = max(top, 0), max(left, 0)
    area = picture[top : top + text.shape[0], left : left + text.shape[1], :colors]
    area[...] = text[: area.shape[0], : area.shape[1], np.newaxis]


def _factor(height: int) -> int:
    """Factor by which images of a height are enlarged."""
    return -(-MIN_CELL // height)


def _enlarged(parts: Iterable[np.ndarray]) -> Iterable[np.ndarray]:
    for part in parts:
        factor = _factor(part.shape[1])
        yield part.repeat(factor, 1).repeat(factor, 2) if factor > 1 else part


def _drawer(names: Sequence[str]) -> Callable[[str], np.ndarray]:
    """Make a function from a text to its picture, uint8 ``[h, w]``, black on white; it draws each text only once."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown, pictures = drawable(tuple(names)), {"": np.full((0, 0), 255, np.uint8)}
    visible = dict(zip(names, shown.texts, strict=True))
    figure = Figure((8.0, 0.4), dpi=DPI)
    canvas = FigureCanvasAgg(figure)
    item = figure.text(0.01, 0.5, "", size=POINTS, va="center", family=list(shown.fonts), parse_math=False)

    def draw(text: str) -> np.ndarray:
        if text not in pictures:
            name = max((name for name in names if f"{text} ".startswith(f"{name} ")), key=len, default="")
            item.set_text(visible[name] + text[len(name) :] if name else text)
            canvas.draw()
            gray = np.asarray(canvas.buffer_rgba())[..., 0]
            # All texts have the same height, so that their lines are at the same level.
            ink = np.flatnonzero((gray < 255).any(0))
            columns = slice(ink[0], ink[-1] + 1) if len(ink) else slice(0, 1)
            height = round(POINTS / 72 * DPI * 1.5)
            middle = gray.shape[0] // 2
            pictures[text] = np.pad(
                gray[middle - height // 2 : middle + height // 2, columns],
                ((0, 0), (MARGIN, MARGIN)),
                constant_values=255,
            )
        return pictures[text]

    return draw
