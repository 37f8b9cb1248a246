"""Picture of figures over the epochs of several runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

Points = Sequence[tuple[int, float, float]]
STYLES = ("-", "--", ":", "-.")  # a further one for every ten curves, as there are ten colors


def figure_curves(panels: Mapping[str, Mapping[str, Points]]) -> np.ndarray:
    """Draw a panel for each figure, with a curve for each group of runs and a band of its deviation.

    Args:
        panels: for each figure the points of each curve by its name: epoch, mean, deviation.

    Returns:
        uint8 ``[h, w, 3]``.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2 * len(panels) + 0.6), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    names = list(dict.fromkeys(name for curves in panels.values() for name in curves))
    for axes, (title, curves) in zip(np.atleast_1d(figure.subplots(len(panels))), panels.items(), strict=True):
        lines = []
        for name, points in curves.items():
            epochs, means, deviations = (np.array(values) for values in zip(*points, strict=True))
            number = names.index(name)
            style = {"color": f"C{number % 10}", "linestyle": STYLES[number // 10 % len(STYLES)]}
            lines += axes.plot(epochs, means, marker="o" if len(epochs) < 20 else None, markersize=3, **style)
            if deviations.any():
                axes.fill_between(epochs, means - deviations, means + deviations, color=style["color"], alpha=0.2)
        axes.set(xlabel="epoch", title=title)
        axes.title.set_parse_math(False)
        if curves:
            # With lines and names in its call, a legend also shows names that begin with "_".
            for text in axes.legend(lines, list(curves), fontsize="small").get_texts():
                text.set_parse_math(False)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
