"""Pictures and curves of runs."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.studio.conftest import built, event
from tfgan_models import InputError
from tfgan_models.callbacks.metrics_file import add_figure
from tfgan_models.plots import image_grid
from tfgan_models.studio import curves, html, runs
from tfgan_models.studio.workspace import Workspace


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """Two runs, one with pictures of the epochs 2 and 5, one with another kind."""
    for name, kind, epochs in (("a", "samples", (2, 5)), ("b", "reconstructions", (3,))):
        for epoch in epochs:
            (tmp_path / name / kind).mkdir(parents=True, exist_ok=True)
            picture = np.full((8, 8, 3), 40 * epoch, np.uint8)
            image_grid.save(picture, tmp_path / name / kind / f"epoch-{epoch:04}.png")
            add_figure(tmp_path / name, epoch, "error", epoch / 10)
    add_figure(tmp_path / "a", 5, "gan", float("nan"))
    (tmp_path / "a" / "samples" / "epoch-0007.png").write_bytes(b"damaged")
    (tmp_path / "secret.png").write_bytes(b"\x89PNG secret")
    return Workspace({}, lambda *_: None, {name: tmp_path / name for name in "ab"})


def test_the_picture_of_an_epoch_is_the_last_that_is_not_later(workspace):
    assert runs.kinds(workspace, ["a", "b"]) == ["samples", "reconstructions"]
    assert runs.last_epoch(workspace, ["a"], "samples") == 7
    shown = {epoch: runs.at_epoch(workspace, ["a", "b"], "samples", epoch) for epoch in (1, 2, 4, 5, 7)}
    for epoch, expected in ((1, 2), (2, 2), (4, 2), (5, 5)):
        assert f"a, epoch {expected}" in shown[epoch] and "b has no samples" in shown[epoch]
    content = (workspace.runs["a"] / "samples" / "epoch-0005.png").read_bytes()
    assert html.png_url(content) in shown[5]
    assert "a, epoch 7: the picture cannot be read" in shown[7]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("c", "samples"), ("../a", "samples"), ("a", ".."), ("a", "samples/../.."), ("a", "../b/samples")],
)
def test_no_other_folder_is_read(workspace, name, kind):
    with pytest.raises(InputError, match=r"there (is no run|are no pictures)"):
        runs.at_epoch(workspace, [name], kind, 1)


def test_curves_of_several_runs_are_over_each_other(workspace):
    assert runs.metrics(workspace, ["a", "b"]) == ["error", "gan"]
    shown = runs.charts(workspace, ["a", "b"], ["error", "gan"])
    assert shown.count("<svg") == 1  # the other metric has no finite value
    assert shown.count("<polyline") == 2 and shown.count("<circle") == 3
    assert "a, epoch 5: 0.5" in shown and "b, epoch 3: 0.3" in shown
    assert "no metrics yet" in runs.charts(workspace, ["a"], [])


def test_points_are_at_their_places():
    chart = curves.chart("x", {"<run>": [(0, 0), (1, float("inf")), (10, 1)]})
    points = re.findall(r'points="([^"]*)"', chart)  # two lines with a gap between them
    left, right = (tuple(map(float, point.split(","))) for point in points)
    assert left == (curves.LEFT, curves.HEIGHT - curves.BOTTOM)
    assert right == (curves.WIDTH - curves.RIGHT, curves.TOP)
    assert "&lt;run&gt;, epoch 10: 1" in chart and "<run>" not in chart
    assert curves.chart("x", {"run": [(1, float("nan"))]}) == ""
    assert "<polyline" in curves.chart("x", {"run": [(1, 5.0)]})  # one point


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.5, 1]), (0.03, 0.11, [0.02, 0.04, 0.06, 0.08, 0.1, 0.12]), (-7, 4, [-10, -5, 0, 5])],
)
def test_ticks_are_round(low, high, expected):
    assert curves.ticks(low, high) == pytest.approx(expected)


def test_a_run_that_was_opened_before_its_first_epoch_is_read_again(workspace):
    read_again = event(built(runs, workspace), "read_again").fn
    assert [update["value"] for update in read_again(None, [])] == ["samples", 7, ["error", "gan"]]
    assert [update["value"] for update in read_again("reconstructions", ["gan"])] == ["reconstructions", 3, ["gan"]]
