"""The canvas: frames of reference, anti-aliased areas, strokes and soft spots."""

import functools
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tfgan_models.data.faces.curves import ribbon
from tfgan_models.data.faces.face import Face

Color = np.ndarray
"""float32 ``[3]``, or ``[size, size, 3]`` for a color that varies over the image; sRGB between 0 and 1."""


class Frame:
    """A similarity transform between face units and pixels."""

    def __init__(self, origin: tuple[float, float], scale: float, angle: float, size: int):
        """Set ``origin`` in pixels, ``scale`` in pixels per face unit and rotation ``angle`` in radians."""
        cosine, sine = math.cos(angle) * scale, math.sin(angle) * scale
        self.scale = scale
        self.origin = np.array(origin)
        self.matrix = np.array([[cosine, sine], [-sine, cosine]])
        x, y = _pixel_centers(size)
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
    """A square image in float32, with the frames of head and body.

    Args:
        face: the face, for its pose and light.
        size: the image's side in pixels.
    """

    def __init__(self, face: Face, size: int):
        self.size = size
        self.face = face
        self.pixels = np.zeros((size, size, 3), np.float32)
        scale = face.scale * size
        origin = np.array([0.5 + face.shift_x, 0.485 + face.shift_y]) * size
        self.body = Frame(tuple(origin), scale, face.tilt * 0.2, size)
        # The head leans about the base of the neck, one unit below its center.
        lean = scale * np.array([math.sin(face.tilt), 1 - math.cos(face.tilt)])
        self.head = Frame(tuple(origin + lean), scale, face.tilt, size)
        self._turn = math.sin(face.yaw), math.cos(face.yaw), math.sin(face.pitch)

    def on_face(self, points: np.ndarray, lift: float = 0.0) -> np.ndarray:
        """Rotate points ``[n, 2]`` on the front of the head, ``lift`` above it, by the head's yaw and pitch."""
        sine, cosine, nod = self._turn
        x, y = points[:, 0], points[:, 1]
        depth = 0.62 * np.sqrt(np.maximum(0.0, 1.0 - (x / 0.85) ** 2 - (y / 1.3) ** 2)) + lift
        rotated = np.empty((len(points), 2))
        rotated[:, 0] = x * cosine + depth * sine
        rotated[:, 1] = y + depth * nod
        return rotated

    def fill(
        self,
        frame: Frame,
        points: np.ndarray,
        color: Color,
        alpha: float = 1.0,
        soft: float = 0.0,
    ) -> None:
        """Paint the inside of a polygon ``[n, 2]``, or of several at once ``[shapes, n, 2]``.

        ``soft`` is the standard deviation of the edge in face units.
        """
        area = coverage(frame.to_pixels(points), self.size, soft * frame.scale)
        if area is not None:
            rows, columns, mask = area
            color = color[rows, columns] if color.ndim == 3 else color
            self.blend(rows, columns, mask * np.float32(alpha) if alpha != 1.0 else mask, color)

    def blend(self, rows: slice, columns: slice, mask: np.ndarray, color: Color) -> None:
        """Mix ``color`` (``[3]`` or ``[rows, columns, 3]``) into a rectangle by a mask ``[rows, columns]``."""
        region = self.pixels[rows, columns]
        region += (color - region) * mask[..., None]

    def stroke(
        self,
        frame: Frame,
        points: np.ndarray,
        width: float | np.ndarray,
        color: Color,
        alpha: float = 1.0,
        soft: float = 0.0,
    ) -> None:
        """Paint a line through ``points`` ``[n, 2]`` whose ``width`` (face units) may be a number for each point."""
        self.fill(frame, ribbon(points, width), color, alpha, soft)

    def glow(
        self,
        frame: Frame,
        center: tuple[float, float],
        radii: tuple[float, float],
        color: Color,
        alpha: float,
    ) -> None:
        """Mix in a round spot that fades as a Gaussian; ``radii`` (face units) are its standard deviations."""
        x, y = frame.to_pixels(np.array(center))
        reach = 2.6 * max(radii) * frame.scale
        rows, columns = _window(x - reach, y - reach, x + reach, y + reach, self.size)
        u = (frame.u[rows, columns] - np.float32(center[0])) / np.float32(radii[0])
        v = (frame.v[rows, columns] - np.float32(center[1])) / np.float32(radii[1])
        self.blend(rows, columns, np.exp(-0.5 * (u * u + v * v)) * np.float32(alpha), color)


def coverage(points: np.ndarray, size: int, blur: float = 0.0) -> tuple[slice, slice, np.ndarray] | None:
    """Compute the share of each pixel that a polygon covers.

    Args:
        points: ``[n, 2]`` in pixels, or several polygons ``[shapes, n, 2]``; may be outside the image.
        size: the image's side.
        blur: standard deviation of the edge in pixels.

    Returns:
        Rows and columns of the smallest rectangle around the polygon, and the shares in it, float32; None if the
        polygon is outside the image.
    """
    margin = 2.5 * blur
    shapes = points.reshape(-1, *points.shape[-2:])
    left, top = points[..., 0].min() - margin, points[..., 1].min() - margin
    right, bottom = points[..., 0].max() + margin, points[..., 1].max() + margin
    rows, columns = _window(left, top, right, bottom, size)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    if height <= 0 or width <= 0:
        return None
    # Small areas, such as eyes and lips, need finer sampling, which costs little for them.
    oversampling = 4 if max(height, width) > 28 else 8
    image = Image.new("L", (width * oversampling, height * oversampling))
    corners = ((shapes - (columns.start, rows.start)) * oversampling).reshape(len(shapes), -1).tolist()
    pencil = ImageDraw.Draw(image)
    for polygon in corners:
        pencil.polygon(polygon, fill=255)
    image = image.reduce(oversampling)
    if blur > 0.3:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    return rows, columns, np.asarray(image, np.float32) * np.float32(1 / 255)


def _window(left: float, top: float, right: float, bottom: float, size: int) -> tuple[slice, slice]:
    first_row, last_row = max(0, math.floor(top)), min(size, math.ceil(bottom) + 1)
    first_column, last_column = max(0, math.floor(left)), min(size, math.ceil(right) + 1)
    return slice(first_row, max(first_row, last_row)), slice(first_column, max(first_column, last_column))


@functools.lru_cache(maxsize=8)
def _pixel_centers(size: int) -> tuple[np.ndarray, np.ndarray]:
    centers = np.arange(size, dtype=np.float32) + np.float32(0.5)
    return centers[None, :], centers[:, None]
