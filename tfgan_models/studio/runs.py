"""The tab *Run*: the pictures of runs over their epochs, and their metrics as curves over each other."""

from __future__ import annotations

import bisect
import html as standard_html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfgan_models.callbacks.curve_names import curve
from tfgan_models.callbacks.metrics_file import read_rows
from tfgan_models.errors import InputError
from tfgan_models.studio import curves, html
from tfgan_models.studio.page import LIVE, Page, guarded
from tfgan_models.studio.workspace import Workspace

# Folders of a run with a picture for each epoch.
KINDS = ("samples", "reconstructions", "samples_prior", "samples_codes", "conditions")
MAX_BYTES = 30_000_000  # of a picture
SIDE = 540  # pixels of the screen that a sheet gets
CHARTS = 6  # that are shown before a visitor chooses


def folder(workspace: Workspace, name: str) -> Path:
    """The folder of a run.

    Raises:
        InputError: there is none of this name, as a request that the page did not make may have it.
    """
    if name not in workspace.runs:
        raise InputError(f"there is no run {name!r}, start the studio with --run FOLDER")
    return workspace.runs[name]


def pictures(run: Path, kind: str) -> dict[int, Path]:
    """The files of a run's pictures by their epochs."""
    if kind not in KINDS:
        raise InputError(f"there are no pictures {kind!r}, choose one of {', '.join(KINDS)}")
    files = ((re.fullmatch(r"epoch-(\d+)\.png", path.name), path) for path in (run / kind).glob("epoch-*.png"))
    return {int(match[1]): path for match, path in files if match and path.is_file()}


def kinds(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """Kinds of pictures that some of the runs have."""
    return [kind for kind in KINDS if any(pictures(folder(workspace, name), kind) for name in names)]


def last_epoch(workspace: Workspace, names: Sequence[str], kind: str) -> int:
    """The last epoch with a picture, and at least 1."""
    return max((epoch for name in names for epoch in pictures(folder(workspace, name), kind)), default=1)


def at_epoch(workspace: Workspace, names: Sequence[str], kind: str, epoch: float) -> str:
    """The pictures of runs at an epoch side by side, each the last one that is not later, as HTML."""
    figures = []
    for name in names:
        files = pictures(folder(workspace, name), kind)
        epochs = sorted(files)
        if not epochs:
            figures.append(html.note(f"{name} has no {kind}"))
            continue
        shown = epochs[max(0, bisect.bisect_right(epochs, epoch) - 1)]
        figures.append(_figure(files[shown], f"{name}, epoch {shown}"))
    return f'<div class="sheet">{"".join(figures)}</div>'


def _figure(path: Path, caption: str) -> str:
    try:
        content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
    except OSError:
        content = b""
    if not content.startswith(b"\x89PNG"):
        return html.note(f"{caption}: the picture cannot be read")
    text, width = standard_html.escape(caption), int.from_bytes(content[16:20], "big")  # as a PNG has it
    size = f'width="{width * max(1, SIDE // max(1, width))}"'
    image = f'<img src="{html.png_url(content)}" alt="{text}" {size}>'
    return f'<figure class="run">{image}<figcaption>{text}</figcaption></figure>'


def metrics(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """Names of the metrics of runs, in the order of their files."""
    rows = (read_rows(folder(workspace, name)) for name in names)
    return list(dict.fromkeys(metric for run in rows for row in run.values() for metric in row))


def charts(workspace: Workspace, names: Sequence[str], chosen: Sequence[str]) -> str:
    """A chart for each metric with a curve for each run, as HTML."""
    rows = {name: read_rows(folder(workspace, name)) for name in names}
    drawn = ""
    for metric in chosen:
        points = {
            name: [(epoch, row[metric]) for epoch, row in sorted(run.items()) if metric in row]
            for name, run in rows.items()
        }
        drawn += curves.chart(metric, points, curve(metric).description)
    if not drawn:
        return html.note("no metrics yet: a run writes them at the end of each epoch")
    return f'{curves.legend(list(names)) if len(names) > 1 else ""}<div class="charts">{drawn}</div>'


def build(page: Page, tab: Any) -> None:
    """Build the tab."""
    import gradio

    workspace = page.workspace
    names = list(workspace.runs)
    if not names:
        gradio.HTML(html.note("Start the studio with --run runs/NAME to see the pictures and metrics of a run here."))
        return
    offered, known = kinds(workspace, names), metrics(workspace, names)
    with gradio.Row():
        with gradio.Column(min_width=260, scale=1):
            chosen = gradio.CheckboxGroup(names, value=names, label="Runs")
            kind = gradio.Radio(offered, value=offered[0] if offered else None, label="Pictures")
            last = last_epoch(workspace, names, offered[0]) if offered else 1
            epoch = gradio.Slider(1, max(2, last), last, step=1, label="Epoch", buttons=[], elem_id="run_epoch")
            shown_metrics = gradio.Dropdown(known, value=known[:CHARTS], multiselect=True, label="Metrics")
            reload = gradio.Button("Read the files again")
        with gradio.Column(scale=4):
            images = gradio.HTML(elem_id="run_pictures")
            curves_shown = gradio.HTML(elem_id="run_curves")

    def show_images(names: list[str], kind: str | None, epoch: float) -> str:
        return at_epoch(workspace, names, kind, epoch) if kind else html.note("no pictures of epochs yet")

    def show_curves(names: list[str], chosen: list[str]) -> str:
        return charts(workspace, names, chosen)

    def read_again(kind: str | None, chosen: list[str]) -> list[Any]:
        offered, known = kinds(workspace, names), metrics(workspace, names)
        kind = kind or next(iter(offered), None)  # there was none before the first epoch
        newest = last_epoch(workspace, names, kind) if kind else 1
        return [
            gradio.update(choices=offered, value=kind),
            gradio.update(maximum=max(2, newest), value=newest),
            gradio.update(choices=known, value=chosen or known[:CHARTS]),
        ]

    of_images, of_curves = [chosen, kind, epoch], [chosen, shown_metrics]
    gradio.on([tab.select, chosen.change, kind.change, epoch.input], guarded(show_images), of_images, [images], **LIVE)
    gradio.on([tab.select, *(c.change for c in of_curves)], guarded(show_curves), of_curves, [curves_shown], **LIVE)
    again = reload.click(guarded(read_again), [kind, shown_metrics], [kind, epoch, shown_metrics], **LIVE)
    again.success(guarded(show_images), of_images, [images], **LIVE)
    again.success(guarded(show_curves), of_curves, [curves_shown], **LIVE)
