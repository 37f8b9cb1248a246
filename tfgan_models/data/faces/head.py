"""The head without eyes, nose and mouth: outline, ears, shaded skin and complexion."""

import numpy as np

from tfgan_models.data.faces import colors
from tfgan_models.data.faces.canvas import Canvas, coverage
from tfgan_models.data.faces.colors import rgb
from tfgan_models.data.faces.curves import ellipse, mirror, ribbon, smooth, translate
from tfgan_models.data.faces.face import Face

_SQUARE = [(0, -1.0), (0.36, -0.93), (0.64, -0.66), (0.735, -0.2), (0.715, 0.20), (0.62, 0.57), (0.36, 0.90), (0, 0.99)]
_OVAL = [(0, -1.02), (0.34, -0.95), (0.60, -0.68), (0.685, -0.22), (0.63, 0.20), (0.46, 0.62), (0.20, 0.98), (0, 1.07)]
_CHUBBY = [(0, -1.0), (0.38, -0.93), (0.66, -0.66), (0.775, -0.2), (0.845, 0.25), (0.80, 0.62), (0.50, 0.93), (0, 1.0)]


def outline(face: Face) -> np.ndarray:
    """Outline of the head as a closed curve ``[n, 2]`` in face units; the jaw follows the yaw."""
    half = np.array(_OVAL if face.has("Oval_Face") else _CHUBBY if face.has("Chubby") else _SQUARE)
    half[:, 0] += face.jaw * (half[:, 1] > 0) * (half[:, 0] > 0)
    points = mirror(half)
    points[:, 0] += 0.22 * np.sin(face.yaw) * np.clip(points[:, 1], 0.0, 1.0)
    return smooth(points)


def skin_field(canvas: Canvas) -> np.ndarray:
    """Color ``[size, size, 3]`` of the skin at each pixel: that of a lit ellipsoid."""
    face, frame = canvas.face, canvas.head
    x = frame.u * np.float32(1 / 0.95)
    y = frame.v * np.float32(1 / 1.25)
    z = np.sqrt(np.maximum(np.float32(0.05), np.float32(1.0) - x * x - y * y))
    light = np.array([face.light_x, face.light_y, 0.80])
    light = (light / np.linalg.norm(light)).astype(np.float32)
    lit = np.clip(x * light[0] + y * light[1] + z * light[2], 0.0, 1.0)
    strength = np.float32(face.light_strength)
    shade = (1 - strength * (1 - lit) * 1.25 - 0.14 * (1 - z) ** 2)[..., None]
    base = colors.skin(face)
    tint = rgb(0.02, 0.0, -0.02) * np.float32(face.light_warmth)
    shadow = base * rgb(0.55, 0.40, 0.38)
    return shadow + (base * rgb(1.06, 1.04, 1.03) + tint - shadow) * shade


def draw_neck(canvas: Canvas, skin: np.ndarray) -> None:
    """Paint neck and chest, with the shadow that the head casts on them."""
    face = canvas.face
    neck = [(0.36, 0.5), (0.36, 1.05), (0.43, 1.25), (0.62, 1.42), (0.40, 1.62), (0, 1.70)]
    if face.has("Wearing_Necktie"):
        neck = [(0.36, 0.5), (0.36, 1.15), (0.38, 1.45), (0, 1.50)]
    neck = mirror(np.array([(0, 0.5), *neck]))
    tone = skin * np.float32(0.5) + (colors.skin(face) * rgb(0.88, 0.82, 0.80)) * np.float32(0.5)
    canvas.fill(canvas.body, neck, tone)
    shadow = colors.skin(face) * rgb(0.52, 0.38, 0.36)
    canvas.fill(canvas.body, ellipse((-0.06 * face.light_x, 0.98), (0.29, 0.26)), shadow, 0.80, soft=0.045)


def draw_ears(canvas: Canvas, skin: np.ndarray) -> None:
    """Paint both ears; yaw widens one and narrows the other."""
    face = canvas.face
    inner = colors.skin(face) * rgb(0.62, 0.45, 0.42)
    for side in (-1, 1):
        x, width = ear(face, side)
        canvas.fill(canvas.head, ellipse((x, 0.04), (width, 0.21)), skin * np.float32(0.95))
        canvas.fill(canvas.head, ellipse((x + 0.01 * side, 0.03), (width * 0.5, 0.13)), inner, 0.6, soft=0.02)


def ear(face: Face, side: int) -> tuple[float, float]:
    """Compute an ear's center x and half width in face units, for ``side`` -1 (left) or 1 (right)."""
    cheek = 0.69 if face.has("Oval_Face") else 0.79 if face.has("Chubby") else 0.74
    yaw_shift = -side * np.sin(face.yaw)
    return side * (cheek + 0.03 + 0.05 * yaw_shift), 0.11 + 0.10 * yaw_shift


def draw_head(canvas: Canvas, skin: np.ndarray) -> None:
    """Paint the head, and below it the second chin if the face has one."""
    face = canvas.face
    if face.has("Double_Chin"):
        _draw_second_chin(canvas, skin)
    shape = outline(face)
    canvas.fill(canvas.head, shape, skin)
    dark = colors.skin(face) * rgb(0.42, 0.29, 0.27)
    jaw = shape[(shape[:, 1] > 0.45)]
    jaw = jaw[np.argsort(jaw[:, 0])]
    canvas.fill(canvas.head, ribbon(jaw, 0.035), dark, 0.35)
    if face.has("Double_Chin"):
        x = 0.22 * np.sin(face.yaw)
        fold = np.array([(-0.34, 0.86), (-0.2, 0.95), (0, 0.985), (0.2, 0.95), (0.34, 0.86)])
        fold = translate(smooth(fold, closed=False), x, 0.0)
        canvas.fill(canvas.head, ribbon(fold, 0.05), dark, 0.75)


def _draw_second_chin(canvas: Canvas, skin: np.ndarray) -> None:
    face = canvas.face
    x = 0.22 * np.sin(face.yaw)
    wide = 0.66 if face.has("Chubby") else 0.54
    roll = [(0, 0.5), (wide, 0.6), (wide * 0.95, 0.92), (wide * 0.62, 1.17), (0, 1.27)]
    shape = translate(smooth(mirror(np.array(roll))), x, 0.0)
    dark = colors.skin(face) * rgb(0.42, 0.29, 0.27)
    canvas.fill(canvas.head, translate(shape, 0.0, 0.05), dark, 0.8)
    canvas.fill(canvas.head, shape, skin * np.float32(0.94))
    canvas.glow(canvas.head, (x, 1.13), (0.25, 0.05), colors.skin(face) * rgb(1.1, 1.08, 1.08), 0.55)


def draw_complexion(canvas: Canvas) -> None:
    """Paint cheekbones, blush, bags under the eyes and freckles, and model forehead, sockets and chin softly."""
    face, head = canvas.face, canvas.head
    background = canvas.pixels.copy()
    base = colors.skin(face)
    shadow, bright = base * rgb(0.60, 0.45, 0.42), colors.highlight(base)
    lit = 0.10 * face.light_x
    center = _at(canvas, 0.0, -0.62)
    canvas.glow(head, (center[0] + lit * 2, center[1]), (0.34, 0.16), bright, 0.22)
    chin = _at(canvas, 0.0, 0.84)
    canvas.glow(head, (chin[0] + lit, chin[1]), (0.13, 0.08), bright, 0.30)
    for side in (-1, 1):
        canvas.glow(head, _at(canvas, side * 0.27, -0.12), (0.17, 0.10), shadow, 0.28)
        cheek = _at(canvas, side * 0.42, 0.26)
        canvas.glow(head, cheek, (0.15, 0.12), base * rgb(1.04, 0.80, 0.76), 0.25)
        if face.has("High_Cheekbones"):
            _draw_cheekbone(canvas, side, bright, shadow)
        if face.has("Rosy_Cheeks"):
            red = rgb(0.95, 0.24, 0.30) * np.float32(0.62 + 0.38 * colors.luminance(base))
            canvas.glow(head, _at(canvas, side * 0.45, 0.33), (0.145, 0.125), red, 0.80)
    if face.has("Freckles"):
        _draw_freckles(canvas)
    # On a turned head a cheek is at the edge: its blush must not be painted on the background.
    area = coverage(head.to_pixels(outline(face)), canvas.size)
    if area is not None:
        rows, columns, mask = area
        background[rows, columns] += (canvas.pixels[rows, columns] - background[rows, columns]) * mask[..., None]
        canvas.pixels = background


def draw_bags(canvas: Canvas) -> None:
    """Paint the dark, swollen arcs under both eyes."""
    base = colors.skin(canvas.face)
    dark = base * rgb(0.50, 0.38, 0.44)
    for side in (-1, 1):
        x = side * canvas.face.eye_distance
        arc = np.array([(-0.18, 0.10), (-0.09, 0.165), (0.02, 0.185), (0.12, 0.16), (0.18, 0.10)])
        arc = canvas.on_face(smooth(translate(arc, x, -0.03), closed=False))
        canvas.glow(canvas.head, _at(canvas, x, 0.10), (0.13, 0.05), dark, 0.55)
        canvas.stroke(canvas.head, arc, 0.055, dark * np.float32(0.8), 0.85)


def _draw_cheekbone(canvas: Canvas, side: int, bright: np.ndarray, shadow: np.ndarray) -> None:
    hollow = np.array([(0.70, 0.22), (0.60, 0.40), (0.46, 0.54), (0.33, 0.60), (0.40, 0.44), (0.54, 0.31)])
    hollow = canvas.on_face(smooth(hollow * (side, 1)))
    canvas.fill(canvas.head, hollow, shadow * np.float32(0.76), 0.92, soft=0.025)
    canvas.glow(canvas.head, _at(canvas, side * 0.46, 0.18), (0.14, 0.06), colors.highlight(bright), 0.80)


def _draw_freckles(canvas: Canvas) -> None:
    face = canvas.face
    dark = colors.skin(face) * rgb(0.46, 0.27, 0.19)
    for side in (-1, 1):
        spots = canvas.on_face(translate(_FRECKLES, 0.03 * face.grain, 0.0) * (side, 1), 0.03)
        canvas.fill(canvas.head, spots[:, None] + ellipse((0.0, 0.0), (0.040, 0.036), 8), dark, 0.85)


_FRECKLES = np.array(
    [
        (0.03, 0.10),
        (0.13, 0.16),
        (0.22, 0.25),
        (0.27, 0.14),
        (0.36, 0.20),
        (0.33, 0.33),
        (0.45, 0.28),
        (0.50, 0.17),
        (0.43, 0.42),
        (0.23, 0.37),
        (0.32, 0.44),
        (0.52, 0.37),
    ]
)


def _at(canvas: Canvas, x: float, y: float) -> tuple[float, float]:
    """Rotate one point of the face with the head."""
    point = canvas.on_face(np.array([(x, y)]))[0]
    return float(point[0]), float(point[1])
