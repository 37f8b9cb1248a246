"""The command line: what it takes, what it refuses in one line, and that help does not wait for TensorFlow."""

from __future__ import annotations

import dataclasses
import errno
import importlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tfgan_models import InputError
from tfgan_models.checkpoint import NotFinite

TRAIN = Path(__file__).resolve().parent.parent / "train"
SCRIPTS = sorted(path for path in TRAIN.glob("*.py") if "__main__" in path.read_text())
TRAINERS = [path for path in SCRIPTS if "common.main(" in path.read_text()]


@pytest.fixture
def module(monkeypatch):
    """Import a module of ``train/`` by its name."""
    monkeypatch.syspath_prepend(str(TRAIN))
    return importlib.import_module


@pytest.fixture
def read(module, monkeypatch):
    """Read and check a command line as the scripts do; the flags are the shared ones unless told."""
    flags = module("flags")

    def read(*arguments: str, kind: type = flags.Flags):
        monkeypatch.setattr(sys, "argv", ["train/some.py", *arguments])
        given = flags.read(kind)
        flags.check(given)
        return given

    return read


@pytest.fixture
def without_tensorflow(tmp_path) -> dict[str, str]:
    """An environment in which importing TensorFlow or Keras is an error."""
    for name in ("tensorflow", "keras", "tensorflow_probability"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} was imported')\n")
    return {**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200", "TERM": "dumb"}


def run(script: Path, *arguments: str, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, str(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def test_there_are_scripts():
    assert {path.stem for path in SCRIPTS} >= {"autoencoder", "gan", "sample", "vae", "vaegan"}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_help_says_every_default_and_does_not_import_tensorflow(script, without_tensorflow, tmp_path):
    done = run(script, "--help", env=without_tensorflow, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    options = re.findall(r"^[│ ]*(--[a-z_]+)", done.stdout, re.MULTILINE)
    assert len(options) > 5
    explained = re.findall(r"\(default: |\(required\)", done.stdout)
    assert len(explained) >= len(options)
    if script in TRAINERS:
        assert {"--dataset", "--image_size", "--batch_size", "--epochs", "--seed", "--run_dir"} <= set(options)
        for default in ("(default: faces)", "(default: 64)", "(default: auto)"):
            assert default in done.stdout


@pytest.mark.parametrize(
    ("arguments", "quoted"),
    [
        (["--epoch", "3"], "--epoch"),
        (["--precision", "float64"], "float64"),
        (["--epochs", "0"], "--epochs 0"),
        (["--batch_size", "0"], "--batch_size 0"),
    ],
    ids=" ".join,
)
def test_a_script_ends_with_2_and_one_line(arguments, quoted, without_tensorflow, tmp_path):
    """Before TensorFlow is imported, and with nothing written."""
    done = run(TRAIN / "vae.py", *arguments, env=without_tensorflow, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("vae.py: error: ")
    assert quoted in line
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "quoted"),
    [
        (["--epochs", "three"], "three"),
        (["--epochs"], "--epochs"),
        (["--epochs", "-1"], "--epochs -1"),
        (["--steps_per_epoch", "0"], "--steps_per_epoch 0"),
        (["--batch_size", "1"], "--batch_size 1"),
        (["--learning_rate", "0"], "--learning_rate 0"),
        (["--learning_rate", "nan"], "--learning_rate nan"),
        (["--learning_rate", "inf"], "--learning_rate inf"),
        (["--learning_rate_decay", "-0.5"], "--learning_rate_decay -0.5"),
        (["--gradient_clip", "0"], "--gradient_clip 0"),
        (["--keep_checkpoints", "0"], "--keep_checkpoints 0"),
        (["--crop", "-5"], "--crop -5"),
        (["--channels", "2"], "--channels 2"),
        (["--seed", "-1"], "--seed -1"),
        (["--seed", str(2**32)], f"--seed {2**32}"),
        (["--strategy", "tpu"], "tpu"),
        (["faces"], "faces"),
        (["--no_such", "1", "--nor_this", "2"], "--no_such"),
        (["--epochs", "x", "--batch_size", "y"], "--epochs"),
    ],
    ids=" ".join,
)
def test_bad_values_are_quoted_in_one_line(arguments, quoted, read):
    with pytest.raises(InputError) as error:
        read(*arguments)
    assert quoted in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("script", TRAINERS, ids=lambda path: path.stem)
@pytest.mark.parametrize("value", ["0", "-1"])
@pytest.mark.parametrize("flag", ["--latent_dim", "--width"])
def test_sizes_of_networks_are_above_0(flag, value, script, module, read):
    kinds = [k for k in vars(module(script.stem)).values() if isinstance(k, type) and hasattr(k, "training")]
    flags = module("flags")
    kinds = [
        k
        for k in vars(module(script.stem)).values()
        if isinstance(k, type) and issubclass(k, flags.Flags) and k is not flags.Flags
    ]
    with pytest.raises(InputError, match=f"{flag} {value}"):
        read(flag, value, kind=kinds[0])


@pytest.mark.parametrize(
    ("arguments", "resume"),
    [([], True), (["--no-resume"], False), (["--no_resume"], False), (["--resume"], True)],
    ids=str,
)
def test_resume(arguments, resume, read):
    assert read(*arguments).output.resume is resume


@pytest.mark.parametrize("written", ["--batch_size", "--batch-size"])
def test_values_are_read_into_their_groups(written, read):
    given = read(written, "32", "--dataset", "folder:/my pictures", "--gradient_clip", "0.5", "--flip")
    assert given.training.batch_size == 32
    assert given.training.gradient_clip == 0.5
    assert given.data.dataset == "folder:/my pictures"
    assert given.data.flip


def test_defaults_are_those_of_the_dataclass(module, read):
    assert dataclasses.asdict(read()) == dataclasses.asdict(module("flags").Flags())


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
def test_an_error_becomes_one_line_and_an_exit_code(error, code, said, module, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/train/vae.py"])
    with pytest.raises(SystemExit) as stop, module("stopping").one_line_errors():
        raise error
    assert stop.value.code == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"vae.py: error: {said}")


@pytest.mark.parametrize("error", [KeyError("x"), FileNotFoundError(errno.ENOENT, "none"), ValueError("ours")])
def test_defects_keep_their_traceback(error, module):
    with pytest.raises(type(error)) as raised, module("stopping").one_line_errors():
        raise error
    assert raised.value is error


BUSY = """
import sys, time
sys.path.insert(0, sys.argv[1])
from stopping import end_on_signals
end_on_signals()
print("ready", flush=True)
sum(range(10**12))  # as a long step: no Python code runs in between
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
