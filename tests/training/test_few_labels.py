"""Learning from few labels by the script: runs, tables, and what is refused."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tests.cli.scripts import ROOT, Script, assert_identical, places, variables
from tests.cli.test_lab import session
from tfgan_models import export
from tfgan_models.cli import train
from tfgan_models.training import checkpoint, few_labels, sweep
from tfgan_models.training.recipe import RunResult

SMALL = ["--width", "0.05", "--latent_dim", "4", "--batch_size", "20", "--steps_per_epoch", "4"]
SMALL += ["--precision", "float32", "--baseline_steps", "20", "--no-health"]


SCRIPT = ROOT / "train" / "improved_gan.py"


def learn(folder: Path, *flags: str, export: bool = False) -> str:
    process = Script(SCRIPT, [*SMALL, *places(folder, export), *flags], folder, {})
    printed, _ = process.communicate()
    assert process.returncode == 0, printed[-3000:]
    return printed


@pytest.mark.slow
def test_a_sweep_makes_a_table_and_its_runs_are_those_of_single_commands(tmp_path):
    asked = [*SMALL, *places(tmp_path, True), "--num_labels", "20", "--label_seed", "1", "2", "--epochs", "2"]
    done = subprocess.run([sys.executable, str(SCRIPT), *asked], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    printed = done.stdout
    with open(tmp_path / "run" / "errors.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["labels"], row["label_seed"]) for row in rows] == [("20", "1"), ("20", "2")]
    for name in ("test_error", "baseline_error"):
        errors = [100 * float(row[name]) for row in rows]
        assert min(errors) > 0 and max(errors) < 100
        assert f"{np.mean(errors):.2f} ± {np.std(errors, ddof=1):.2f} %" in printed
    assert "| 20 | 1, 2 | 297 | 2 |" in printed

    assert sorted(folder.name for folder in (tmp_path / "export").iterdir()) == ["labels-20-seed-1", "labels-20-seed-2"]
    kept = export.load(tmp_path / "export" / "labels-20-seed-2").manifest["labelled"]
    assert len(kept) == 20

    # A run in two parts, by itself, ends with the weights of the same run of the sweep.
    alone = tmp_path / "alone"
    alone.mkdir()
    learn(alone, "--num_labels", "20", "--label_seed", "1", "--epochs", "1")
    printed = learn(alone, "--num_labels", "20", "--label_seed", "1", "--epochs", "2", export=True)
    assert "resumed:" in printed
    swept = tmp_path / "swept"
    swept.mkdir()
    (tmp_path / "run" / "labels-20-seed-1").rename(swept / "run")
    assert_identical(variables(swept), variables(alone))

    errors = json.loads((alone / "run" / "errors.json").read_text())
    epochs = list(csv.DictReader((alone / "run" / "metrics.csv").read_text().splitlines()))
    assert errors["test_error"] == float(epochs[-1]["test_error"])
    assert errors["baseline_error"] == float(rows[0]["baseline_error"])
    picture = np.asarray(Image.open(alone / "run" / "confusion.png"))
    assert picture.shape[-1] == 3 and np.ptp(picture) > 200

    exported = export.load(alone / "export")
    answer = exported("classify", image=np.zeros((3, 8, 8, 1), np.float32))
    np.testing.assert_allclose(answer["probabilities"].sum(1), 1, rtol=1e-5)
    assert answer["generated"].shape == (3,)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--label_seed", "-1"], "--label_seed -1: give a number from 0 to 4294967295"),
        (["--num_labels"], "--num_labels: give at least one number"),
        (["--num_labels", "20", "50", "20"], "--num_labels 20 50 20: give each number only once"),
        (["--num_labels", "1"], "--num_labels 1: give at least one label for each class"),
        (
            ["--label_seed", "1", "2", "--strategy", "multi_worker"],
            "--label_seed 1 2: with --strategy multi_worker give one number",
        ),
        (["--baseline_steps", "-1"], "--baseline_steps -1: give a number of 0 or more"),
        (["--unlabeled_weight", "-1"], "--unlabeled_weight -1.0: give a number of 0 or more"),
        (["--initial_images", "0"], "--initial_images 0: give at least 20"),
        (["--network", "dcgan"], "--network"),
    ],
)
def test_what_cannot_be_ends_in_one_line(flags, said, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["improved_gan.py", *flags])
    with pytest.raises(SystemExit) as stop:
        train.command("improved_gan")
    assert stop.value.code == 2
    complaint = capfd.readouterr().err.strip()
    assert said in complaint
    assert "\n" not in complaint


def test_a_sweep_has_one_run_without_labels_which_takes_the_number_of_clusters(monkeypatch):
    made = []
    monkeypatch.setattr(train.sweep, "sweep", lambda _, flags, runs, perform: made.append((flags, runs)))
    monkeypatch.setattr(train, "end_on_signals", lambda *_: None)
    given = ["--num_labels", "0", "50", "100", "--label_seed", "2", "3", "--clusters", "8"]
    monkeypatch.setattr(sys, "argv", ["aae_semi_supervised.py", *given])
    train.command("aae_semi_supervised")
    ((flags, runs),) = made
    assert flags.model.clusters == 8
    assert runs == [(0, 2), (50, 2), (50, 3), (100, 2), (100, 3)]


@pytest.mark.slow
def test_a_sweep_that_is_stopped_leaves_no_run_behind(tmp_path):
    flags = [*SMALL, "--label_seed", "1", "2", "--epochs", "100000", "--run_dir", str(tmp_path / "run")]
    command = [
        sys.executable,
        str(ROOT / "train" / "improved_gan.py"),
        *flags,
        "--no-export",
    ]
    with open(tmp_path / "printed.txt", "w") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT, start_new_session=True)
        checkpoints = tmp_path / "run" / "labels-50-seed-1" / "checkpoints"
        while not checkpoint.checkpoints(checkpoints) and process.poll() is None:
            time.sleep(0.1)
        process.terminate()
        try:
            assert process.wait(timeout=60) == 143
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert "stopped by SIGTERM: run the same command to resume" in (tmp_path / "printed.txt").read_text()
    deadline = time.monotonic() + 60
    while session(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert session(process.pid) == []
    assert not (tmp_path / "run" / "errors.csv").exists()


ERRORS = {"labels": 20, "label_seed": 1, "epochs": 3, "test_images": 297, "test_error": 0.25}


def test_the_table(monkeypatch):
    rows = [
        {**ERRORS, "baseline_error": 0.5},
        {**ERRORS, "label_seed": 2, "epochs": 5, "test_error": 0.35, "baseline_error": 0.4},
        {**ERRORS, "labels": 50},
    ]
    assert sweep.table(rows).splitlines()[2:] == [
        "| 20 | 1, 2 | 297 | 3–5 | 30.00 ± 7.07 % | 45.00 ± 7.07 % |",
        "| 50 | 1 | 297 | 3 | 25.00 % | — |",
    ]


@pytest.mark.parametrize("content", [None, "", "{", "[1]", '{"labels": 20, "label_seed": 2, "baseline_error": 0.9}'])
@pytest.mark.parametrize("steps", [0, 20])
def test_a_baseline_is_measured_where_there_is_none_of_the_same_labels(content, steps, tmp_path, monkeypatch, capsys):
    measured = []
    monkeypatch.setattr(few_labels, "_baseline", lambda *given: measured.append(given) or 0.5)
    if content is not None:
        (tmp_path / "errors.json").write_text(content)
    (tmp_path / "metrics.csv").write_text("epoch,test_error\n2,0.3\n3,0.25\n4,0.2\n")  # killed in writing the fourth
    flags = SimpleNamespace(model=few_labels.FewLabelFlags(num_labels=(20,), baseline_steps=steps))
    test = SimpleNamespace(images=[0] * 297, labels=np.zeros(297, np.int32))
    run = RunResult(tmp_path, 3, 3, None, test, True, None, flags)
    few_labels._report(run, classifier=None)
    found = json.loads((tmp_path / "errors.json").read_text())
    assert found == ERRORS | ({"baseline_steps": 20, "baseline_error": 0.5} if steps else {})
    assert len(measured) == (steps > 0)
    flags.model.baseline_steps = 0  # keeps what was measured
    few_labels._report(run, classifier=None)
    assert json.loads((tmp_path / "errors.json").read_text()) == found
    assert len(measured) == (steps > 0)


def test_clusters_of_pictures_of_which_nothing_is_known_are_reported_without_an_error(tmp_path, monkeypatch, capsys):
    flags = SimpleNamespace(model=few_labels.FewLabelFlags(num_labels=(0,), baseline_steps=20))
    test = SimpleNamespace(images=[0] * 297, labels=None)
    few_labels._report(RunResult(tmp_path, 3, 3, None, test, True, None, flags), classifier=None)
    found = json.loads((tmp_path / "errors.json").read_text())
    assert found == {"labels": 0, "label_seed": 1, "test_images": 297, "epochs": 3}
    assert "| 0 | 1 | 297 | 3 | — | — |" in capsys.readouterr().out
