"""How a script ends: one line and an exit code, or at once."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import subprocess
import sys

import pytest

from tests.test_flags import TRAIN
from tfgan_models import InputError
from tfgan_models.errors import NotFinite


@pytest.fixture
def stopping(monkeypatch):
    monkeypatch.syspath_prepend(str(TRAIN))
    return importlib.import_module("stopping")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("size 7: give 8"), 2, "size 7: give 8"),
        (OSError(errno.ENOSPC, "No space left on device", "runs/a"), 1, "No space left on device: runs/a"),
        (OSError(errno.EROFS, "Read-only file system"), 1, "Read-only file system"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 1, "Permission denied: /x"),
        (NotFinite("error became not finite"), 1, "error became not finite"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_becomes_one_line_and_an_exit_code(error, code, said, stopping, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/train/vae.py"])
    with pytest.raises(SystemExit) as stop, stopping.one_line_errors():
        raise error
    assert stop.value.code == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"vae.py: error: {said}")


@pytest.mark.parametrize("error", [KeyError("x"), FileNotFoundError(errno.ENOENT, "none"), ValueError("ours")])
def test_defects_keep_their_traceback(error, stopping):
    with pytest.raises(type(error)) as raised, stopping.one_line_errors():
        raise error
    assert raised.value is error


BUSY = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from stopping import end_on_signals
end_on_signals()
print("ready", flush=True)
hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)  # as a long step: minutes in which no Python code runs
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_busy_run_at_once(number, code):
    environment = {**os.environ, "PYTHONPATH": str(TRAIN.parent)}
    command = [sys.executable, "-c", BUSY, str(TRAIN)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout.readline() == "ready\n"
        child.send_signal(number)
        try:
            _, said = child.communicate(timeout=20)
        finally:
            child.kill()
    assert child.returncode == code
    assert said.strip().splitlines() == [
        f"stopped by {signal.Signals(number).name}: run the same command to go on from the last checkpoint"
    ]
