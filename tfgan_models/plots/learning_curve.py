"""Picture of the accuracy of people over the course of a human test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def learning_curve(curves: Mapping[str, Sequence[tuple[float, float]]]) -> np.ndarray:
    """Draw curves of accuracy over the number of answers.

    Args:
        curves: points (number of answers, accuracy) of each curve by its name.

    Returns:
        uint8 ``[h, w, 3]``.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.axhline(0.5, color="gray", linestyle="--", label="chance")
    for name, points in curves.items():
        axes.plot([x for x, _ in points], [y for _, y in points], marker="o", label=name)
    axes.set(xlabel="answers of a person", ylabel="share of right answers", ylim=(0, 1))
    axes.legend()
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
