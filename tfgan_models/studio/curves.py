"""Curves as SVG, in the colors of the page, so that they fit light and dark."""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Mapping, Sequence

from tfgan_models.studio.html import number

COLORS = ("#e8590c", "#1c7ed6", "#2f9e44", "#ae3ec9", "#f08c00", "#0c8599", "#e03131", "#868e96")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 200, 48, 12, 30, 26  # of a chart, and its margins
TICKS = 4  # on an axis, about

Points = Sequence[tuple[float, float]]


def chart(title: str, curves: Mapping[str, Points], description: str = "") -> str:
    """Draw curves over each other.

    Args:
        title: name of the figure.
        curves: points (epoch, value) of each curve by its name. Values that are not finite leave a gap.
        description: text that appears when the pointer rests on the chart.
    """
    finite = [(x, y) for points in curves.values() for x, y in points if math.isfinite(y)]
    if not finite:
        return ""
    x_ticks, y_ticks = ticks(*limits([x for x, _ in finite])), ticks(*limits([y for _, y in finite]))
    low_x, high_x = limits([x for x, _ in finite])
    low_y, high_y = min(y_ticks[0], min(y for _, y in finite)), max(y_ticks[-1], max(y for _, y in finite))

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (x - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - (y - low_y) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM),
        )

    parts = [f"<title>{html.escape(description or title)}</title>"]
    parts.append(f'<text x="{LEFT}" y="18" class="title">{html.escape(title)}</text>')
    for y in y_ticks:
        height = place(low_x, y)[1]
        parts.append(f'<path class="grid" d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{height + 4:.1f}" class="y">{number(y)}</text>')
    for x in (x for x in x_ticks if low_x <= x <= high_x):
        parts.append(f'<text x="{place(x, low_y)[0]:.1f}" y="{HEIGHT - 8}" class="x">{number(x)}</text>')
    for i, (name, points) in enumerate(curves.items()):
        for is_finite, part in itertools.groupby(points, lambda point: math.isfinite(point[1])):
            if is_finite:
                parts += _curve(name, [(*place(x, y), x, y) for x, y in part], COLORS[i % len(COLORS)])
    return f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}</svg>'


def _curve(name: str, points: Sequence[tuple[float, float, float, float]], color: str) -> list[str]:
    """A line, and a dot for each of its points that says the value when the pointer rests on it."""
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in points)
    parts = [f'<polyline points="{line}" stroke="{color}"/>']
    for x, y, epoch, value in points:
        text = html.escape(f"{name}, epoch {number(epoch)}: {number(value)}")
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{color}"><title>{text}</title></circle>')
    return parts


def legend(names: Sequence[str]) -> str:
    """Names of curves with their colors."""
    entries = (
        f'<span><i style="background:{COLORS[i % len(COLORS)]}"></i>{html.escape(name)}</span>'
        for i, name in enumerate(names)
    )
    return f'<div class="legend">{"".join(entries)}</div>'


def limits(values: Sequence[float]) -> tuple[float, float]:
    """The smallest and largest value, apart from each other."""
    low, high = min(values), max(values)
    if low == high:
        margin = abs(low) / 2 or 0.5
        return low - margin, high + margin
    return low, high


def ticks(low: float, high: float) -> list[float]:
    """Round numbers around an interval, in steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [i * step for i in range(first, last + 1)]
