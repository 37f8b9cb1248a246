"""Results of finished runs in the file, and the conditions on which one replaces another."""

from __future__ import annotations

import pytest

from tfgan_models import InputError
from tfgan_models.lab import tasks
from tfgan_models.lab.results_file import ResultsFile
from tfgan_models.lab.tasks import Settings, Task

TASK = Task("ring", "base", 0, Settings())
OUTCOME = {"modes": 7, "high_quality": 0.5, "looks": [[[0.1, -2.0]]], "seconds": 1.5}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "lab.json"


def test_a_run_is_found_by_another_reader(path):
    ResultsFile(path).write(TASK, OUTCOME)
    again = ResultsFile(path)
    assert again.find(TASK) == OUTCOME
    again.write(TASK._replace(seed=1), OUTCOME | {"modes": 3})
    assert [ResultsFile(path).find(TASK._replace(seed=seed))["modes"] for seed in (0, 1)] == [7, 3]


@pytest.mark.parametrize(
    "other",
    [
        {"experiment": "grid"},
        {"technique": "r1"},
        {"seed": 1},
        {"settings": Settings(steps=7)},
        {"settings": Settings(batch_size=7)},
        {"settings": Settings(learning_rate=7e-3)},
        {"settings": Settings(looks=7)},
    ],
    ids=str,
)
def test_a_run_of_other_settings_is_another(other, path):
    results = ResultsFile(path)
    results.write(TASK, OUTCOME)
    assert results.find(TASK._replace(**other)) is None


def test_results_files_of_earlier_versions_stay_valid():
    assert TASK.description()["hack"] == "base" and "technique" not in TASK.description()


def test_a_technique_that_was_changed_since_is_another_run(path, monkeypatch):
    results = ResultsFile(path)
    results.write(TASK._replace(technique="r1"), OUTCOME)
    changed = tasks.TECHNIQUES["r1"].__class__("R1", options={"r1": 9.0})
    monkeypatch.setitem(tasks.TECHNIQUES, "r1", changed)
    assert results.find(TASK._replace(technique="r1")) is None


def test_the_xy_game_has_settings_of_its_own(path):
    results = ResultsFile(path)
    results.write(Task("xy", "continuous", 0, Settings()), OUTCOME)
    assert results.find(Task("xy", "continuous", 0, Settings(steps=9))) == OUTCOME


def test_eigenvectors_have_settings_of_their_own_and_one_group(path, monkeypatch):
    results, task = ResultsFile(path), Task("eigen", "power", 0, Settings())
    results.write(task, OUTCOME)
    assert results.find(task._replace(settings=Settings(steps=9))) == OUTCOME
    monkeypatch.setattr(tasks.eigen, "ITERATIONS", 7)
    assert results.find(task) is None
    (group,) = tasks.tasks(["eigen"], ["base"], 2, Settings())
    assert {task[1:3] for task in group} == {(method, seed) for method in tasks.eigen.METHODS for seed in (0, 1)}


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"a": 1}', '[{"task": {}}]'])
def test_another_file_is_refused(content, path):
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(InputError, match=r"lab.json' is not a results file of the laboratory: give another --output"):
        ResultsFile(path)


def test_groups_share_a_technique_and_hold_every_run_once():
    groups = tasks.tasks(["xy", "ring", "grid"], ["base", "three_steps", "wgan_gp"], 2, Settings())
    assert all(len({task.technique for task in group}) == 1 for group in groups if group[0].experiment != "xy")
    flat = [task[:3] for group in groups for task in group]
    expected = {(e, h, s) for e in ("ring", "grid") for h in ("base", "three_steps", "wgan_gp") for s in (0, 1)}
    expected |= {("xy", way, 0) for way in ("continuous", "simultaneous", "historical_averaging")}
    assert (len(flat), set(flat)) == (len(expected), expected)
    assert groups[0][0].technique == "wgan_gp"  # the costliest
