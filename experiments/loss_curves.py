"""Draw the losses of runs over their steps: ``python experiments/loss_curves.py docs/losses.png runs/gan runs/wgan``.

Each epoch in a run's ``metrics.csv`` is one point, so ``--steps_per_epoch`` determines the resolution. The largest jump
of each loss between two points is printed in units of the loss's standard deviation over the run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from tfgan_models.callbacks.metrics_file import read_rows


def read(run: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Read the steps at the end of each epoch, and each player's losses."""
    steps = json.loads((run / "config.json").read_text())["training"]["steps_per_epoch"]
    rows = read_rows(run)
    names = [name for name in rows[min(rows)] if name.endswith("_loss") and not name.startswith("val_")]
    losses = {name: np.array([row[name] for row in rows.values()]) for name in names}
    return steps * np.array(list(rows)), losses


def jump(values: np.ndarray) -> float:
    """Largest change from one epoch to the next, over the standard deviation of all values."""
    return float(np.abs(np.diff(values)).max() / values.std())


def draw(runs: list[Path], path: Path) -> None:
    """Draw a panel for each run with a line for each player."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    sheet, panels = pyplot.subplots(1, len(runs), figsize=(4 * len(runs), 2.8), layout="constrained", squeeze=False)
    for run, panel in zip(runs, panels[0], strict=True):
        steps, losses = read(run)
        for name, values in losses.items():
            panel.plot(steps, values, label=name.replace("_loss", ""), linewidth=1)
            print(f"{run.name:24}{name:24}last {values[-1]:9.4f}   largest jump {jump(values):6.2f} deviations")
        panel.set_title(run.name, fontsize=9)
        panel.set_xlabel("steps", fontsize=8)
        panel.tick_params(labelsize=7)
        panel.legend(fontsize=7)
    panels[0][0].set_ylabel("loss", fontsize=8)
    sheet.savefig(path, dpi=80)


if __name__ == "__main__":
    draw([Path(run) for run in sys.argv[2:]], Path(sys.argv[1]))
