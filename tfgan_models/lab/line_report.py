"""Table and picture of the GAN of one dimension."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tfgan_models.lab import line
from tfgan_models.lab.report import Outcomes, save, spread

X_LINE, Z_LINE = -0.15, -0.6  # heights of the lines of x and z below the curves
ARROWS = 13  # from z to x, at equal distances of z


def table(outcomes: Outcomes) -> str:
    """Table of the distances at the end in Markdown, a row for each method."""
    seeds = max(len(runs) for runs in outcomes.values())
    lines = [
        f"**line**: data N({line.MEAN:g}, {line.DEVIATION:g}²), {line.LOOKS[-1]:,} steps of {line.BATCH_SIZE} numbers, "
        f"{seeds} {'seed' if seeds == 1 else 'seeds, mean ± deviation'}",
        "",
        "| loss of the generator | distance of p_g from p_data | mean of \\|D(x) − ½\\| |",
        "|---|---|---|",
    ]
    for method, runs in outcomes.items():
        distance, error = (spread([run[name] for run in runs], 3) for name in ("distance", "discriminator_error"))
        lines.append(f"| `{method}`: {line.METHODS[method]} | {distance} | {error} |")
    return "\n".join(lines) + "\n"


def draw(outcomes: Outcomes, path: Path) -> None:
    """Draw p_data, p_g and D over x, and the arrows from z to x: a row for each method, a column for each look; seed 0.

    The colors are those of the paper's figure: black dots for p_data, green for p_g, blue dashes for D.
    """
    from matplotlib.figure import Figure

    grid = np.linspace(-line.EXTENT, line.EXTENT, line.GRID)
    columns = len(line.LOOKS)
    sheet = Figure(figsize=(2.5 * columns, 2.5 * len(outcomes)), layout="constrained")
    panels = sheet.subplots(len(outcomes), columns, squeeze=False, sharex=True, sharey=True)
    for row, (method, runs) in zip(panels, outcomes.items(), strict=True):
        for look, axis in enumerate(row):
            axis.plot(grid, line.data_density(grid), "k:", label="p_data")
            axis.plot(grid, runs[0]["density"][look], color="tab:green", label="p_g")
            axis.plot(grid, runs[0]["discriminator"][look], "--", color="tab:blue", label="D(x)")
            _draw_mapping(axis, grid, np.array(runs[0]["mapping"][look]))
            axis.set(xlim=(-line.EXTENT, line.EXTENT), ylim=(Z_LINE - 0.12, 1.3), xticks=[], yticks=[0, 0.5, 1])
            axis.set_title(f"{line.LOOKS[look]:,} steps", fontsize=9)
        row[0].set_ylabel(method.replace("_", " "), fontsize=9)
    panels[0][0].legend(fontsize=7, loc="upper left", frameon=False)
    save(sheet, path)


def _draw_mapping(axis: Any, grid: np.ndarray, mapping: np.ndarray) -> None:
    """Draw the lines of x and z, and arrows from values of z to G(z)."""
    for height, name in ((X_LINE, "x"), (Z_LINE, "z")):
        axis.axhline(height, color="0.6", linewidth=0.8)
        axis.text(-line.EXTENT + 0.1, height + 0.03, name, fontsize=8)
    for z in np.linspace(-2.4, 2.4, ARROWS):
        x = float(np.interp(z, grid, mapping))
        if abs(x) < line.EXTENT:
            axis.annotate("", (x, X_LINE), (z, Z_LINE), arrowprops={"arrowstyle": "->", "lw": 0.6, "color": "0.35"})
