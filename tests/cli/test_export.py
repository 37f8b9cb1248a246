"""``tfgan export``: its lines, and its refusals in one line with exit code 2."""

from __future__ import annotations

import re
import shutil
import sys

import pytest

from tfgan_models.cli import export


@pytest.fixture
def version(exported, tmp_path):
    return shutil.copytree(exported("gan"), tmp_path / "gan" / "1")


def call(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["tfgan export", *arguments])
    monkeypatch.setattr(export, "end_on_signals", lambda advice: None)  # the tests' process keeps its handlers
    export.command()


def test_it_writes_a_file_and_prints_a_line_for_each_signature(version, monkeypatch, capsys):
    call(monkeypatch, "--model", str(version.parent), "--format", "onnx", "--signatures", "generate")
    (line,) = capsys.readouterr().out.splitlines()
    path = version / "onnx" / "generate.onnx"
    assert re.fullmatch(rf"{re.escape(str(path))}: [\d.]+ MB, differs from TensorFlow by at most [\d.e-]+", line)
    assert [file.name for file in (version / "onnx").iterdir()] == ["generate.onnx"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "onnx", "--signatures", "sample"], "--signatures sample: without a draw"),
        (["--format", "onnx", "--model", "nowhere"], "'nowhere' is not an exported model"),
        (["--format", "litert"], "litert is a file), correct that or give a copy of the model elsewhere"),
    ],
)
def test_what_cannot_be_ends_with_2_and_one_line(arguments, message, version, monkeypatch, capsys):
    (version / "litert").write_text("in the way")
    with pytest.raises(SystemExit) as end:
        call(monkeypatch, "--model", str(version), *arguments)
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert end.value.code == 2 and captured.out == ""
    assert line.startswith("tfgan export: error: ") and message in line
