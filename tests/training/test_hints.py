"""Printed commands: what is pasted runs where the user stands."""

from __future__ import annotations

import shlex
import subprocess
import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.cli.scripts import ROOT
from tfgan_models.training import hints, run

CALLS = {
    "a script in the clone": (["train/vaegan.py"], ["python", "train/vaegan.py"], "python train/sample.py"),
    "a script elsewhere": (
        ["../my clone/train/vaegan.py"],
        [".venv/bin/python", "../my clone/train/vaegan.py"],
        ".venv/bin/python '../my clone/train/sample.py'",
    ),
    "a script in its folder": (["vaegan.py"], ["python3.11", "vaegan.py"], "python3.11 sample.py"),
    "a module": (["tfgan train vaegan"], ["python3", "-m", "tfgan_models", "train"], "python3 -m tfgan_models sample"),
    "a command of an inactive environment": (
        ["tfgan train vaegan"],
        ["/e/bin/python", "env/bin/tfgan", "train"],
        "env/bin/tfgan sample",
    ),
    "a program of one's own": (["tfgan train vaegan"], ["/opt/app"], "tfgan sample"),
}


@pytest.mark.parametrize("name", ["best", "checkpoints"])
def test_the_newest_checkpoint_is_named_or_the_best_one_if_no_other_is_left(name, tmp_path, capsys):
    for epoch in (2, 10):
        (tmp_path / name / f"epoch-{epoch:05d}").mkdir(parents=True)
    hints.report_places(cast(Any, SimpleNamespace(path=tmp_path, checkpoints=tmp_path / "checkpoints")), None)
    assert f"checkpoints: {tmp_path / name / 'epoch-00010'}\n" in capsys.readouterr().out


@pytest.mark.parametrize("call", CALLS)
def test_a_hint_is_called_as_the_program_was(call, monkeypatch):
    argv, original, expected = CALLS[call]
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setattr(sys, "orig_argv", original)
    monkeypatch.setattr(hints.shutil, "which", lambda name: None)
    assert hints.command("sample", "--model", "saved models/1") == f"{expected} --model 'saved models/1'"


def test_a_command_on_the_path_is_called_by_its_name(monkeypatch, tmp_path):
    (tmp_path / "tfgan").touch()
    monkeypatch.setattr(sys, "argv", ["tfgan train vaegan"])
    monkeypatch.setattr(sys, "orig_argv", ["/e/bin/python", str(tmp_path / "tfgan")])
    monkeypatch.setattr(hints.shutil, "which", lambda name: str(tmp_path / name))
    assert hints.command("sample") == "tfgan sample"


def test_the_closing_lines_quote_paths_for_a_shell(tmp_path, monkeypatch, capsys):
    folder = SimpleNamespace(path=tmp_path / "my run", checkpoints=tmp_path / "my run" / "checkpoints")
    (folder.checkpoints / "epoch-00001").mkdir(parents=True)
    (folder.path / "logs").mkdir()
    monkeypatch.setattr(sys, "argv", ["train/vaegan.py"])
    run.report_places(folder, tmp_path / "saved models" / "1")
    lines = capsys.readouterr().out.splitlines()
    (sample,) = (line.partition("draw from it: ")[2].rstrip(")") for line in lines if line.startswith("exported:"))
    assert shlex.split(sample)[-1] == str(tmp_path / "saved models" / "1")
    (watch,) = (line.partition(" ")[2] for line in lines if line.startswith("watch:"))
    assert str(folder.path / "logs") in shlex.split(watch)


def test_the_help_that_an_error_names_can_be_called(tmp_path):
    """From another folder than the clone."""
    script = ROOT / "train" / "lab.py"
    done = subprocess.run([sys.executable, str(script), "--seed", "1"], capture_output=True, text=True, cwd=tmp_path)
    (line,) = done.stderr.splitlines()
    words = shlex.split(line.partition(" See ")[2])
    assert words[-1] == "--help"
    helped = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path)
    assert (helped.returncode, helped.stderr) == (0, "")
    assert "--seeds" in helped.stdout
