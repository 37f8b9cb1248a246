"""Beard, goatee, stubble, mustache and sideburns."""

import numpy as np

from tfgan_models.data.faces import attributes, colors
from tfgan_models.data.faces.canvas import Canvas, coverage
from tfgan_models.data.faces.colors import rgb
from tfgan_models.data.faces.curves import mirror, smooth, translate
from tfgan_models.data.faces.head import outline
from tfgan_models.data.faces.nose_and_mouth import MOUTH_HEIGHT


def draw_beard(canvas: Canvas) -> None:
    """Paint the beard on cheeks and chin; call it before painting the mouth."""
    face = canvas.face
    if face.has("5_o_Clock_Shadow"):
        _draw_stubble(canvas)
    elif face.has("Goatee"):
        patch = [(0, 0.755), (0.15, 0.73), (0.27, 0.82), (0.24, 1.0), (0.12, 1.10), (0, 1.13)]
        _draw_hair(canvas, translate(smooth(mirror(np.array(patch))), 0.2 * np.sin(face.yaw), 0.0))
    elif not face.attributes & set(attributes.BEARDS):
        _draw_full_beard(canvas)
    if face.has("Sideburns"):
        edge = outline(face)
        for side in (-1, 1):
            cheek = edge[(edge[:, 0] * side > 0.3) & (edge[:, 1] > -0.55) & (edge[:, 1] < 0.52)]
            cheek = cheek[np.argsort(cheek[:, 1])]
            # On the side that is turned away less of the strip is visible.
            width = np.linspace(0.13, 0.20, len(cheek))[:, None] - 0.14 * side * np.sin(face.yaw)
            inner = cheek - width * (side, 0.0)
            _draw_hair(canvas, np.concatenate([cheek, inner[::-1]]), colors.hair(face) * np.float32(0.85))


def draw_mustache(canvas: Canvas) -> None:
    """Paint the mustache between nose and mouth; call it after painting the mouth."""
    if not canvas.face.has("Mustache"):
        return
    lift = -0.07 if canvas.face.has("Smiling") else 0.0
    lip_shift = -0.03 if canvas.face.has("Big_Lips") else 0.0
    half = [
        (0, -0.165),
        (0.10, -0.19),
        (0.24, -0.12),
        (0.37, 0.02 + lift),
        (0.22, -0.005 + lift * 0.5),
        (0.08, -0.055),
        (0, -0.05),
    ]
    shape = translate(smooth(mirror(np.array(half))), 0.0, MOUTH_HEIGHT + canvas.face.mouth_height + lip_shift)
    _draw_hair(canvas, canvas.on_face(shape, 0.08))


def _draw_full_beard(canvas: Canvas) -> None:
    face = canvas.face
    edge = outline(face)
    jaw = edge[edge[:, 1] > 0.22]
    jaw = jaw[np.argsort(np.arctan2(jaw[:, 0], jaw[:, 1] - 0.2))]
    jaw = (jaw - (0, 0.2)) * (1.03, 1.14) + (0, 0.2)
    inner = [(0.66, 0.20), (0.50, 0.42), (0.36, 0.56), (0.33, 0.74), (0.20, 0.79), (0, 0.775)]
    inner = canvas.on_face(smooth(np.array([*inner, *[(-x, y) for x, y in inner[-2::-1]]]), closed=False))
    _draw_hair(canvas, np.concatenate([jaw, inner]))


def _draw_hair(canvas: Canvas, shape: np.ndarray, color: np.ndarray | None = None) -> None:
    face, frame = canvas.face, canvas.head
    area = coverage(frame.to_pixels(shape), canvas.size, 0.012 * frame.scale)
    if area is None:
        return
    rows, columns, mask = area
    color = colors.beard(face) if color is None else color
    u, v = frame.u[rows, columns], frame.v[rows, columns]
    strands = np.sin(u * 52.0 - u * v * 16.0 + np.float32(face.hair_phase) + np.sin(v * 23.0) * 0.5)
    side = np.clip(u * np.float32(face.light_x) * 0.6, -0.25, 0.25)
    shade = (1.0 + 0.24 * strands + side)[..., None] * color
    canvas.blend(rows, columns, mask * np.float32(0.93), shade.astype(np.float32))


def _draw_stubble(canvas: Canvas) -> None:
    face, frame = canvas.face, canvas.head
    area = coverage(frame.to_pixels(outline(face)), canvas.size)
    if area is None:
        return
    rows, columns, mask = area
    u, v = frame.u[rows, columns], frame.v[rows, columns]
    u = u - np.float32(0.2 * np.sin(face.yaw))
    # From the sideburns over the jaw, up to the mustache between them, free of the cheeks' middle.
    below = v - (0.36 - 0.30 * np.clip(np.abs(u) - 0.35, 0.0, 0.3))
    density = np.clip(below / 0.12 + 0.5, 0.0, 1.0)
    dots = 0.80 + 0.20 * np.sin(u * 53.0 + 3.0 * np.sin(v * 31.0)) * np.sin(v * 47.0 + 2.0 * np.sin(u * 29.0))
    color = colors.skin(face) * np.float32(0.36) + rgb(0.03, 0.05, 0.07)
    canvas.blend(rows, columns, (mask * density * dots * np.float32(0.78)).astype(np.float32), color)
