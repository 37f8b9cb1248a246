"""Curves and outlines as arrays of points: splines, ellipses, mirrored halves and wide lines."""

import functools

import numpy as np


def smooth(points: np.ndarray, closed: bool = True) -> np.ndarray:
    """Interpolate ``points`` ``[n, 2]`` by a Catmull-Rom curve, with six points for each span."""
    return _spline(len(points), closed) @ points


def translate(points: np.ndarray, right: float, down: float) -> np.ndarray:
    """Shift points ``[..., 2]``."""
    return points + np.array((right, down))


def mirror(right: np.ndarray) -> np.ndarray:
    """Complete the right half ``[n, 2]`` of a symmetric outline, whose first and last points are on the axis."""
    left = right[-2:0:-1] * (-1.0, 1.0)
    return np.concatenate([right, left])


def ellipse(center: tuple[float, float], radii: tuple[float, float], count: int = 24) -> np.ndarray:
    """Place ``count`` points ``[count, 2]`` on an ellipse."""
    return translate(_circle(count) * radii, *center)


def ribbon(points: np.ndarray, width: float | np.ndarray) -> np.ndarray:
    """Outline ``[2 n, 2]`` of a line through ``points`` ``[n, 2]`` that is ``width`` wide."""
    across = np.empty_like(points)
    across[1:-1] = points[2:] - points[:-2]
    across[0], across[-1] = points[1] - points[0], points[-1] - points[-2]
    half = 0.5 * width / np.maximum(np.hypot(across[:, 0], across[:, 1]), 1e-6)
    across = across[:, ::-1] * (half[:, None] * (-1.0, 1.0))
    return np.concatenate([points + across, (points - across)[::-1]])


@functools.lru_cache(maxsize=8)
def _circle(count: int) -> np.ndarray:
    angle = np.linspace(0.0, 2 * np.pi, count, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@functools.lru_cache(maxsize=64)
def _spline(count: int, closed: bool) -> np.ndarray:
    """Weights ``[samples, count]`` that map control points to points on the Catmull-Rom curve through them."""
    steps = np.arange(6) / 6
    cubic = np.stack(
        [
            -0.5 * steps + steps**2 - 0.5 * steps**3,
            1 - 2.5 * steps**2 + 1.5 * steps**3,
            0.5 * steps + 2 * steps**2 - 1.5 * steps**3,
            -0.5 * steps**2 + 0.5 * steps**3,
        ],
        axis=1,
    )
    spans = count if closed else count - 1
    weights = np.zeros((spans * 6 + (not closed), count))
    for span in range(spans):
        for offset in range(4):
            knot = span - 1 + offset
            knot = knot % count if closed else min(max(knot, 0), count - 1)
            weights[span * 6 : span * 6 + 6, knot] += cubic[:, offset]
    if not closed:
        weights[-1, -1] = 1.0
    return weights
