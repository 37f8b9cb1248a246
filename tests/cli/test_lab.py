"""``train/lab.py`` as a user runs it: to the end, cut short and gone on with, and with things that cannot be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from tests.cli.scripts import ROOT
from tfgan_models.cli import outputs
from tfgan_models.cli.lab import LabFlags, check, main
from tfgan_models.errors import InputError
from tfgan_models.lab import eigen, line
from tfgan_models.lab.results_file import ResultsFile
from tfgan_models.lab.tasks import EXPERIMENTS, GAMES, Settings, Task, tasks
from tfgan_models.lab.techniques import EXCLUDED_FROM_ALL, TECHNIQUES

QUICK = ["--experiment", "ring", "--technique", "base", "--steps", "10", "--batch_size", "16", "--workers", "1"]


def start(folder, *flags: str, **options) -> subprocess.Popen:
    command = [sys.executable, str(ROOT / "train" / "lab.py"), "--output", "out", *flags]
    return subprocess.Popen(
        command, cwd=folder, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def lab(folder, *flags: str) -> tuple[int, str, str]:
    """Exit code, what was printed, and what was complained of."""
    process = start(folder, *flags)
    printed, complained = process.communicate(timeout=300)
    return process.returncode, printed, complained


def runs(folder) -> list[dict]:
    return json.loads((folder / "out" / "lab.json").read_text())


def scores(folder) -> list[dict]:
    """Results of runs, without their times."""
    return [run["task"] | {k: v for k, v in run["outcome"].items() if k != "seconds"} for run in runs(folder)]


@pytest.mark.slow
def test_the_documentation_counts_the_runs():
    techniques = [name for name in TECHNIQUES if name not in EXCLUDED_FROM_ALL]
    runs = sum(map(len, tasks(GAMES, techniques, LabFlags().seeds, Settings())))
    for name in ("laboratory", "results"):
        assert f"makes {runs} runs" in (ROOT / "docs" / f"{name}.md").read_text()


def test_a_table_and_its_pictures(tmp_path, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")  # who sets it wants to hear TensorFlow
    code, printed, complained = lab(tmp_path, *QUICK, "--experiment", "xy", "ring", "--seeds", "1")
    assert (code, complained) == (0, "")
    assert "[4/4] " in printed and "0 min 00 s left" in printed
    table = (tmp_path / "out" / "table.md").read_text()
    assert table in printed
    assert "| `base` |" in table
    assert "| the continuous flow: an orbit | 1 |" in table
    assert "`r1`" not in table
    for name in ("xy", "ring"):
        assert np.asarray(Image.open(tmp_path / "out" / f"lab-{name}.png")).std() > 1
    assert not (tmp_path / "out" / "lab-grid.png").exists()


def test_eigenvectors_have_a_table_and_a_picture(tmp_path, capsys):
    """From runs that are in the file already; tests/lab/test_eigen.py does such runs."""
    notebook = ResultsFile(tmp_path / "lab.json")
    for number, method in enumerate(eigen.METHODS, 1):
        outcome = {"sizes": eigen.SIZES, "errors": [number * 1e-9] * 7, "milliseconds": [number] * 7}
        notebook.write(Task("eigen", method, 0, Settings()), outcome)
    main(LabFlags(experiment=("eigen",), seeds=1, output=str(tmp_path)))
    printed = capsys.readouterr().out
    assert "5 of 5 runs are done already" in printed
    table = (tmp_path / "table.md").read_text()
    assert table in printed
    assert "| 200 | 1e-09, 1 ms | 2e-09, 2 ms | 3e-09, 3 ms | 4e-09, 4 ms | 5e-09, 5 ms |" in table.splitlines()
    assert np.asarray(Image.open(tmp_path / "lab-eigen.png")).std() > 1


def test_a_gan_of_one_dimension_has_a_table_and_a_picture(tmp_path, capsys):
    """From runs that are in the file already; tests/lab/test_line.py does such runs."""
    notebook = ResultsFile(tmp_path / "lab.json")
    for method in line.METHODS:
        curves = {name: [[0.1] * line.GRID] * 4 for name in ("density", "discriminator", "mapping")}
        notebook.write(Task("line", method, 0, Settings()), {"distance": 0.25, "discriminator_error": 0.02, **curves})
    main(LabFlags(experiment=("line",), seeds=1, output=str(tmp_path)))
    assert "2 of 2 runs are done already" in capsys.readouterr().out
    assert (tmp_path / "table.md").read_text().count("| 0.250 | 0.020 |") == 2
    assert np.asarray(Image.open(tmp_path / "lab-line.png")).std() > 1


def test_line_and_eigenvectors_are_computed_only_if_they_are_named():
    assert LabFlags().experiment == ("xy", "ring", "grid")
    assert {"line", "eigen"} < set(EXPERIMENTS)


@pytest.mark.slow
def test_the_same_command_gives_the_same_table_and_finished_runs_are_not_done_again(tmp_path):
    (tmp_path / "other").mkdir()
    first, other = (lab(folder, *QUICK, "--seeds", "1") for folder in (tmp_path, tmp_path / "other"))
    assert first[0] == other[0] == 0, first[2]
    assert scores(tmp_path) == scores(tmp_path / "other")
    before = runs(tmp_path)
    code, printed, _ = lab(tmp_path, *QUICK, "--seeds", "2")
    assert code == 0
    assert "1 of 2 runs are done already" in printed
    assert "[1/1] ring base, seed 1: " in printed
    assert runs(tmp_path)[:1] == before
    assert len(runs(tmp_path)) == 2


@pytest.mark.slow
def test_a_run_that_is_stopped_keeps_what_was_finished_and_leaves_no_worker(tmp_path):
    flags = ["--experiment", "ring", "--technique", "base", "--steps", "1500", "--seeds", "50", "--workers", "1"]
    process = start(tmp_path, *flags, start_new_session=True)
    assert process.stdout.readline().startswith("[1/50] ring base, seed 0: ")
    process.terminate()
    _, complained = process.communicate(timeout=60)  # ends when the workers, which hold the pipe too, have ended
    assert process.returncode == 143
    assert "stopped by SIGTERM: run the same command to resume" in complained
    assert "Traceback" not in complained
    kept = runs(tmp_path)
    assert 1 <= len(kept) < 50
    deadline = time.monotonic() + 60
    while session(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert session(process.pid) == []
    code, printed, _ = lab(tmp_path, *flags, "--seeds", "1")
    assert code == 0
    assert "1 of 1 runs are done already" in printed
    assert runs(tmp_path) == kept


def session(leader: int) -> list[int]:
    """The processes of a session that still run."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/stat") as file:
                state, _, _, of = file.read().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == leader and state != "Z":
            found.append(int(number))
    return found


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--technique", "base", "r2d2"], f"--technique r2d2: give some of all, {', '.join(TECHNIQUES)}"),
        (["--experiment", "spiral"], "--experiment spiral: give some of xy, ring, grid, line, eigen"),
        (["--technique"], "--technique: give some of all, base"),
        (["--seeds", "0"], "--seeds 0: give 1 or more"),
        (["--steps", "4"], "--steps 4: give 5 or more"),
        (["--workers", "0"], "--workers 0: give 1 or more"),
        (["--batch_size", "1"], "--batch_size 1: give 2 or more"),
        (["--learning_rate", "nan"], "--learning_rate nan: give a number above 0"),
        (["--steps", "many"], "'many'"),
    ],
)
def test_what_cannot_be_ends_in_one_line(flags, said, tmp_path):
    code, printed, complained = lab(tmp_path, *flags)
    assert (code, printed) == (2, "")
    (line,) = complained.splitlines()
    assert line.startswith("lab.py: error: ")
    assert said in line
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "out").write_text("")
    code, _, complained = lab(tmp_path, *QUICK)
    assert code == 2
    assert (
        "--output out: it cannot be written (out is a file), give another" in complained
        and "Traceback" not in complained
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"technique": ("base",)}, "--technique base: it has no effect without the experiments ring and grid"),
        ({"steps": 10}, "--steps 10: it has no effect without"),
        ({"batch_size": 16}, "--batch_size 16: it has no effect without"),
        ({"learning_rate": 0.1}, "--learning_rate 0.1: it has no effect without"),
    ],
)
def test_flags_of_mixtures_are_refused_with_other_experiments(flags, said):
    with pytest.raises(InputError, match=said):
        check(LabFlags(experiment=("xy", "line", "eigen"), **flags))
    check(LabFlags(experiment=("line", "ring"), **flags))


def test_the_game_of_two_numbers_refuses_several_seeds():
    with pytest.raises(InputError, match="--seeds 5: it has no effect on the game xy"):
        check(LabFlags(experiment=("xy",), seeds=5))
    check(LabFlags(experiment=("xy", "line"), seeds=5))


def test_two_commands_do_not_write_to_one_folder(tmp_path):
    """Each would replace the file of runs by its own runs."""
    with outputs.locked(tmp_path), pytest.raises(InputError, match=r"^--output .*: another command is writing there"):
        main(LabFlags(experiment=("xy",), output=str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_help_does_not_wait_for_tensorflow(tmp_path):
    for name in ("tensorflow", "keras"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} was imported')\n")
    done = subprocess.run(
        [sys.executable, str(ROOT / "train" / "lab.py"), "--help"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "--technique" in done.stdout
