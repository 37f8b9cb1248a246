"""The GAN of one dimension: its densities, Proposition 1 of Goodfellow et al. 2014, and its convergence."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tfgan_models.lab import line, line_report, tasks
from tfgan_models.lab.tasks import Settings, Task

GRID = np.linspace(-line.EXTENT, line.EXTENT, line.GRID)
CELL = GRID[1] - GRID[0]


def test_the_density_of_the_data_integrates_to_one():
    assert line.data_density(GRID).sum() * CELL == pytest.approx(1, abs=1e-4)
    assert GRID[np.argmax(line.data_density(GRID))] == pytest.approx(line.MEAN)


def test_the_estimated_density_is_that_of_the_samples():
    samples = line.MEAN + line.DEVIATION * np.random.default_rng(0).standard_normal(100_000)
    np.testing.assert_allclose(line.density(samples), line.data_density(GRID), atol=0.03)
    half_outside = np.concatenate([samples, np.full(len(samples), 99.0)])
    assert line.density(half_outside).sum() * CELL == pytest.approx(0.5, abs=1e-3)


def test_a_run_has_a_row_for_each_look_and_repeats(monkeypatch):
    monkeypatch.setattr(line, "LOOKS", (0, 3))
    monkeypatch.setattr(line, "SAMPLES", 1000)
    outcome = tasks.perform(Task("line", "minimax", 1, Settings()))
    for name in ("density", "discriminator", "mapping"):
        assert np.shape(outcome[name]) == (2, line.GRID)
        assert outcome[name][0] != outcome[name][1]
    assert outcome["distance"] > 0.5  # p_g is nearly a point at the start
    again = line.run("minimax", 1)
    assert {name: outcome[name] for name in again} == again
    assert line.run("minimax", 2)["mapping"] != again["mapping"]


@pytest.mark.slow
def test_a_discriminator_alone_learns_the_ratio_of_proposition_1(monkeypatch):
    monkeypatch.setattr(line, "LOOKS", (0, 3000))
    monkeypatch.setattr(line, "RATES", {"generator": 0.0, "discriminator": 3e-3})
    outcome = line.run("minimax", 1)
    assert outcome["mapping"][0] == outcome["mapping"][1]
    data, generated = line.data_density(GRID), np.array(outcome["density"][1])
    error = np.abs(outcome["discriminator"][1] - data / (data + generated + 1e-9))
    assert np.average(error, weights=data + generated) < 0.03


@pytest.mark.slow
@pytest.mark.parametrize("method", line.METHODS)
def test_the_generated_density_becomes_that_of_the_data(method):
    outcome = line.run(method, 0)
    assert outcome["distance"] < 0.2 * np.abs(np.array(outcome["mapping"][0]) - line.MEAN).mean()
    assert outcome["discriminator_error"] < 0.05


def test_the_table_and_the_picture_show_the_outcomes(tmp_path):
    curves = {name: np.zeros((4, line.GRID)).tolist() for name in ("density", "discriminator", "mapping")}
    runs = [{"distance": value, "discriminator_error": value / 10, **curves} for value in (0.1, 0.3)]
    outcomes = {"minimax": runs, "non_saturating": runs}
    table = line_report.table(outcomes)
    assert "2 seeds, mean ± deviation" in table
    assert "| 0.200 ± 0.141 | 0.020 ± 0.014 |" in table
    line_report.draw(outcomes, tmp_path / "line.png")
    assert np.asarray(Image.open(tmp_path / "line.png")).std() > 1
