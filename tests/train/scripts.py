"""Run the scripts as a user does, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from tfgan_models import checkpoint

ROOT = Path(__file__).resolve().parents[2]

# The embedded digits at their own size, and epochs of a moment.
SMALL = ["--dataset", "digits", "--image_size", "8", "--network", "mlp", "--width", "0.1", "--latent_dim", "4"]
SMALL += ["--batch_size", "32", "--steps_per_epoch", "4", "--precision", "float32"]


def command(script: str, folder: Path, *flags: str) -> list[str]:
    places = ["--run_dir", str(folder / "run"), "--export_dir", str(folder / "export")]
    return [sys.executable, str(ROOT / "train" / script), *SMALL, *places, *flags]


def start(script: str, folder: Path, *flags: str, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        command(script, folder, *flags),
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(script: str, folder: Path, *flags: str) -> str:
    """Run to the end and return what it printed."""
    process = start(script, folder, *flags)
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0, printed[-3000:]
    return printed


def variables(folder: Path) -> dict[str, np.ndarray]:
    """Every variable of the newest checkpoint."""
    newest = checkpoint.checkpoints(folder / "run" / "checkpoints")[-1]
    with np.load(newest / checkpoint.VARIABLES) as file:
        return {name: file[name] for name in file.files}


def assert_identical(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> None:
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)
