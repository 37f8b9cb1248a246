"""Tables and pictures of completed runs."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_models.files import atomic_write
from tfgan_models.lab import eigen, xy_game
from tfgan_models.lab.mixtures import SAMPLES, Mixture, score
from tfgan_models.lab.tasks import Settings
from tfgan_models.lab.techniques import TECHNIQUES

Outcomes = Mapping[str, Sequence[Mapping[str, Any]]]  # for each technique the outcomes of its seeds in order
CELL, MARGIN = 10.0, 16.0  # of a picture's cells and of the names left of them, in arbitrary units
LABEL = 20  # letters in a line of a name


def spread(values: Sequence[float], digits: int) -> str:
    """Format mean ± sample deviation; for a single value only the value."""
    deviation = f" ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{deviation}"


def mixture_table(name: str, mixture: Mixture, outcomes: Outcomes, settings: Settings) -> str:
    """Table of covered modes, samples of high quality and their entropy in Markdown, a row for each technique.

    Its first rows are two baselines: real points, and uniform noise over the square of the modes. The noise covers most
    modes by chance, as one sample in a mode is enough, so modes are meaningless if the quality is near the noise's.
    Runs of earlier versions have no entropy.
    """
    seeds = max(len(runs) for runs in outcomes.values())
    extent = np.abs(mixture.centers).max() + mixture.deviation
    noise = np.random.default_rng(0).uniform(-extent, extent, (SAMPLES, 2))
    lines = [
        f"**{name}**: {len(mixture.centers)} Gaussians of deviation {mixture.deviation}; {settings.steps:,} steps of "
        f"{settings.batch_size} points, learning rate {settings.learning_rate:g}; {seeds} "
        f"{'seed' if seeds == 1 else 'seeds, mean ± deviation'}",
        "",
        f"| technique | modes of {len(mixture.centers)} | high quality | entropy | |",
        "|---|---|---|---|---|",
    ]
    for name_of_points, points in (("real points", mixture.sample(SAMPLES, seed=0)), ("uniform noise", noise)):
        baseline = score(points, mixture)
        quality = f"{100 * baseline.high_quality:.1f} %"
        lines.append(f"| {name_of_points} | {baseline.modes} | {quality} | {baseline.entropy:.2f} bits | |")
    for technique, runs in outcomes.items():
        modes = spread([run["modes"] for run in runs], 1)
        quality = spread([100 * run["high_quality"] for run in runs], 1)
        known = all("entropy" in run for run in runs)
        entropy = f"{spread([run['entropy'] for run in runs], 2)} bits" if known else ""
        lines.append(f"| `{technique}` | {modes} | {quality} % | {entropy} | {TECHNIQUES[technique].description} |")
    return "\n".join(lines) + "\n"


def xy_table(outcomes: Outcomes) -> str:
    """Table of final distances from the equilibrium in Markdown, a row for each method."""
    lines = [
        f"**xy**: {xy_game.STEPS} steps of rate {xy_game.RATE:g} from {xy_game.START}; weight of historical averaging "
        f"{xy_game.WEIGHT:g}",
        "",
        "| player 1 minimizes xy, player 2 minimizes −xy | distance from (0, 0) at the end |",
        "|---|---|",
        *(f"| {xy_game.METHODS[method]} | {runs[0]['distance']:.3g} |" for method, runs in outcomes.items()),
    ]
    return "\n".join(lines) + "\n"


def eigen_table(outcomes: Outcomes) -> str:
    """Error and time of each method, a row for each size, in Markdown."""
    seeds = max(len(runs) for runs in outcomes.values())
    (errors, milliseconds), names = eigen_figures(outcomes), list(outcomes)
    lines = [
        f"**eigen**: random complex Hermitian matrices, {seeds} for each n; largest error, and median CPU time of "
        "one thread",
        "",
        f"| n | {' | '.join(f'`{name}`' for name in names)} |",
        "|---" * (1 + len(names)) + "|",
    ]
    for i, size in enumerate(eigen.SIZES):
        cells = (f"{errors[name][i]:.0e}, {_duration(milliseconds[name][i])}" for name in names)
        lines.append(f"| {size} | {' | '.join(cells)} |")
    lines += ["", "| method | computes |", "|---|---|"]
    lines += [f"| `{name}` | {eigen.METHODS[name].description} |" for name in names]
    return "\n".join(lines) + "\n"


def eigen_figures(outcomes: Outcomes) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """For each method and size the largest error of all seeds, and the median of the milliseconds.

    A median of errors would hide the seeds for which power iteration did not converge.
    """
    errors = {name: np.max([run["errors"] for run in runs], axis=0).tolist() for name, runs in outcomes.items()}
    times = {name: np.median([run["milliseconds"] for run in runs], axis=0).tolist() for name, runs in outcomes.items()}
    return errors, times


def draw_eigen(outcomes: Outcomes, path: Path) -> None:
    """Error and time of each method against the number of rows."""
    from tfgan_models.plots import image_grid, scaling

    picture = scaling.draw(eigen.SIZES, *eigen_figures(outcomes), size_name="rows n of the matrix")
    image_grid.save(picture, path)


def _duration(milliseconds: float) -> str:
    """Milliseconds in a readable unit, with two digits."""
    value, unit = (milliseconds / 1000, "s") if milliseconds >= 1000 else (milliseconds, "ms")
    return f"{float(f'{value:.2g}'):g} {unit}"


def draw_xy(outcomes: Outcomes, path: Path) -> None:
    """Draw the trajectories, a panel for each method."""
    from matplotlib.figure import Figure

    sheet = Figure(figsize=(9, 3.2), layout="constrained")
    for axis, (method, runs) in zip(np.ravel(sheet.subplots(1, len(outcomes))), outcomes.items(), strict=True):
        x, y = np.array(runs[0]["path"]).T
        axis.plot(x, y, linewidth=0.8)
        axis.plot(x[0], y[0], "o", color="black", markersize=3)
        axis.plot(0, 0, "+", color="tab:red", markersize=8)
        axis.set(title=f"{method.replace('_', ' ')}: ends at {runs[0]['distance']:.3g}", xlabel="x", ylabel="y")
        axis.title.set_fontsize(9)
        axis.set_aspect("equal", "datalim")
    save(sheet, path)


def draw_mixture(mixture: Mixture, outcomes: Outcomes, settings: Settings, path: Path) -> None:
    """Draw samples over time: a row for each technique, a column for each look, over faint real points; seed 0.

    More than twelve techniques are drawn in two blocks side by side. There is one pair of axes, because a pair for each
    of a hundred cells would take half a minute.
    """
    from matplotlib.figure import Figure

    extent = 1.25 * np.abs(mixture.centers).max()
    real = mixture.sample(400, seed=1)
    blocks = 2 if len(outcomes) > 12 else 1
    rows = -(-len(outcomes) // blocks)
    width, height = blocks * (MARGIN + settings.looks * CELL), (rows + 0.6) * CELL
    sheet = Figure(figsize=(width * 0.075, height * 0.075))
    axis = sheet.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(-rows * CELL, 0.6 * CELL))
    axis.axis("off")
    real_points, sample_points = [], []
    for i, (technique, runs) in enumerate(outcomes.items()):
        left, top = MARGIN + i // rows * (MARGIN + settings.looks * CELL), -(i % rows) * CELL
        title = textwrap.fill(technique.replace("_", " "), LABEL)
        text = f"{title}\n{runs[0]['modes']} modes, {runs[0]['high_quality']:.0%}"
        axis.text(left - 0.5, top - CELL / 2, text, ha="right", va="center", fontsize=6.5)
        for look, points in enumerate(runs[0]["looks"]):
            corner = np.array([left + look * CELL, top - CELL])
            if i % rows == 0:
                steps = settings.steps * (look + 1) // settings.looks
                axis.text(corner[0] + CELL / 2, top + 1, f"{steps:,} steps", ha="center", fontsize=6.5)
            axis.add_patch(_frame(corner))
            real_points.append(_place(real, extent, corner))
            sample_points.append(_place(np.array(points).reshape(-1, 2), extent, corner))
    axis.scatter(*np.concatenate(real_points).T, s=1.0, color="0.7", linewidths=0)
    axis.scatter(*np.concatenate(sample_points).T, s=1.2, color="tab:blue", linewidths=0)
    save(sheet, path)


def _frame(corner: np.ndarray):
    from matplotlib.patches import Rectangle

    return Rectangle(tuple(corner), CELL, CELL, fill=False, edgecolor="0.85", linewidth=0.5)


def _place(points: np.ndarray, extent: float, corner: np.ndarray) -> np.ndarray:
    """Move points in [-extent, extent]² into a cell; leave out all others."""
    inside = points[np.abs(points).max(1, initial=0) <= extent]
    return corner + (inside / extent + 1) / 2 * CELL


def save(sheet, path: Path) -> None:
    """Save as a PNG file of few colors, which is small."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    sheet.set_dpi(110)
    canvas = FigureCanvasAgg(sheet)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    with atomic_write(path, "wb") as file:
        picture.quantize(64).save(file, format="PNG", optimize=True)
