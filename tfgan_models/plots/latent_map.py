"""Draw two-dimensional codes over contours of their prior (Makhzani et al. 2015, figure 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tfgan_models.plots.class_names import FILE, drawable
from tfgan_models.protocols import Distribution

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GRID, SHARES = 120, (0.99, 0.9, 0.5)  # points on a side; share of the prior's mass inside each contour
MAX_LEGEND = 20  # classes


class Panel(NamedTuple):
    """One map of a picture.

    Attributes:
        title: title above the map.
        codes: ``[n, 2]``.
        labels: ``[n]``, or None.
        prior: distribution over ``[2]``.
    """

    title: str
    codes: np.ndarray
    labels: np.ndarray | None
    prior: Distribution


def draw(panels: Sequence[Panel], names: Sequence[str] = ()) -> np.ndarray:
    """Draw maps side by side, codes colored by class over contours of the prior: uint8 ``[h, w, 3]``.

    Args:
        panels: at least one map; all get the same scale.
        names: names of the labels 0, 1, ….
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((6.0 * len(panels) + 1.2, 6.0), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    subplots = np.atleast_1d(figure.subplots(1, len(panels), sharex=True, sharey=True))
    extent = max(_extent(panel) for panel in panels)
    for axes, panel in zip(subplots, panels, strict=True):
        _draw_contours(axes, panel.prior, extent)
        colors = {}
        if panel.labels is not None:
            colors = {"c": _colors(panel.labels, len(names))}
        size = np.clip(10_000 / len(panel.codes), 3, 25)  # fewer points are drawn larger
        axes.scatter(*panel.codes.T, size, linewidths=0, **colors)
        axes.set(title=panel.title, xlim=(-extent, extent), ylim=(-extent, extent), aspect="equal")
    if 0 < len(names) <= MAX_LEGEND and panels[0].labels is not None:
        class_names = drawable(tuple(names))
        colors = _colors(np.arange(len(names)), len(names))
        points = [subplots[-1].scatter([], [], 20, color=color) for color in colors]
        options: dict[str, Any] = {"prop": {"family": list(class_names.fonts)}} if len(class_names.fonts) > 1 else {}
        if class_names.numbered:
            options["title"] = f"numbers as in {FILE}"
        # With points and names in its call, a legend also shows names that begin with "_".
        legend = figure.legend(points, list(class_names.texts), loc="outside right upper", **options)
        for text in legend.get_texts():
            text.set_parse_math(False)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _colors(labels: np.ndarray, classes: int) -> np.ndarray:
    """Colors of labels, which do not depend on the labels that occur; gray for negative, unknown labels."""
    from matplotlib import colormaps

    labels = np.asarray(labels)
    if classes <= MAX_LEGEND:
        colors = colormaps["tab10" if classes <= 10 else "tab20"](np.maximum(labels, 0))
    else:
        colors = colormaps["turbo"](np.maximum(labels, 0) / classes)
    return np.where((labels >= 0)[:, np.newaxis], colors, (0.7, 0.7, 0.7, 1.0))


def _extent(panel: Panel) -> float:
    """Half side of the map, which holds samples of the prior and nearly all codes."""
    prior_extent = np.abs(np.asarray(panel.prior.sample(2000, seed=(0, 0)))).max()
    return float(max(prior_extent, np.quantile(np.abs(panel.codes), 0.999))) * 1.05


def _draw_contours(axes: Axes, prior: Distribution, extent: float) -> None:
    """Draw lines of equal density around shares of the prior's mass, or circles around the points that it has."""
    if prior.name == "categorical":
        axes.scatter((0, 1), (1, 0), 1500, facecolors="none", edgecolors="0.55", linewidths=0.8)
        return
    points = np.stack(np.meshgrid(*[np.linspace(-extent, extent, GRID, dtype=np.float32)] * 2), -1)
    try:
        density = np.exp(np.asarray(prior.log_prob(points.reshape(-1, 2))).reshape(GRID, GRID))
    except NotImplementedError:  # a prior that has samples only
        return
    density = np.where(np.isfinite(density), density, 0)
    mass = np.sort(density.ravel())
    cumulative = np.cumsum(mass) / mass.sum()
    levels = np.unique([mass[np.searchsorted(cumulative, 1 - share)] for share in SHARES])
    if levels[0] == levels[-1]:  # of a uniform distribution the edge
        levels = levels[:1] / 2
    if levels[0] > 0:
        axes.contour(points[..., 0], points[..., 1], density, levels, colors="0.55", linewidths=0.8)
