"""An algorithm is added by the files that CONTRIBUTING.md names: its example, in a copy of the package."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.scripts import ROOT, arguments

NAME = "least_squares_gan"
PLACES = (f"tfgan_models/models/{NAME}.py", f"tfgan_models/recipes/{NAME}.py", f"train/{NAME}.py")


def run(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, whose package comes before the installed one."""
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the package and its scripts with the example's three files, and its lines in ``__init__``."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("tfgan_models", "train"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    section = (ROOT / "CONTRIBUTING.md").read_text().split("## Add an algorithm")[1].split("\n## ")[0]
    model, (seen, entry), recipe, script = (
        block.strip("\n").splitlines() if block.startswith("\n    ") else block.lstrip("\n")
        for block in re.findall(r"```python(\n.*?)```", section, re.DOTALL)
    )
    for place, content in zip(PLACES, (model, recipe, script), strict=True):
        assert not (folder / place).exists()
        (folder / place).write_text(content)
    init = folder / "tfgan_models" / "__init__.py"
    before = init.read_text()
    after = before.replace("PUBLIC = {\n", f"PUBLIC = {{\n{entry}\n", 1)
    after = after.replace("    __version__: str\n", f"{seen}\n    __version__: str\n", 1)
    assert len(after.splitlines()) == len(before.splitlines()) + 2
    init.write_text(after)
    return folder


@pytest.fixture(scope="module")
def trained(copy) -> tuple[Path, str]:
    """The copy after two steps of the algorithm, and what the command printed."""
    flags = arguments(copy, "--epochs", "1", "--steps_per_epoch", "2", "--no-health")
    done = run(copy, "-m", "tfgan_models", "train", NAME, *flags)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return copy, done.stdout


def test_the_command_trains_it(trained):
    folder, printed = trained
    assert "weights: " in printed
    with open(folder / "run" / "metrics.csv", newline="") as file:
        (row,) = csv.DictReader(file)
    assert {"generator_loss", "discriminator_loss", "discriminator_accuracy"} <= row.keys()
    assert (folder / "run" / "checkpoints" / "epoch-00001").is_dir()


@pytest.mark.slow
def test_a_rule_of_its_flags_holds_when_it_goes_on(trained):
    folder, _ = trained
    other = arguments(folder, "--epochs", "1", "--steps_per_epoch", "2", "--no-health", "--real_target", "0.9")
    done = run(folder, "-m", "tfgan_models", "train", NAME, *other)
    assert done.returncode == 2
    assert "--real_target 0.9: the run in" in done.stderr.splitlines()[-1]


def test_its_script_refuses_a_number_beyond_a_limit(copy):
    done = run(copy, f"train/{NAME}.py", "--real_target", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{NAME}.py: error: --real_target 0.0: give a number above 0\n"


def test_the_command_lists_it(copy):
    listed = run(copy, "-m", "tfgan_models", "train", "--help").stdout
    assert re.search(rf"^  {NAME} +Train a GAN with squared errors as losses on pictures$", listed, re.MULTILINE)


def test_no_other_file_of_the_package_differs(copy):
    differing = set()
    for folder in ("tfgan_models", "train"):
        for path in (path for path in (copy / folder).rglob("*.py")):
            place = path.relative_to(copy)
            if not (ROOT / place).exists() or path.read_bytes() != (ROOT / place).read_bytes():
                differing.add(str(place))
    assert differing == {*PLACES, "tfgan_models/__init__.py"}
