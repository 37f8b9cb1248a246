"""Input that a training script cannot use ends it in one line and leaves nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PIL import Image

from tests.cli.scripts import ROOT, SMALL, arguments
from tfgan_models.cli import train


def odd_folder(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir(exist_ok=True)
    return folder


def no_pictures(tmp_path):
    (odd_folder(tmp_path) / "notes.txt").write_text("no picture")
    return ["--dataset", f"folder:{odd_folder(tmp_path)}"]


def few_pictures(tmp_path):
    for i in range(12):
        Image.new("L", (8, 8), i).save(odd_folder(tmp_path) / f"{i}.png")
    return ["--dataset", f"folder:{odd_folder(tmp_path)}", "--batch_size", "2", "--steps_per_epoch", "1"]


def attributes_of_others(tmp_path):
    for i in range(40):
        Image.new("L", (8, 8), i).save(odd_folder(tmp_path) / f"{i}.png")
    (tmp_path / "attributes.txt").write_text("1\nSmiling\nsomeone.png 1\n")
    return ["--dataset", f"folder:{odd_folder(tmp_path)}", "--attributes", str(tmp_path / "attributes.txt")]


BAD = {
    "an unknown data set": (lambda _: ["--dataset", "mnits"], ["mnits", "mnist"]),
    "a folder that is not there": (lambda p: ["--dataset", f"folder:{p}/nowhere"], ["nowhere"]),
    "a folder without pictures": (no_pictures, ["pictures"]),
    "attributes of other pictures": (attributes_of_others, ["attributes.txt"]),
    "a size the network cannot take": (lambda _: ["--network", "vaegan"], ["--image_size 8", "32, 64, 128, 160"]),
    "workers without TF_CONFIG": (lambda _: ["--strategy", "multi_worker"], ["TF_CONFIG"]),
    "an unknown layer": (lambda _: ["--similarity_layer", "nowhere"], ["nowhere", "features"]),
    "a margin of no equilibrium": (
        lambda _: ["--equilibrium_margin", "0.5"],
        ["--equilibrium_margin 0.5: it has no effect without --equilibrium: remove it or add --equilibrium"],
    ),
    "samples that nothing measures": (
        lambda _: ["--evaluation_samples", "50"],
        ["--evaluation_samples 50: it has no effect without --evaluate_every"],
    ),
    "attributes where there are none": (lambda _: ["--attribute_weight", "1"], ["digits", "attributes"]),
    "more than the whole of a loss": (lambda _: ["--gamma", "1.5"], ["--gamma 1.5", "at most 1"]),
    "a collapse that could not be seen": (
        lambda p: [*few_pictures(p), "--stop_on_collapse"],
        ["--stop_on_collapse", "16 training images"],
    ),
    "an evaluation of too few": (lambda p: [*few_pictures(p), "--evaluate_every", "1"], ["too small to measure with"]),
    "a learning rate of nothing": (lambda _: ["--learning_rate", "0"], ["--learning_rate 0"]),
}


@pytest.mark.parametrize("what", BAD)
def test_invalid_input_exits_with_code_2_and_leaves_no_run_folder(what, tmp_path, monkeypatch, capfd):
    make, expected = BAD[what]
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.setattr(train, "end_on_signals", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    places = ["--run_dir", "run", "--cache_dir", "cache"]
    monkeypatch.setattr(sys, "argv", ["vaegan.py", *SMALL, *places, *make(tmp_path)])
    with pytest.raises(SystemExit) as stop:
        train.command("vaegan")
    assert stop.value.code == 2
    complaint = [line for line in capfd.readouterr().err.splitlines() if "error:" in line]
    assert len(complaint) == 1
    for word in expected:
        assert word in complaint[0]
    assert not (tmp_path / "run").exists()


STARTING = ("precision:", "devices:", "images:", "Reading ")  # what a run prints before it writes anything


@pytest.mark.slow
def test_invalid_export_dir_exits_with_code_2_before_the_training(tmp_path, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")  # who sets it wants to hear TensorFlow
    (tmp_path / "afile").write_text("")
    flags = ["--epochs", "1", "--export_dir", str(tmp_path / "afile")]
    command = [sys.executable, str(ROOT / "train" / "autoencoder.py"), *arguments(tmp_path, *flags, export=True)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    # One line in all: nothing of TensorFlow's own, and no epoch.
    (line,) = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith(STARTING)]
    assert "afile" in line and "give another path" in line
    assert not (tmp_path / "run").exists()
