"""Hats, headphones and earrings."""

import numpy as np

from tfgan_models.data.faces import colors
from tfgan_models.data.faces.canvas import Canvas
from tfgan_models.data.faces.colors import rgb
from tfgan_models.data.faces.curves import ellipse, ribbon, smooth, translate
from tfgan_models.data.faces.head import ear


def draw_hat(canvas: Canvas) -> None:
    """Paint a knitted cap or a brimmed hat that covers the head down to above the eyebrows."""
    face, head = canvas.face, canvas.head
    color = colors.hue(face.headwear * 7.0, 0.62, 0.38 + 0.42 * face.headwear)
    u, v = head.u, head.v
    light = (1.0 + np.clip(u * np.float32(0.6 * face.light_x), -0.3, 0.3) - 0.25 * (v + 0.9)).astype(np.float32)
    shadow = colors.skin(face) * rgb(0.45, 0.32, 0.30)
    canvas.fill(head, ellipse((0.0, -0.48), (0.70, 0.13)), shadow, 0.6, soft=0.04)
    if face.headwear < 0.5:
        _draw_knitted_cap(canvas, color, light)
    else:
        _draw_brimmed_hat(canvas, color, light)


def _draw_knitted_cap(canvas: Canvas, color: np.ndarray, light: np.ndarray) -> None:
    """Paint a dome of knitting with a folded band."""
    head = canvas.head
    u, v = head.u, head.v
    knit = 1.0 + 0.13 * np.sin(u * 30.0) * np.sign(np.sin(v * 26.0) + 1.2)
    dome = [
        (-0.86, -0.42),
        (-0.85, -0.85),
        (-0.55, -1.28),
        (0.0, -1.42),
        (0.55, -1.28),
        (0.85, -0.85),
        (0.86, -0.42),
        (0.0, -0.56),
    ]
    canvas.fill(head, smooth(np.array(dome)), color * (light * knit)[..., None])
    fold = [
        (-0.88, -0.36),
        (-0.91, -0.66),
        (-0.45, -0.78),
        (0.0, -0.81),
        (0.45, -0.78),
        (0.91, -0.66),
        (0.88, -0.36),
        (0.45, -0.46),
        (0.0, -0.49),
        (-0.45, -0.46),
    ]
    band = colors.between(color, rgb(1, 1, 1), 0.32)
    ribs = 1.0 + 0.16 * np.sin(u * 38.0)
    canvas.fill(head, smooth(np.array(fold)), band * (light * ribs)[..., None])


def _draw_brimmed_hat(canvas: Canvas, color: np.ndarray, light: np.ndarray) -> None:
    """Paint a crown, its ribbon and a brim that turns with the head."""
    head = canvas.head
    turn = 0.12 * np.sin(canvas.face.yaw)
    crown = [
        (-0.76, -0.55),
        (-0.72, -1.05),
        (-0.50, -1.42),
        (-0.12, -1.36),
        (0.12, -1.38),
        (0.50, -1.42),
        (0.72, -1.05),
        (0.76, -0.55),
    ]
    canvas.fill(head, translate(smooth(np.array(crown)), turn * 0.3, 0.0), color * light[..., None])
    ring = [(-0.79, -0.54), (-0.76, -0.82), (0.0, -0.90), (0.76, -0.82), (0.79, -0.54), (0.0, -0.60)]
    canvas.fill(head, smooth(np.array(ring)), color * np.float32(0.35))
    brim = [
        (-1.22, -0.56),
        (-0.75, -0.70),
        (0.0, -0.74),
        (0.75, -0.70),
        (1.22, -0.56),
        (0.75, -0.44),
        (0.0, -0.40 - 0.05),
        (-0.75, -0.44),
    ]
    brim = translate(smooth(np.array(brim)), turn, 0.0)
    canvas.fill(head, brim, color * (light * np.float32(0.80))[..., None])
    edge = brim[brim[:, 1] < -0.58]
    canvas.fill(head, ribbon(edge[np.argsort(edge[:, 0])], 0.035), colors.between(color, rgb(1, 1, 1), 0.4), 0.7)


def draw_headphones(canvas: Canvas) -> None:
    """Paint headphones: a band over the head and a cup on each ear."""
    face, head = canvas.face, canvas.head
    dark = face.accessory < 0.5
    shell = rgb(0.13, 0.13, 0.15) if dark else rgb(0.90, 0.90, 0.92)
    accent = colors.hue(face.headwear, 0.75, 0.85)
    angle = np.linspace(0.0, np.pi, 25)
    arc = np.stack([0.92 * np.cos(angle), -0.02 - 1.24 * np.sin(angle)], axis=1)
    canvas.fill(head, ribbon(arc, 0.13), shell)
    canvas.fill(head, ribbon(arc[3:-3] * (1.03, 1.02), 0.04), accent)
    for side in (-1, 1):
        yaw_shift = -side * np.sin(face.yaw)
        x, width = side * (0.90 + 0.03 * yaw_shift), 0.145 + 0.12 * yaw_shift
        canvas.fill(head, ellipse((x, 0.05), (width + 0.02, 0.29)), rgb(0.05, 0.05, 0.06))
        canvas.fill(head, ellipse((x + 0.015 * side, 0.05), (width, 0.26)), shell)
        canvas.fill(head, ellipse((x + 0.03 * side, 0.05), (width * 0.55, 0.15)), accent)
        canvas.glow(head, (x + 0.03 * side, -0.04), (0.04, 0.05), rgb(1, 1, 1), 0.6)


def draw_earrings(canvas: Canvas) -> None:
    """Paint an earring under each ear, in front of the hair."""
    face, head = canvas.face, canvas.head
    color = colors.metal(face)
    stone = colors.hue(face.headwear, 0.8, 0.9)
    lower = 0.09 if face.has("Headphones") else 0.0
    for side in (-1, 1):
        x = ear(face, side)[0] + 0.03 * side
        if face.metal * 5.0 % 1.0 < 0.5:
            ring = ellipse((x, 0.44 + lower), (0.10, 0.155))
            ring = np.concatenate([ring, ring[:2]])
            canvas.fill(head, ribbon(ring, 0.115), rgb(0.14, 0.09, 0.03), 0.55)
            canvas.fill(head, ribbon(ring, 0.065), color)
            canvas.glow(head, (x - 0.07, 0.36 + lower), (0.03, 0.03), rgb(1, 1, 1), 0.9)
            continue
        drop = np.array([(0.0, 0.26), (0.05, 0.40), (0.095, 0.52), (0.0, 0.64), (-0.095, 0.52), (-0.05, 0.40)])
        drop = translate(drop, x, 0.0)
        canvas.fill(head, (drop - (x, 0.46)) * 1.3 + (x, 0.46), rgb(0.14, 0.09, 0.03), 0.55)
        canvas.fill(head, drop, color)
        canvas.fill(head, ellipse((x, 0.51), (0.055, 0.07), 10), stone)
        canvas.glow(head, (x - 0.02, 0.48), (0.025, 0.025), rgb(1, 1, 1), 0.9)
