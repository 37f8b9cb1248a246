"""Background, clothes, necktie and necklace."""

import numpy as np

from tfgan_models.data.faces import colors
from tfgan_models.data.faces.canvas import Canvas
from tfgan_models.data.faces.colors import rgb
from tfgan_models.data.faces.curves import ellipse, mirror, smooth, translate


def draw_background(canvas: Canvas) -> None:
    """Fill the picture with a gradient between two related colors and a wide soft light."""
    face = canvas.face
    first = colors.hue(face.background, 0.30, 0.42 + 0.45 * face.background_light)
    second = colors.hue(face.background + 0.10, 0.42, 0.20 + 0.45 * face.background_light)
    u, v = canvas.body.u, canvas.body.v
    along = u * np.float32(np.cos(face.background_turn)) + v * np.float32(np.sin(face.background_turn))
    share = np.clip(along * np.float32(0.33) + np.float32(0.5), 0.0, 1.0)
    canvas.pixels[:] = first + (second - first) * share[..., None]
    center = (0.9 * np.cos(face.background_turn * 3), -0.5)
    canvas.glow(canvas.body, center, (0.55, 0.60), np.minimum(first * 1.35 + 0.05, 1).astype(np.float32), 0.5)


def draw_clothes(canvas: Canvas) -> None:
    """Paint shoulders in plain, striped or knitted cloth."""
    face, body = canvas.face, canvas.body
    color = rgb(0.93, 0.94, 0.96) if face.has("Wearing_Necktie") and face.clothing_light > 0.4 else colors.cloth(face)
    u, v = body.u, body.v
    light = 1.0 + np.clip(u * np.float32(0.4 * face.light_x), -0.25, 0.25) - 0.20 * (v - 1.3)
    if face.clothing_pattern < 0.28:
        light = light * (1.0 + 0.22 * np.sign(np.sin(v * 30.0 - u * u * 6.0)))
    elif face.clothing_pattern < 0.52:
        light = light * (1.0 + 0.14 * np.sin(u * 34.0) * np.sin(v * 34.0))
    half = [(0, 1.12), (0.42, 1.18), (0.85, 1.33), (1.22, 1.50), (1.45, 1.85), (1.55, 2.3), (0, 2.4)]
    canvas.fill(body, smooth(mirror(np.array(half))), color * light.astype(np.float32)[..., None])


def draw_collar(canvas: Canvas) -> None:
    """Paint the neckline's edge, or a shirt's collar with the necktie in it."""
    face, body = canvas.face, canvas.body
    if not face.has("Wearing_Necktie"):
        return
    shirt = (
        rgb(0.97, 0.97, 0.99) if face.clothing_light > 0.4 else colors.between(colors.cloth(face), rgb(1, 1, 1), 0.45)
    )
    canvas.fill(body, np.array([(-0.5, 1.42), (0.5, 1.42), (0.62, 1.8), (-0.62, 1.8)]), shirt)
    tie = colors.hue(face.accessory, 0.80, 0.62)
    stripe = 1.0 + 0.38 * np.sign(np.sin((body.u + body.v) * 24.0)) * (face.headwear > 0.4)
    cloth = tie * stripe.astype(np.float32)[..., None]
    blade = np.array([(-0.09, 1.46), (0.09, 1.46), (0.22, 2.1), (-0.22, 2.1)])
    canvas.fill(body, blade, cloth)
    knot = np.array([(-0.16, 1.30), (0.16, 1.30), (0.10, 1.49), (-0.10, 1.49)])
    canvas.fill(body, knot * (1.15, 1.0), tie * np.float32(0.5), 0.6)
    canvas.fill(body, knot, tie * np.float32(1.15))
    for side in (-1, 1):
        flap = np.array([(0.36, 1.03), (0.50, 1.16), (0.37, 1.58), (0.06, 1.36), (0.28, 1.24)]) * (side, 1)
        canvas.fill(body, translate(flap, 0.0, 0.035), shirt * np.float32(0.45), 0.6)
        canvas.fill(body, flap, shirt)


def draw_necklace(canvas: Canvas) -> None:
    """Paint a necklace of beads with a pendant on neck and chest."""
    face, body = canvas.face, canvas.body
    color = colors.metal(face)
    angle = np.linspace(0.12, np.pi - 0.12, 11)
    string = np.stack([0.40 * np.cos(angle), 1.20 + 0.30 * np.sin(angle)], axis=1)
    dark = colors.skin(face) * rgb(0.34, 0.23, 0.20)
    beads = string[:, None]
    canvas.fill(body, beads + ellipse((0.0, 0.025), (0.062, 0.062), 10), dark, 0.8)
    canvas.fill(body, beads + ellipse((0.0, 0.0), (0.050, 0.050), 10), color)
    canvas.fill(body, beads + ellipse((-0.012, -0.016), (0.02, 0.02), 6), rgb(1, 1, 1), 0.8)
    canvas.fill(body, ellipse((0.0, 1.585), (0.095, 0.115), 14), dark, 0.8)
    canvas.fill(body, ellipse((0.0, 1.575), (0.075, 0.095), 14), colors.hue(face.headwear, 0.85, 0.80))
    canvas.glow(body, (-0.02, 1.55), (0.025, 0.025), rgb(1, 1, 1), 0.9)
