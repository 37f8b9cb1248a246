"""Eyes and eyebrows, with make-up and eyeglasses."""

import numpy as np

from tfgan_models.data.faces import colors
from tfgan_models.data.faces.canvas import Canvas, coverage
from tfgan_models.data.faces.colors import rgb
from tfgan_models.data.faces.curves import ellipse, ribbon, smooth, translate
from tfgan_models.data.faces.head import ear

EYE_HEIGHT = -0.04
"""Height of the eyes in face units, downwards from the head's center."""


def draw_eyes(canvas: Canvas) -> None:
    """Paint both eyes: white, iris, pupil, light, lids, lashes and make-up."""
    for side in (-1, 1):
        _draw_eye(canvas, side)


def _draw_eye(canvas: Canvas, side: int) -> None:
    face, head = canvas.face, canvas.head
    x = side * face.eye_distance
    opening = (0.38 if face.has("Narrow_Eyes") else 1.0) * face.eye_size
    across = np.array([-0.195, -0.11, 0.0, 0.11, 0.195]) * side
    upper = np.array([0.015, -0.095 * opening, -0.135 * opening, -0.10 * opening, -0.02])
    lower = np.array([0.015, 0.065 * opening, 0.095 * opening, 0.075 * opening, -0.02])
    center = np.array([x, EYE_HEIGHT])
    top = canvas.on_face(smooth(np.stack([across, upper], 1) + center, closed=False))
    bottom = canvas.on_face(smooth(np.stack([across, lower], 1) + center, closed=False))
    base = colors.skin(face)
    if face.has("Heavy_Makeup"):
        _draw_eye_shadow(canvas, top)
    else:
        crease = translate(top, 0.0, -0.055)
        canvas.stroke(head, crease[4:-2], 0.03, base * rgb(0.50, 0.36, 0.33), 0.55)
    _draw_ball(canvas, np.concatenate([top, bottom[::-1]]), center)
    lash = rgb(0.07, 0.045, 0.045)
    swell = np.sin(np.linspace(0.25, np.pi - 0.25, len(top)))
    if face.has("Heavy_Makeup"):
        canvas.stroke(head, top, 0.05 + 0.045 * swell, lash)
        canvas.stroke(head, bottom, 0.035, lash, 0.8)
        wing = np.array([top[-3], top[-1], top[-1] + (0.09 * side, -0.09)])
        canvas.stroke(head, wing, np.array([0.07, 0.07, 0.02]), lash)
    else:
        canvas.stroke(head, top, 0.025 + 0.035 * swell, lash, 0.9)
        canvas.stroke(head, bottom, 0.022, base * rgb(0.42, 0.28, 0.26), 0.6)


def _draw_ball(canvas: Canvas, opening: np.ndarray, center: np.ndarray) -> None:
    face, head = canvas.face, canvas.head
    area = coverage(head.to_pixels(opening), canvas.size)
    if area is None:
        return
    rows, columns, mask = area
    gaze = translate(center, 0.05 * face.gaze_x, 0.025 * face.gaze_y - 0.01)
    middle = canvas.on_face(gaze[None])[0].astype(np.float32)
    u, v = head.u[rows, columns] - middle[0], head.v[rows, columns] - middle[1]
    distance = np.hypot(u, v)
    # A soft edge of one pixel, so that circles have smooth edges at every size.
    pixel = np.float32(head.scale)
    color = colors.iris(face)
    ball = np.empty((*mask.shape, 3), np.float32)
    ball[:] = rgb(0.95, 0.94, 0.93)
    ball -= np.clip(0.10 - v * 1.2, 0.0, 0.25)[..., None]
    lit = color * (0.75 + np.clip(v * 5.0, -0.25, 0.6))[..., None]
    _mix(ball, color * np.float32(0.35), np.clip((0.112 - distance) * pixel + 0.5, 0, 1))
    _mix(ball, lit, np.clip((0.092 - distance) * pixel + 0.5, 0, 1))
    _mix(ball, rgb(0.02, 0.02, 0.025), np.clip((0.048 - distance) * pixel + 0.5, 0, 1))
    spark = np.hypot(u - np.float32(0.045 * np.sign(face.light_x)), v + np.float32(0.045))
    _mix(ball, rgb(1, 1, 1), np.clip((0.03 - spark) * pixel + 0.5, 0, 1))
    canvas.blend(rows, columns, mask, ball)


def _mix(patch: np.ndarray, color: np.ndarray, share: np.ndarray) -> None:
    patch += (color - patch) * share[..., None]


def _draw_eye_shadow(canvas: Canvas, top: np.ndarray) -> None:
    face = canvas.face
    tone = colors.hue(0.58 + 0.36 * face.make_up, 0.62, 0.38 + 0.30 * colors.luminance(colors.skin(face)))
    lift = np.sin(np.linspace(0.0, np.pi, len(top)))[:, None] * (0.0, -0.13) + (0.0, -0.03)
    canvas.fill(canvas.head, np.concatenate([top, (top + lift)[::-1]]), tone, 0.92, soft=0.012)


def draw_brows(canvas: Canvas) -> None:
    """Paint both eyebrows: flat or arched, fine or bushy."""
    face, head = canvas.face, canvas.head
    arched, bushy = face.has("Arched_Eyebrows"), face.has("Bushy_Eyebrows")
    color = colors.beard(face)
    height = np.array([0.06, -0.085, -0.165, -0.125, 0.09]) if arched else np.array([0.0, 0.0, -0.01, 0.0, 0.02])
    thick = np.array([0.125, 0.15, 0.145, 0.12, 0.06]) if bushy else np.array([0.045, 0.055, 0.05, 0.045, 0.02])
    across = np.array([-0.20, -0.11, 0.0, 0.12, 0.22])
    for side in (-1, 1):
        line = np.stack([across * side + side * face.eye_distance, height - 0.285 + face.brow_height], axis=1)
        line, width = canvas.on_face(smooth(line, closed=False)), smooth(thick[:, None], closed=False)[:, 0]
        canvas.stroke(head, line, width, color, 0.92)
        if bushy:
            hair = np.array(
                [(-0.013, 0.05), (0.013, 0.05), (0.05 * side + 0.010, -0.085), (0.05 * side - 0.010, -0.085)]
            )
            canvas.fill(head, line[1:-1:4, None] + hair, color * np.float32(0.6), 0.8)


def draw_eyeglasses(canvas: Canvas) -> None:
    """Paint eyeglasses in a frame that contrasts with the skin, with a reflection on each lens."""
    face, head = canvas.face, canvas.head
    light_skin = colors.luminance(colors.skin(face)) > 0.5
    palette = _FRAMES_ON_LIGHT if light_skin else _FRAMES_ON_DARK
    color = colors.pick(palette, face.accessory)
    round_lens = (face.accessory * 7.0) % 1.0 < 0.5
    for side in (-1, 1):
        center = (side * (face.eye_distance + 0.005), EYE_HEIGHT + 0.03)
        power = 1.0 if round_lens else 0.55
        ring = ellipse((0.0, 0.0), (1.0, 1.0), 32)
        ring = np.sign(ring) * np.abs(ring) ** power * (0.265, 0.235) + center
        ring = canvas.on_face(ring, 0.06)
        canvas.fill(head, ring, rgb(0.86, 0.93, 0.98), 0.13)
        glare = ring[[17, 19, 22, 24]] * 0.75 + ring.mean(0) * 0.25
        canvas.fill(head, glare, rgb(1, 1, 1), 0.38)
        closed = np.concatenate([ring, ring[:2]])
        canvas.fill(head, ribbon(closed, 0.062), color)
        hinge, end = translate(ring[16 if side < 0 else 0], 0.0, -0.05), ear(face, side)[0] * 0.97
        if abs(hinge[0]) < abs(end):
            canvas.stroke(head, np.array([hinge, (end, -0.09)]), 0.055, color)
    bridge = np.array([(-0.08, 0.0), (0.0, -0.035), (0.08, 0.0)])
    bridge = smooth(translate(bridge, 0.0, EYE_HEIGHT), closed=False)
    canvas.stroke(head, canvas.on_face(bridge, 0.08), 0.05, color)


_FRAMES_ON_LIGHT = np.array(
    [[0.08, 0.08, 0.10], [0.30, 0.13, 0.07], [0.50, 0.06, 0.12], [0.08, 0.16, 0.36]], np.float32
)
_FRAMES_ON_DARK = np.array([[0.95, 0.80, 0.36], [0.92, 0.92, 0.94], [0.88, 0.22, 0.20], [0.04, 0.04, 0.05]], np.float32)
