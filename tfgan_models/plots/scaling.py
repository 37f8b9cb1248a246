"""Error and time of several methods against the size of their input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

MARKERS = "osD^vP"


def draw(
    sizes: Sequence[int],
    errors: Mapping[str, Sequence[float]],
    milliseconds: Mapping[str, Sequence[float]],
    size_name: str = "n",
) -> np.ndarray:
    """Two panels with logarithmic axes, the errors and the times, with a line for each method: uint8 ``[h, w, 3]``.

    Args:
        sizes: sizes of the inputs.
        errors: errors above 0 at these sizes, by the name of the method.
        milliseconds: times at these sizes, by the name of the method.
        size_name: label of the axis of sizes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((9.0, 4.2), layout="constrained", dpi=100)
    canvas = FigureCanvasAgg(figure)
    panels = figure.subplots(1, 2)
    for axes, lines, title in zip(panels, (errors, milliseconds), ("largest error", "CPU time in ms"), strict=True):
        for i, (name, values) in enumerate(lines.items()):
            marker = MARKERS[i % len(MARKERS)]
            axes.plot(sizes, values, marker=marker, markersize=4, linewidth=1.2, label=name.replace("$", r"\$"))
        axes.set(xscale="log", yscale="log", xlabel=size_name, title=title)
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.minorticks_off()
        axes.grid(linewidth=0.4, color="0.85")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
