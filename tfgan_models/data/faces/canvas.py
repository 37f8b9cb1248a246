"""The picture under construction: frames of reference, anti-aliased areas, strokes and soft spots."""

import functools
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tfgan_models.data.faces.curves import ribbon
from tfgan_models.data.faces.face import Face

Colour = np.ndarray
"""float32 ``[3]``, or ``[size, size, 3]`` for a colour that varies over the picture; sRGB between 0 and 1."""


class Frame:
    """A similarity of the plane: face units to pixels and back."""

    def __init__(self, origin: tuple[float, float], scale: float, angle: float, size: int):
        """Place the frame's ``origin`` (in pixels) with ``scale`` pixels to the unit, turned by ``angle`` radians."""
        cosine, sine = math.cos(angle) * scale, math.sin(angle) * scale
        self.scale = scale
        self.origin = np.array(origin)
        self.matrix = np.array([[cosine, sine], [-sine, cosine]])
        x, y = _pixel_centres(size)
        x, y = x - np.float32(origin[0]), y - np.float32(origin[1])
        cosine, sine = np.float32(cosine / scale**2), np.float32(sine / scale**2)
        self.u = x * cosine + y * sine
        """float32 ``[size, size]``: each pixel's coordinate to the right, in face units."""
        self.v = y * cosine - x * sine
        """float32 ``[size, size]``: each pixel's coordinate downwards, in face units."""

    def to_pixels(self, points: np.ndarray) -> np.ndarray:
        """Map points ``[n, 2]`` in face units to pixels."""
        return points @ self.matrix + self.origin


class Canvas:
    """A square picture in float32, with the frame of the head and that of the body.

    Args:
        face: gives pose and light.
        size: the picture's side in pixels.
    """

    def __init__(self, face: Face, size: int):
        self.size = size
        self.face = face
        self.pixels = np.zeros((size, size, 3), np.float32)
        scale = face.scale * size
        origin = np.array([0.5 + face.shift_x, 0.485 + face.shift_y]) * size
        self.body = Frame(tuple(origin), scale, face.tilt * 0.2, size)
        # The head leans about the base of the neck, one unit under its centre.
        lean = scale * np.array([math.sin(face.tilt), 1 - math.cos(face.tilt)])
        self.head = Frame(tuple(origin + lean), scale, face.tilt, size)
        self._turn = math.sin(face.yaw), math.cos(face.yaw), math.sin(face.pitch)

    def on_face(self, points: np.ndarray, lift: float = 0.0) -> np.ndarray:
        """Turn points ``[n, 2]`` that lie on the front of the head, ``lift`` above it, by the head's yaw and pitch."""
        sine, cosine, nod = self._turn
        x, y = points[:, 0], points[:, 1]
        depth = 0.62 * np.sqrt(np.maximum(0.0, 1.0 - (x / 0.85) ** 2 - (y / 1.3) ** 2)) + lift
        turned = np.empty((len(points), 2))
        turned[:, 0] = x * cosine + depth * sine
        turned[:, 1] = y + depth * nod
        return turned

    def fill(
        self,
        frame: Frame,
        points: np.ndarray,
        colour: Colour,
        alpha: float = 1.0,
        soft: float = 0.0,
    ) -> None:
        """Paint the inside of a polygon ``[n, 2]``, or of several at once ``[shapes, n, 2]``.

        ``soft`` is the standard deviation of the edge in face units.
        """
        covered = coverage(frame.to_pixels(points), self.size, soft * frame.scale)
        if covered is not None:
            rows, columns, mask = covered
            colour = colour[rows, columns] if colour.ndim == 3 else colour
            self.blend(rows, columns, mask * np.float32(alpha) if alpha != 1.0 else mask, colour)

    def blend(self, rows: slice, columns: slice, mask: np.ndarray, colour: Colour) -> None:
        """Mix ``colour`` (``[3]`` or ``[rows, columns, 3]``) into a rectangle by a mask ``[rows, columns]``."""
        region = self.pixels[rows, columns]
        region += (colour - region) * mask[..., None]

    def stroke(
        self,
        frame: Frame,
        points: np.ndarray,
        width: float | np.ndarray,
        colour: Colour,
        alpha: float = 1.0,
        soft: float = 0.0,
    ) -> None:
        """Paint a line through ``points`` ``[n, 2]`` whose ``width`` (face units) may be a number for each point."""
        self.fill(frame, ribbon(points, width), colour, alpha, soft)

    def glow(
        self,
        frame: Frame,
        centre: tuple[float, float],
        radii: tuple[float, float],
        colour: Colour,
        alpha: float,
    ) -> None:
        """Mix in a round spot that fades as a Gaussian; ``radii`` (face units) are its standard deviations."""
        x, y = frame.to_pixels(np.array(centre))
        reach = 2.6 * max(radii) * frame.scale
        rows, columns = _window(x - reach, y - reach, x + reach, y + reach, self.size)
        u = (frame.u[rows, columns] - np.float32(centre[0])) / np.float32(radii[0])
        v = (frame.v[rows, columns] - np.float32(centre[1])) / np.float32(radii[1])
        self.blend(rows, columns, np.exp(-0.5 * (u * u + v * v)) * np.float32(alpha), colour)


def coverage(points: np.ndarray, size: int, blur: float = 0.0) -> tuple[slice, slice, np.ndarray] | None:
    """Find how much of each pixel a polygon covers.

    Args:
        points: ``[n, 2]`` in pixels, or several polygons ``[shapes, n, 2]``; may lie outside the picture.
        size: the picture's side.
        blur: standard deviation of the edge in pixels.

    Returns:
        The rows and columns of the smallest rectangle that holds the polygon and the shares float32 in it; None
        where the polygon is outside the picture.
    """
    margin = 2.5 * blur
    shapes = points.reshape(-1, *points.shape[-2:])
    left, top = points[..., 0].min() - margin, points[..., 1].min() - margin
    right, bottom = points[..., 0].max() + margin, points[..., 1].max() + margin
    rows, columns = _window(left, top, right, bottom, size)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    if height <= 0 or width <= 0:
        return None
    # Small areas are eyes and lips: they need the finer sampling and can afford it.
    finer = 4 if max(height, width) > 28 else 8
    image = Image.new("L", (width * finer, height * finer))
    corners = ((shapes - (columns.start, rows.start)) * finer).reshape(len(shapes), -1).tolist()
    pencil = ImageDraw.Draw(image)
    for polygon in corners:
        pencil.polygon(polygon, fill=255)
    image = image.reduce(finer)
    if blur > 0.3:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    return rows, columns, np.asarray(image, np.float32) * np.float32(1 / 255)


def _window(left: float, top: float, right: float, bottom: float, size: int) -> tuple[slice, slice]:
    first_row, last_row = max(0, math.floor(top)), min(size, math.ceil(bottom) + 1)
    first_column, last_column = max(0, math.floor(left)), min(size, math.ceil(right) + 1)
    return slice(first_row, max(first_row, last_row)), slice(first_column, max(first_column, last_column))


@functools.lru_cache(maxsize=8)
def _pixel_centres(size: int) -> tuple[np.ndarray, np.ndarray]:
    centres = np.arange(size, dtype=np.float32) + np.float32(0.5)
    return centres[None, :], centres[:, None]
