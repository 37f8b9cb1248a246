"""Nose, mouth and lips."""

import numpy as np

from tfgan_models.data.faces import colors
from tfgan_models.data.faces.canvas import Canvas
from tfgan_models.data.faces.colors import rgb
from tfgan_models.data.faces.curves import ellipse, smooth

MOUTH_HEIGHT = 0.59
"""Height of the mouth in face units, downwards from the head's center."""


def draw_nose(canvas: Canvas) -> None:
    """Paint the nose: a shaded side away from the light, a bright ridge, wings, nostrils and the shadow below."""
    face, head = canvas.face, canvas.head
    base = colors.skin(face)
    shadow, bright = base * rgb(0.58, 0.43, 0.40), colors.highlight(base)
    big, pointy = face.has("Big_Nose"), face.has("Pointy_Nose")
    wide = 0.25 if big else 0.085 if pointy else 0.14
    tip = 0.30 + face.nose_length + (0.09 if pointy else 0.03 if big else 0.0)
    dark_side = -1 if face.light_x > 0 else 1
    strength = 0.40 + 0.35 * abs(face.light_x)

    def on_nose(points: list[tuple[float, float]], lift: float = 0.16) -> np.ndarray:
        return canvas.on_face(np.array(points, float), lift)

    side = [(0.02, -0.12), (0.03, 0.1), (0.03, tip - 0.02), (wide, tip), (wide * 0.8, tip - 0.14), (0.10, -0.05)]
    plane = canvas.on_face(np.array(side) * (dark_side, 1), 0.08)
    canvas.fill(head, plane, shadow, 0.55 * strength + 0.1, soft=0.025)
    if pointy:
        under = on_nose([(-wide - 0.04, tip - 0.05), (0, tip + 0.075), (wide + 0.04, tip - 0.05), (0, tip - 0.03)])
        canvas.fill(head, under, base * rgb(0.36, 0.23, 0.21), 0.95)
        ridge = on_nose([(0.0, -0.06), (0.0, 0.12), (0.0, tip - 0.01)])
        canvas.stroke(head, ridge, np.array([0.03, 0.055, 0.085]), colors.highlight(bright), 0.9)
        return
    canvas.glow(head, tuple(on_nose([(0, tip + 0.06)], 0.06)[0]), (wide * 0.9, 0.05), shadow, 0.55)
    center = on_nose([(0.0, tip - 0.04)])[0]
    if big:
        canvas.fill(
            head, ellipse((center[0], center[1] + 0.045), (wide + 0.02, 0.125)), base * rgb(0.50, 0.35, 0.32), 0.9
        )
        for sign in (-1, 1):
            wing = on_nose([(sign * wide * 0.72, tip)], 0.12)[0]
            canvas.fill(head, ellipse(tuple(wing), (0.09, 0.085)), base * rgb(0.90, 0.80, 0.77))
        canvas.fill(head, ellipse(tuple(center), (wide * 0.68, 0.125)), base * rgb(1.03, 0.98, 0.96), soft=0.015)
    ridge = on_nose([(0.0, -0.06), (0.0, 0.1), (0.0, tip - 0.05)])
    canvas.stroke(head, ridge, 0.06, bright, 0.35, soft=0.02)
    gleam = center[0] + 0.04 * face.light_x, center[1] - 0.01
    canvas.glow(head, gleam, (0.07 if big else 0.045, 0.045), bright, 0.75)
    for sign in (-1, 1):
        nostril = on_nose([(sign * wide * 0.52, tip + 0.045)], 0.12)[0]
        size = (0.062, 0.036) if big else (0.042, 0.026)
        canvas.fill(head, ellipse(tuple(nostril), size, 10), base * rgb(0.28, 0.16, 0.15), 0.9)
        if not big:
            wing = [
                (sign * wide, tip - 0.07),
                (sign * (wide + 0.025), tip),
                (sign * wide * 0.9, tip + 0.04),
            ]
            canvas.stroke(head, on_nose(wing, 0.10), 0.03, shadow, 0.8)


def draw_mouth(canvas: Canvas) -> None:
    """Paint lips, teeth and, for a smile, the folds around them."""
    face, head = canvas.face, canvas.head
    smiling, opened = face.has("Smiling"), face.has("Mouth_Slightly_Open")
    half = (0.36 if smiling else 0.255) * face.mouth_width
    gap = (0.135 if smiling else 0.115) if opened else 0.0
    upper, lower = (0.135, 0.175) if face.has("Big_Lips") else (0.05, 0.07)
    x = np.linspace(-1.0, 1.0, 13)
    bulge = 1.0 - x**2
    line = (-0.18 * x**2 + 0.065) if smiling else 0.05 * x**2 - 0.01
    line = line + MOUTH_HEIGHT + face.mouth_height
    bow = np.exp(-((x / 0.16) ** 2)) * 0.02
    inner_top, inner_bottom = line - gap * 0.35 * bulge, line + gap * 0.65 * bulge
    outer_top = inner_top - upper * bulge**0.7 + bow
    outer_bottom = inner_bottom + lower * bulge**0.8

    def curve(height: np.ndarray) -> np.ndarray:
        return canvas.on_face(np.stack([x * half, height], axis=1), 0.05)

    base = colors.skin(face)
    dark = base * rgb(0.50, 0.34, 0.32)
    if smiling:
        _draw_folds(canvas, dark)
    canvas.glow(head, tuple(curve(outer_bottom + 0.045)[6]), (half * 0.5, 0.035), dark, 0.5)
    lips = _lip_color(canvas)
    canvas.fill(head, np.concatenate([curve(outer_top), curve(inner_top)[::-1]]), lips * np.float32(0.86))
    canvas.fill(head, np.concatenate([curve(inner_bottom), curve(outer_bottom)[::-1]]), lips)
    shine = np.minimum(lips * 1.25 + 0.08, 1.0).astype(np.float32)
    middle = curve((inner_bottom + outer_bottom) / 2)[4:9]
    canvas.stroke(head, middle, lower * 0.35, shine, 0.75 if face.has("Wearing_Lipstick") else 0.45)
    if opened:
        inside = np.concatenate([curve(inner_top), curve(inner_bottom)[::-1]])
        canvas.fill(head, inside, rgb(0.20, 0.04, 0.05))
        teeth = inner_top + (inner_bottom - inner_top) * (0.62 if smiling else 0.42)
        canvas.fill(head, np.concatenate([curve(inner_top), curve(teeth)[::-1]])[1:-1], rgb(0.97, 0.96, 0.93))
    else:
        canvas.stroke(head, curve(line), 0.03, lips * np.float32(0.30), 0.95)
    if smiling:
        for corner in curve(line)[[0, -1]]:
            canvas.glow(head, tuple(corner), (0.035, 0.035), dark, 0.7)


def _lip_color(canvas: Canvas) -> np.ndarray:
    face = canvas.face
    if face.has("Wearing_Lipstick"):
        return colors.blend_along(_LIPSTICKS, face.lipstick)
    base = colors.skin(face)
    return colors.between(base * rgb(0.86, 0.66, 0.63), rgb(0.75, 0.38, 0.37), 0.35)


def _draw_folds(canvas: Canvas, dark: np.ndarray) -> None:
    for side in (-1, 1):
        fold = np.array([(0.19, 0.29), (0.30, 0.36), (0.40, 0.46), (0.44, 0.56)]) * (side, 1)
        fold = canvas.on_face(smooth(fold, closed=False), 0.03)
        width = 0.012 + 0.03 * np.sin(np.linspace(0, np.pi, len(fold)))
        canvas.stroke(canvas.head, fold, width, dark, 0.55)


_LIPSTICKS = np.array([[0.80, 0.04, 0.10], [0.86, 0.08, 0.34], [0.60, 0.05, 0.32], [0.48, 0.02, 0.14]], np.float32)
