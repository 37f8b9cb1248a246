"""Run the scripts as a user does, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests import tiers
from tfgan_models.training import checkpoint

ROOT = Path(__file__).resolve().parents[2]

# The embedded digits at their own size, and epochs of a moment.
SMALL = ["--dataset", "digits", "--image_size", "8", "--network", "mlp", "--width", "0.1", "--latent_dim", "4"]
SMALL += ["--batch_size", "32", "--steps_per_epoch", "4", "--precision", "float32"]

# Importing TensorFlow takes more than half of a short run's time. The server does it once, and each run is a fork of
# it; that TensorFlow is imported late, and comes up by itself, is tested in test_flags.py.
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.cli.imports"])


# The number of an epoch: the script kills itself when that epoch's checkpoint is written, but has no name yet.
KILLED_IN_WRITING = "TFGAN_MODELS_TEST_KILLED_IN_WRITING"
SECONDS = ".seconds"  # ending of the file in which a script leaves how long it worked


class Script:
    """A script that runs in a process of its own; it has what the tests use of ``subprocess.Popen``.

    Args:
        path: the script.
        arguments: its command line.
        folder: where it runs, and where what it prints is kept.
        environment: variables to set besides the tests' own.
    """

    def __init__(self, path: Path, arguments: list[str], folder: Path, environment: dict[str, str]):
        handle, name = tempfile.mkstemp(".txt", "printed-")
        os.close(handle)
        self._printed = Path(name)
        self._process = SERVER.Process(
            target=_become, args=(str(path), arguments, str(folder), {**os.environ, **environment}, name), daemon=True
        )
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """The exit code, minus the signal's number where one ended it; None of a process that runs."""
        return self._process.exitcode

    poll = returncode.fget

    def kill(self) -> None:
        """Send SIGKILL."""
        self._process.kill()

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self._process.pid, number)

    def communicate(self, timeout: float = 300) -> tuple[str, None]:
        """Wait for the end; what was printed, standard error among it."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            self._process.kill()
            raise subprocess.TimeoutExpired(self._printed, timeout, self._printed.read_text())
        printed = self._printed.read_text()
        self._printed.unlink()
        seconds = self._printed.with_suffix(SECONDS)
        if seconds.exists():  # not of a process that was killed
            tiers.count_seconds(float(seconds.read_text()))
            seconds.unlink()
        return printed, None


def _become(path: str, arguments: list[str], folder: str, environment: dict[str, str], printed: str) -> None:
    """Be the script: in its folder, with its arguments, and with its prints in a file."""
    target = os.open(printed, os.O_WRONLY)
    for standard in (1, 2):
        os.dup2(target, standard)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv, sys.path[0] = [path, *arguments], str(Path(path).parent)
    if epoch := environment.get(KILLED_IN_WRITING):
        _die_in_writing(int(epoch))
    try:
        runpy.run_path(path, run_name="__main__")
    finally:
        Path(printed).with_suffix(SECONDS).write_text(str(time.process_time()))


def _die_in_writing(epoch: int) -> None:
    rename = os.rename

    def rename_or_die(source: str | Path, target: str | Path) -> None:
        if Path(target).name == f"epoch-{epoch:05d}":
            os.kill(os.getpid(), signal.SIGKILL)
        rename(source, target)

    os.rename = rename_or_die


def places(folder: Path, export: bool) -> list[str]:
    """Flags that keep a run's files in a folder. Most tests look at no export, which takes a third of a short run."""
    exports = ["--export_dir", str(folder / "export")] if export else ["--no-export"]
    return ["--run_dir", str(folder / "run"), *exports]


def arguments(folder: Path, *flags: str, export: bool = False) -> list[str]:
    return [*SMALL, *places(folder, export), *flags]


def start(script: str, folder: Path, *flags: str, export: bool = False, **environment: str) -> Script:
    return Script(ROOT / "train" / script, arguments(folder, *flags, export=export), folder, environment)


def run(script: str, folder: Path, *flags: str, export: bool = False) -> str:
    """Run to the end and return what it printed."""
    process = start(script, folder, *flags, export=export)
    printed, _ = process.communicate()
    assert process.returncode == 0, printed[-3000:]
    return printed


def run_in_new_interpreter(script: str, folder: Path, *flags: str, export: bool = False) -> str:
    """As ``run`` does, in an interpreter of its own that also has to come to its end by itself."""
    command = [sys.executable, str(ROOT / "train" / script), *arguments(folder, *flags, export=export)]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def variables(folder: Path) -> dict[str, np.ndarray]:
    """Every variable of the newest checkpoint."""
    newest = checkpoint.checkpoints(folder / "run" / "checkpoints")[-1]
    with np.load(newest / checkpoint.VARIABLES) as file:
        return {name: file[name] for name in file.files}


def assert_identical(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> None:
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)
