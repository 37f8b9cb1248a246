"""Hair on the head, behind the neck and over the forehead, with strands, curls and shine."""

import numpy as np

from tfgan_models.data.faces import attributes, colors
from tfgan_models.data.faces.canvas import Canvas
from tfgan_models.data.faces.curves import smooth, translate
from tfgan_models.data.faces.face import Face


def hair_field(canvas: Canvas) -> np.ndarray:
    """Color ``[size, size, 3]`` of the hair at each pixel, flowing from the crown over the skull and then down."""
    face, frame = canvas.face, canvas.head
    u, v = frame.u, frame.v
    base = colors.hair(face)
    width = np.sqrt(np.float32(1.02) - (np.clip(v, -1.2, 0.0) * np.float32(1 / 1.2)) ** 2)
    flow = (u - np.float32(0.12 * face.hair_part) * (1 - width)) / width
    light = 1.0 + np.clip(u * np.float32(0.55 * face.light_x), -0.3, 0.3) - np.clip(v * 0.16, -0.14, 0.22)
    phase = np.float32(face.hair_phase)
    glance = np.exp(-(((v + 0.80 - 0.35 * flow * flow) / 0.11) ** 2))
    if face.has("Wavy_Hair"):
        curl = flow * 13.0 + 1.7 * np.sin(v * 11.0 + phase) + phase
        pattern = np.sin(curl) * 0.55 + np.sin(v * 15.0 + 2.2 * np.sin(flow * 9.0 + phase)) * 0.45
        light = light + 0.38 * pattern + 0.12 * glance * (pattern > 0)
    elif face.has("Straight_Hair"):
        strands = np.sin(flow * 41.0 + phase) * 0.6 + np.sin(flow * 67.0 + phase * 3) * 0.4
        light = light + 0.20 * strands + glance * (0.50 + 0.25 * strands)
    light = light.astype(np.float32)[..., None]
    # The shine is added, since multiplying black hair would not show it.
    return base * light + np.float32(0.14) * np.clip(light - 1.0, -0.4, 1.0)


def draw_back_hair(canvas: Canvas, field: np.ndarray) -> None:
    """Paint long hair that falls behind the head onto the shoulders."""
    face = canvas.face
    if not (face.has("Long_Hair") and attributes.hair_is_visible(face.attributes)):
        return
    out = face.hair_volume
    if face.has("Wavy_Hair"):
        side = [
            (0.0, -1.12),
            (0.72, -0.86),
            (1.0, -0.35),
            (0.93, -0.05),
            (1.10, 0.25),
            (1.0, 0.55),
            (1.16, 0.86),
            (1.02, 1.15),
            (1.10, 1.42),
            (0.75, 1.52),
            (0.35, 1.40),
        ]
    elif face.has("Straight_Hair"):
        side = [
            (0.0, -1.12),
            (0.66, -0.86),
            (0.86, -0.35),
            (0.88, 0.2),
            (0.90, 0.8),
            (0.93, 1.38),
            (0.92, 1.47),
            (0.6, 1.47),
            (0.35, 1.47),
        ]
    else:
        side = [
            (0.0, -1.12),
            (0.68, -0.86),
            (0.92, -0.35),
            (0.98, 0.2),
            (0.98, 0.7),
            (0.85, 1.1),
            (0.62, 1.25),
            (0.35, 1.1),
        ]
    right = np.array(side) + np.array([out, 0.0]) * (np.array(side)[:, :1] > 0.5)
    shape = np.concatenate([right, right[:0:-1] * (-1.0, 1.0)])
    dark = field * np.float32(0.72)
    canvas.fill(canvas.head, translate(smooth(shape), -0.10 * np.sin(face.yaw), 0.0), dark)


def draw_front_hair(canvas: Canvas, field: np.ndarray) -> None:
    """Paint the hair over the skull down to the hairline or the bangs, and the locks at both sides of long hair."""
    face = canvas.face
    if not attributes.hair_is_visible(face.attributes):
        return
    shadow = colors.skin(face) * np.array([0.45, 0.32, 0.30], np.float32)
    cap = _cap(face)
    canvas.fill(canvas.head, translate(cap, 0.0, 0.045), shadow, 0.30, soft=0.03)
    if face.has("Long_Hair"):
        for side in (-1, 1):
            lock = _lock(face, side)
            canvas.fill(canvas.head, translate(lock, -0.03 * side, 0.02), shadow, 0.35, soft=0.03)
            canvas.fill(canvas.head, lock, field)
    canvas.fill(canvas.head, cap, field)


def _cap(face: Face) -> np.ndarray:
    """Outline ``[n, 2]`` of the hair on the skull: its outer edge, then the hairline back."""
    volume = 1.0 + face.hair_volume + (0.06 if face.has("Wavy_Hair") else 0.0)
    angle = np.linspace(-0.02, np.pi + 0.02, 49)
    radius = np.full_like(angle, volume)
    if face.has("Wavy_Hair"):
        radius += 0.075 * np.abs(np.sin(angle * 5.0 + face.hair_phase)) - 0.02
    elif face.has("Straight_Hair") and not face.has("Long_Hair"):
        # Spikes, but none where a receding hairline leaves only a thin rim at the temples.
        rim = 14 if face.has("Receding_Hairline") else 5
        radius[rim:-rim:3] += 0.065
    wide = 0.04 if face.has("Chubby") else 0.0
    outer = np.stack([(0.80 + wide) * radius * np.cos(angle), -0.08 - 1.08 * radius * np.sin(angle)], axis=1)
    turn = 0.30 * np.sin(face.yaw)
    return np.concatenate([outer, translate(_hairline(face), turn, 0.0)])


def _hairline(face: Face) -> np.ndarray:
    part = 0.20 * face.hair_part
    if face.has("Bangs"):
        if face.has("Wavy_Hair"):
            x = np.linspace(-0.60, 0.60, 25)
            y = -0.42 - 0.07 * np.abs(np.sin(x * 8.5 + face.hair_phase))
        else:
            x = np.linspace(-0.60, 0.60, 15)
            y = np.where(np.arange(15) % 2, -0.37, -0.45) - 0.05 * x**2
        fringe = np.stack([x, y], axis=1)
        return np.concatenate([[(-0.74, -0.02), (-0.64, -0.28)], fringe, [(0.64, -0.28), (0.74, -0.02)]])
    if face.has("Receding_Hairline"):
        half = [(0.72, -0.10), (0.68, -0.44), (0.58, -0.80), (0.40, -1.0), (0.20, -0.95), (0.10, -0.90)]
        line = [(-x, y) for x, y in half] + [(0.0, -0.88)] + half[::-1]
        return smooth(np.array(line), closed=False)
    line = [
        (-0.74, -0.02),
        (-0.65, -0.28),
        (-0.56, -0.52),
        (-0.34, -0.64),
        (part, -0.74),
        (0.34, -0.64),
        (0.56, -0.52),
        (0.65, -0.28),
        (0.74, -0.02),
    ]
    return smooth(np.array(line), closed=False)


def _lock(face: Face, side: int) -> np.ndarray:
    wave = 0.05 if face.has("Wavy_Hair") else 0.0
    end = 1.45 if face.has("Straight_Hair") else 1.0
    y = np.linspace(-0.60, end, 9)
    inner = 0.63 - 0.14 * np.clip(y - 0.2, 0, 1) + wave * np.sin(y * 8.0 + face.hair_phase)
    outer = 0.80 + (0.10 + wave) * np.clip(y + 0.6, 0, 1) + wave * np.sin(y * 7.0)
    inner = inner - np.where(y > -0.2, 0.0, 0.06)
    points = np.concatenate([np.stack([outer, y], 1), np.stack([inner, y], 1)[::-1]])
    return translate(smooth(points * (side, 1)), -0.04 * np.sin(face.yaw), 0.0)
