"""Tables and pictures of runs that are made up."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tfgan_models.lab import eigen, report, xy_game
from tfgan_models.lab.mixtures import MIXTURES
from tfgan_models.lab.tasks import Settings
from tfgan_models.lab.techniques import TECHNIQUES

SETTINGS = Settings(steps=50, looks=2)


def run(modes: int, quality: float, entropy: float = 2.5) -> dict:
    points = MIXTURES["ring"].sample(50, seed=0).tolist()
    return {"modes": modes, "high_quality": quality, "entropy": entropy, "looks": [points] * SETTINGS.looks}


def test_a_table_has_means_and_deviations():
    outcomes = {"base": [run(4, 0.5, 1.5), run(6, 0.6, 2.0), run(8, 0.7)], "r1": [run(8, 0.9)] * 3}
    table = report.mixture_table("ring", MIXTURES["ring"], outcomes, SETTINGS)
    row = f"| `base` | 6.0 ± 2.0 | 60.0 ± 10.0 % | 2.00 ± 0.50 bits | {TECHNIQUES['base'].description} |"
    assert row in table.splitlines()
    assert "| `r1` | 8.0 ± 0.0 | 90.0 ± 0.0 % | 2.50 ± 0.00 bits |" in table
    assert "| real points | 8 | 99" in table
    (noise,) = [line for line in table.splitlines() if "uniform noise" in line]
    # 8 discs of radius 0.06 in a square of side 4.04, and 2,500 points.
    assert float(noise.split("|")[3].rstrip("% ")) == pytest.approx(100 * 8 * np.pi * 0.06**2 / 4.04**2, abs=0.3)
    assert "50 steps of 128 points, learning rate 0.002; 3 seeds, mean ± deviation" in table


def test_of_one_seed_there_is_no_deviation():
    table = report.mixture_table("ring", MIXTURES["ring"], {"base": [run(4, 0.5)]}, SETTINGS)
    assert "| `base` | 4.0 | 50.0 % | 2.50 bits |" in table
    assert "1 seed\n" in table


def test_runs_of_an_earlier_version_have_no_entropy():
    earlier = {name: value for name, value in run(4, 0.5).items() if name != "entropy"}
    table = report.mixture_table("ring", MIXTURES["ring"], {"base": [earlier]}, SETTINGS)
    assert "| `base` | 4.0 | 50.0 % |  | " in table


@pytest.mark.parametrize("techniques", [1, len(TECHNIQUES)])
def test_a_picture_shows_samples_where_there_are_any(techniques, tmp_path):
    names = list(TECHNIQUES)[:techniques]

    def drawing(outcome: dict) -> np.ndarray:
        report.draw_mixture(MIXTURES["ring"], {name: [outcome] for name in names}, SETTINGS, tmp_path / "ring.png")
        return np.asarray(Image.open(tmp_path / "ring.png").convert("RGB")).astype(int)

    full = drawing(run(8, 1.0))
    empty = drawing(run(8, 1.0) | {"looks": [[], []]})
    blue = [np.sum(picture[..., 2] - picture[..., 0] > 60) for picture in (full, empty)]
    assert blue[0] > 20 * techniques
    assert blue[1] == 0
    assert (tmp_path / "ring.png").stat().st_size < 200_000


def test_eigenvectors_have_a_table_of_largest_errors_and_median_times(tmp_path):
    runs = [
        {"errors": [error] * 7, "milliseconds": [0.0123, 1, 1, 1, 1, 1, 4567 * error]} for error in (1.0, 2e-9, 3.0)
    ]
    outcomes = {name: runs for name in eigen.METHODS}
    lines = report.eigen_table(outcomes).splitlines()
    (first,), (last,) = ([line for line in lines if line.startswith(f"| {n} |")] for n in (3, 200))
    assert first.split(" | ")[1:] == ["3e+00, 0.012 ms"] * 4 + ["3e+00, 0.012 ms |"]
    assert last.count("3e+00, 4.6 s") == 5
    assert sum(method.description in line for line in lines for method in eigen.METHODS.values()) == 5
    report.draw_eigen(outcomes, tmp_path / "eigen.png")
    picture = np.asarray(Image.open(tmp_path / "eigen.png").convert("RGB")).astype(int)
    assert all(half.std() > 10 for half in np.array_split(picture, 2, axis=1))


def test_the_xy_game_is_drawn_and_told(tmp_path):
    path = xy_game.orbit()
    outcomes = {way: [{"path": path.tolist(), "distance": 0.1234}] for way in xy_game.METHODS}
    report.draw_xy(outcomes, tmp_path / "xy.png")
    picture = np.asarray(Image.open(tmp_path / "xy.png").convert("RGB")).astype(int)
    thirds = np.array_split(np.sum(picture[..., 2] - picture[..., 0] > 60, 0), 3)
    assert all(third.sum() > 100 for third in thirds)
    assert report.xy_table(outcomes).count("| 0.123 |") == 3
