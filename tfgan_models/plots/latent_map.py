"""Codes of two dimensions as a map, over the prior that they should fill (Makhzani et al. 2015, figure 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tfgan_models.protocols import Distribution

GRID, SHARES = 120, (0.99, 0.9, 0.5)  # points of a side; of the prior's mass inside each contour
MOST_NAMED = 20  # classes in a legend


class Map(NamedTuple):
    """One map of a picture.

    Attributes:
        title: over it.
        codes: ``[n, 2]``.
        labels: ``[n]``, or None.
        prior: over ``[2]``.
    """

    title: str
    codes: np.ndarray
    labels: np.ndarray | None
    prior: Distribution


def draw(maps: Sequence[Map], names: Sequence[str] = ()) -> np.ndarray:
    """Maps beside each other, codes coloured by class over contours of the prior: uint8 ``[h, w, 3]``.

    Args:
        maps: at least one; they get the same scale.
        names: of the labels 0, 1, ….
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((6.0 * len(maps) + 1.2, 6.0), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    panels = np.atleast_1d(figure.subplots(1, len(maps), sharex=True, sharey=True))
    reach = max(_reach(drawn) for drawn in maps)
    for axes, drawn in zip(panels, maps, strict=True):
        _draw_contours(axes, drawn.prior, reach)
        colours = {}
        if drawn.labels is not None:
            colours = {"c": _colours(drawn.labels, len(names))}
        size = np.clip(10_000 / len(drawn.codes), 3, 25)  # fewer points, and so larger ones
        axes.scatter(*drawn.codes.T, size, linewidths=0, **colours)
        axes.set(title=drawn.title, xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    if 0 < len(names) <= MOST_NAMED and maps[0].labels is not None:
        for colour, name in zip(_colours(np.arange(len(names)), len(names)), names, strict=True):
            panels[-1].scatter([], [], 20, color=colour, label=name.replace("$", r"\$"))
        figure.legend(*panels[-1].get_legend_handles_labels(), loc="outside right upper")
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _colours(labels: np.ndarray, classes: int) -> np.ndarray:
    """A colour for each class, whichever of them there are; grey for labels below 0, which are unknown."""
    from matplotlib import colormaps

    labels = np.asarray(labels)
    if classes <= MOST_NAMED:
        colours = colormaps["tab10" if classes <= 10 else "tab20"](np.maximum(labels, 0))
    else:
        colours = colormaps["turbo"](np.maximum(labels, 0) / classes)
    return np.where((labels >= 0)[:, np.newaxis], colours, (0.7, 0.7, 0.7, 1.0))


def _reach(drawn: Map) -> float:
    """How far from 0 the map must go: all of the prior, and nearly all codes."""
    own = np.abs(np.asarray(drawn.prior.sample(2000, seed=(0, 0)))).max()
    return float(max(own, np.quantile(np.abs(drawn.codes), 0.999))) * 1.05


def _draw_contours(axes, prior: Distribution, reach: float) -> None:
    """Lines of equal density around shares of the prior's mass."""
    points = np.stack(np.meshgrid(*[np.linspace(-reach, reach, GRID, dtype=np.float32)] * 2), -1)
    try:
        density = np.exp(np.asarray(prior.log_prob(points.reshape(-1, 2))).reshape(GRID, GRID))
    except NotImplementedError:  # a prior that can only be drawn from
        return
    density = np.where(np.isfinite(density), density, 0)
    mass = np.sort(density.ravel())
    below = np.cumsum(mass) / mass.sum()
    levels = np.unique([mass[np.searchsorted(below, 1 - share)] for share in SHARES])
    if len(levels) and levels[-1] > levels[0]:
        axes.contour(points[..., 0], points[..., 1], density, levels, colors="0.55", linewidths=0.8)
