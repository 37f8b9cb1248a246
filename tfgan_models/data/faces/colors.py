"""Palettes of skin, hair, eyes, cloth and metal, chosen by a face's attributes and parameters."""

import colorsys

import numpy as np

from tfgan_models.data.faces.face import Face


def rgb(*channels: float) -> np.ndarray:
    """Make a color float32 ``[3]`` of red, green and blue between 0 and 1."""
    return np.array(channels, np.float32)


def between(start: np.ndarray, end: np.ndarray, share: float | np.ndarray) -> np.ndarray:
    """Mix two colors; ``share`` 0 gives ``start``, 1 gives ``end``."""
    return (start + (end - start) * share).astype(np.float32)


def hue(turn: float, saturation: float, value: float) -> np.ndarray:
    """Make a color float32 ``[3]`` from hue (in turns), saturation and value."""
    return rgb(*colorsys.hsv_to_rgb(turn % 1.0, saturation, value))


def luminance(color: np.ndarray) -> float:
    """Lightness of a color ``[3]``, between 0 and 1."""
    return float(color @ rgb(0.30, 0.59, 0.11))


_SKIN = np.array(
    [[0.91, 0.70, 0.54], [0.86, 0.63, 0.46], [0.76, 0.53, 0.37], [0.64, 0.43, 0.30], [0.52, 0.35, 0.25]], np.float32
)
_IRIS = np.array(
    [
        [0.24, 0.14, 0.07],
        [0.36, 0.21, 0.09],
        [0.45, 0.33, 0.13],
        [0.25, 0.42, 0.22],
        [0.25, 0.45, 0.66],
        [0.38, 0.46, 0.52],
    ],
    np.float32,
)
_HAIR = {
    "Black_Hair": (rgb(0.085, 0.075, 0.08), rgb(0.13, 0.115, 0.13)),
    "Brown_Hair": (rgb(0.30, 0.17, 0.085), rgb(0.40, 0.235, 0.12)),
    "Blond_Hair": (rgb(0.84, 0.64, 0.29), rgb(0.93, 0.78, 0.46)),
    "Red_Hair": (rgb(0.66, 0.22, 0.07), rgb(0.77, 0.31, 0.11)),
    "Gray_Hair": (rgb(0.56, 0.57, 0.60), rgb(0.80, 0.81, 0.83)),
}
_DYES = np.array([[0.16, 0.36, 0.68], [0.12, 0.52, 0.50], [0.42, 0.24, 0.62], [0.80, 0.34, 0.58]], np.float32)


def pick(palette: np.ndarray, share: float) -> np.ndarray:
    """Choose a row of a palette ``[n, 3]`` by a number in [0, 1)."""
    return palette[min(int(share * len(palette)), len(palette) - 1)]


def blend_along(palette: np.ndarray, share: float) -> np.ndarray:
    """Interpolate along a palette ``[n, 3]`` by a number in [0, 1]."""
    position = share * (len(palette) - 1)
    first = min(int(position), len(palette) - 2)
    return between(palette[first], palette[first + 1], position - first)


def skin(face: Face) -> np.ndarray:
    """Choose the skin's base color; pale skin is lighter and cooler than all others."""
    if face.has("Pale_Skin"):
        return rgb(0.975, 0.885, 0.845) + rgb(0.0, -0.012, 0.012) * np.float32(face.skin_hue)
    return blend_along(_SKIN, face.skin_tone) + rgb(0.015, 0.0, -0.015) * np.float32(face.skin_hue)


def highlight(base: np.ndarray) -> np.ndarray:
    """Lighten a skin's color by a factor and an offset, so that it is visible on dark skin as well."""
    return np.minimum(base * rgb(1.20, 1.19, 1.18) + np.float32(0.06), 1.0).astype(np.float32)


def hair(face: Face) -> np.ndarray:
    """Choose the color of the hair on the head."""
    for name, (dark, light) in _HAIR.items():
        if face.has(name):
            return between(dark, light, 0.5 + 0.5 * face.hair_shade)
    return pick(_DYES, face.dye)


def beard(face: Face) -> np.ndarray:
    """Choose the color of beard and eyebrows: the hair's, darkened, or a natural color if the hair has none."""
    for name, (dark, light) in _HAIR.items():
        if face.has(name):
            base = between(dark, light, 0.5 + 0.5 * face.hair_shade)
            return base * np.float32(0.62 if luminance(base) > 0.3 else 0.85)
    return between(rgb(0.12, 0.09, 0.075), rgb(0.36, 0.23, 0.14), face.beard_shade)


def iris(face: Face) -> np.ndarray:
    """Choose the eyes' color."""
    return pick(_IRIS, face.iris)


def cloth(face: Face) -> np.ndarray:
    """Choose the clothes' color."""
    return hue(face.clothing, 0.25 + 0.35 * face.clothing_light, 0.35 + 0.45 * face.clothing_light)


def metal(face: Face) -> np.ndarray:
    """Choose gold or silver."""
    return rgb(0.98, 0.80, 0.32) if face.metal < 0.6 else rgb(0.88, 0.90, 0.94)
