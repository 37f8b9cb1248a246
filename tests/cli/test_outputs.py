"""Paths that cannot be written: one line that quotes them, and exit code 2, before the work."""

from __future__ import annotations

import errno
import importlib
import sys

import pytest

from tfgan_models import InputError
from tfgan_models.cli import outputs

MODEL = ["--model", "export"]
COMMANDS = [
    ("sample", [*MODEL, "--output"], "x.png"),
    ("sample", [*MODEL, "--output"], "x.gif"),
    ("sample", [*MODEL, "--format", "png", "--output"], "x"),
    ("sample", [*MODEL, "--format", "npz", "--output"], "x"),
    ("edit", [*MODEL, "--output"], "x.png"),
    ("project", [*MODEL, "--image", "a.png", "--output"], "x.png"),
    ("replay", ["run", "--output"], "x.gif"),
    ("compare", ["run", "--output"], "x.png"),
    ("lab", ["--output"], "x"),
    ("judge", [*MODEL, "--answers", "a.sqlite", "--output_dir"], "x"),
    ("judge", ["--report", "--answers", "a.sqlite", "--output"], "x.png"),
    ("judge", ["--report", "--answers", "a.sqlite", "--json"], "x.json"),
]


@pytest.fixture(params=COMMANDS, ids=lambda case: " ".join((case[0], *case[1])))
def error_of(request, monkeypatch, capsys):
    """A function that returns the line of a command whose output is in a folder."""
    module, arguments, name = request.param

    def run(folder: str) -> str:
        command = importlib.import_module(f"tfgan_models.cli.{module}")
        monkeypatch.setattr(command, "end_on_signals", lambda _: None)  # the tests' process keeps its handlers
        monkeypatch.setattr(sys, "argv", [module, *arguments, f"{folder}/{name}"])
        with pytest.raises(SystemExit) as end:
            command.command()
        captured = capsys.readouterr()
        assert (end.value.code, captured.out) == (2, "")
        (line,) = captured.err.splitlines()
        return line.removeprefix(f"{module}: error: ").replace(f"{folder}/{name}", "PATH")

    return run


def test_a_place_without_folders_and_one_below_a_file_are_one_line(error_of, tmp_path):
    for folder in ("/proc/none", "/proc"):
        assert "PATH: it cannot be written (nothing can be made there), give another f" in error_of(folder)
    file = tmp_path / "file"
    file.write_text("in the way")
    for folder in (file, file / "below"):
        flag, path, reason = error_of(str(folder)).split(maxsplit=2)
        assert flag.startswith("--") and path == "PATH:"
        assert reason.startswith(f"it cannot be written ({file} is a file), give another f")
    assert file.read_text() == "in the way"


@pytest.mark.parametrize("check", [outputs.check_file, outputs.check_folder])
def test_a_folder_that_is_read_only_is_named_and_a_full_disk_stays_an_error(check, monkeypatch):
    def fail(number, text):
        def raising(path):
            raise OSError(number, text, str(path))

        monkeypatch.setattr(outputs, "check_writable", raising)

    fail(errno.EROFS, "Read-only file system")
    with pytest.raises(
        InputError, match=r"^--output a/b: it cannot be written \(read-only file system\), give another"
    ):
        check("output", "a/b")
    fail(errno.ENOSPC, "No space left on device")
    with pytest.raises(OSError, match="No space left"):
        check("output", "a/b")


def test_a_folder_is_no_name_of_a_file_and_a_check_leaves_nothing(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(InputError, match=r"^--output .*/a.png: it is a folder, give the name of a file$"):
        outputs.check_file("output", str(tmp_path / "a.png"))
    outputs.check_file("output", str(tmp_path / "new" / "b.png"))
    outputs.check_folder("output", str(tmp_path / "new"))
    assert [path.name for path in tmp_path.rglob("*")] == ["a.png"]


def test_no_picture_that_is_read_is_written_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "faces").mkdir()
    for name in ("me.png", "faces/a.png"):
        (tmp_path / name).touch()
    for path, read in (("me.png", ["me.png"]), ("faces/../me.png", ["b.png", "me.png"]), ("faces/a.png", ["faces"])):
        with pytest.raises(InputError, match=r"^--output \S+: it is one of the pictures that are read, give another"):
            outputs.check_not_read("output", path, read)
    outputs.check_not_read("output", "other.png", ["me.png", "faces"])
    outputs.check_not_read("output", "faces/new.png", ["faces"])
