"""A confusion matrix as a picture."""

from __future__ import annotations

import numpy as np

MOST_NAMED, SIDE = 40, 12.0  # classes with names and numbers in the picture, and its inches where there are more


def draw_confusion(counts: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """A confusion matrix as a picture, uint8 ``[h, w, 3]``: shares of each row as colours, counts as numbers."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    classes, wrong = len(names), counts.sum() - np.trace(counts)
    few = classes <= MOST_NAMED
    side = max(4.0, 0.5 * classes + 1.5) if few else SIDE
    figure = Figure((side, side), layout="tight")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot(
        title=f"{wrong} of {counts.sum()} wrong, {100 * wrong / counts.sum():.2f} %",
        xlabel="answer",
        ylabel="class",
    )
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    # Mistakes are rare where learning went well: the root makes a hundredth visible.
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    if few:
        axes.set_xticks(range(classes), names, rotation=90 if max(map(len, names)) > 3 else 0, parse_math=False)
        axes.set_yticks(range(classes), names, parse_math=False)
        for row, column in zip(*np.nonzero(counts), strict=True):
            colour = "white" if shares[row, column] > 0.4 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour, fontsize=8)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
