"""Ends of a script: one line and an exit code, or at once."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import subprocess
import sys
import time

import pytest
import tensorflow as tf

from tests.cli.scripts import ROOT
from tfgan_models import InputError
from tfgan_models.cli import exits
from tfgan_models.errors import NotFinite
from tfgan_models.files import check_writable


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("size 7: give 8"), 2, "size 7: give 8"),
        (OSError(errno.ENOSPC, "No space left on device", "runs/a"), 1, "No space left on device: runs/a"),
        (OSError(errno.EROFS, "Read-only file system"), 1, "Read-only file system"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 1, "Permission denied: /x"),
        (
            tf.errors.ResourceExhaustedError(None, None, "{{node SaveV2}} runs/a; No space left on device [Op:SaveV2]"),
            1,
            "No space left on device: runs/a; files saved before are intact",
        ),
        (
            tf.errors.ResourceExhaustedError(None, None, "runs/a; No space left on device\n\tFailed to flush [Op:X]"),
            1,
            "No space left on device: runs/a; files saved before are intact",
        ),
        (
            tf.errors.PermissionDeniedError(None, None, "/x/y; Permission denied [Op:WriteFile]"),
            1,
            "Permission denied: /x/y; files saved before are intact",
        ),
        (FileExistsError(errno.EEXIST, "File exists", "afile"), 2, "afile: file exists, give another path"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "o.png"), 2, "o.png: is a directory, give another path"),
        (NotFinite("error became not finite"), 1, "error became not finite"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_becomes_one_line_and_an_exit_code(error, code, said, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/train/vae.py"])
    with pytest.raises(SystemExit) as stop, exits.one_line_errors():
        raise error
    assert stop.value.code == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"vae.py: error: {said}")


COMMANDS = [("evaluate", []), ("lab", []), ("main", []), ("sample", []), ("train", ["vae"])]


@pytest.mark.parametrize(("module", "arguments"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_a_working_folder_that_was_deleted_is_one_line(module, arguments, tmp_path, capsys, monkeypatch):
    (gone := tmp_path / "gone").mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    commands = importlib.import_module(f"tfgan_models.cli.{module}")
    monkeypatch.setattr(commands, "end_on_signals", lambda *_: None, raising=False)
    monkeypatch.setattr(sys, "argv", [module, "--model", "x", "--dataset", "folder:pics"])
    with pytest.raises(SystemExit) as stop:
        (commands.main if module == "main" else commands.command)(*arguments)
    assert stop.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "error: the working folder has been deleted: change to another folder" in line


def test_a_working_folder_that_is_deleted_during_a_run_is_one_line(tmp_path, capsys, monkeypatch):
    (gone := tmp_path / "gone").mkdir()
    monkeypatch.chdir(gone)
    with pytest.raises(SystemExit) as stop, exits.one_line_errors():
        gone.rmdir()
        os.mkdir("run")
    assert stop.value.code == 2
    assert "the working folder has been deleted" in capsys.readouterr().err


def test_a_broken_link_is_named_with_its_target(tmp_path, capsys):
    (tmp_path / "link").symlink_to("gone")
    (tmp_path / "loop").symlink_to("loop")
    for path, said in [
        ("link", "link: this link leads to gone, which does not exist, give another path"),
        ("link/below", "link: this link leads to gone, which does not exist, give another path"),
        ("loop", "loop: this link leads to loop, which does not exist, give another path"),
        ("loop/below", "loop/below: too many levels of symbolic links, give another path"),
    ]:
        with pytest.raises(SystemExit) as stop, exits.one_line_errors():
            check_writable(tmp_path / path)
        assert stop.value.code == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.endswith(f"error: {tmp_path}/{said}")


def test_what_tensorflow_says_of_a_place_that_cannot_be_written_is_one_line(capsys):
    with pytest.raises(SystemExit) as stop, exits.one_line_errors():
        tf.io.write_file("/sys/kernel/no.txt", b"")  # not even root may
    assert stop.value.code == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error:" in line]
    assert line.endswith("error: Permission denied: /sys/kernel/no.txt; files saved before are intact")


WITHOUT_TENSORFLOW = """
import sys
from tfgan_models.cli.exits import one_line_errors
try:
    with one_line_errors():
        raise RuntimeError
except RuntimeError:
    raise SystemExit("tensorflow" in sys.modules)
"""


def test_ending_does_not_wait_for_tensorflow():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", WITHOUT_TENSORFLOW], env=environment)
    assert done.returncode == 0


DEFECTS = [
    KeyError("x"),
    FileNotFoundError(errno.ENOENT, "none"),
    ValueError("ours"),
    tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[9999,9999]"),
    tf.errors.InvalidArgumentError(None, None, "Incompatible shapes"),
]


@pytest.mark.parametrize("error", DEFECTS)
def test_defects_keep_their_traceback(error):
    with pytest.raises(type(error)) as raised, exits.one_line_errors():
        raise error
    assert raised.value is error


TALKING = """
import sys
from tfgan_models.cli.exits import one_line_errors
with one_line_errors():
    print("a line", flush=True)
    sys.stdin.read()
    if sys.argv[1] == "exits":
        print("never read")
        raise SystemExit(0)
    for _ in range(10**6 if sys.argv[1] == "for ever" else 1):
        print("never read")
    if sys.argv[1] == "another pipe":
        raise BrokenPipeError(32, "of a child's")
"""


def talk(how: str, read: bool) -> tuple[int, str]:
    """The exit code of a script that goes on to print when its reader has gone or not, and what it said of that."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONUNBUFFERED", None)
    command, pipe = [sys.executable, "-c", TALKING, how], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment) as child:
        assert child.stdout.readline() == "a line\n"
        if not read:
            child.stdout.close()
        child.stdin.close()
        try:
            code = child.wait(timeout=20)
        finally:
            child.kill()
        if read:
            assert child.stdout.read() == "never read\n"
        return code, child.stderr.read()


@pytest.mark.parametrize("how", ["for ever", "once", "exits"])
def test_output_that_nobody_reads_any_more_ends_a_run_without_a_word(how):
    assert talk(how, read=False) == (141, "")


def test_another_broken_pipe_is_a_defect_and_what_was_printed_is_kept():
    code, said = talk("another pipe", read=True)
    assert code == 1
    assert "BrokenPipeError: [Errno 32] of a child's" in said


BUSY = """
import hashlib, sys
from tfgan_models.cli.exits import end_on_signals
end_on_signals(eval(sys.argv[1]))
print("ready", flush=True)
hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)  # as a long step: minutes in which no Python code runs
"""


@pytest.mark.parametrize(
    ("number", "code", "advice"),
    [
        (signal.SIGINT, 130, "'start it again'"),
        (signal.SIGTERM, 143, "lambda: 'start it again'"),
        (signal.SIGHUP, 129, "'start it again'"),
    ],
)
def test_a_signal_ends_a_busy_run_at_once(number, code, advice):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    heeded = f"import signal\nsignal.signal({int(number)}, signal.SIG_DFL)\n"  # also if the tests run under nohup
    command = [sys.executable, "-c", heeded + BUSY, advice]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout.readline() == "ready\n"
        child.send_signal(number)
        try:
            _, said = child.communicate(timeout=20)
        finally:
            child.kill()
    assert child.returncode == code
    assert said.strip().splitlines() == [f"stopped by {signal.Signals(number).name}: start it again"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_whose_messages_nobody_reads(number, code):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", BUSY, "'start it again'"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout.readline() == "ready\n"
        child.stderr.close()
        child.send_signal(number)
        try:
            assert child.wait(timeout=20) == code
        finally:
            child.kill()


def test_under_nohup_a_closed_terminal_ends_nothing():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = ["nohup", sys.executable, "-c", BUSY, "'start it again'"]
    with subprocess.Popen(command, stdin=-3, stdout=-1, stderr=subprocess.DEVNULL, text=True, env=environment) as child:
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGHUP)
        try:
            time.sleep(0.2)
            child.send_signal(signal.SIGTERM)
            assert child.wait(timeout=20) == 143
        finally:
            child.kill()
