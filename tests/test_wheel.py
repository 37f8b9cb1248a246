"""The wheel: its files, its command, and that a fresh environment with nothing else can import every module."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from tests.shared import make_once
from tests.test_requirements import EXTRAS, canonical

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("pyproject.toml", "requirements.txt", "README.md", "LICENSE")
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")
# A fresh environment installs TensorFlow, which takes minutes on a slow machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

IMPORT_EVERYTHING = """
import importlib
import json
import pkgutil
import tfgan_models
names = [module.name for module in pkgutil.walk_packages(tfgan_models.__path__, "tfgan_models.")]
for name in names:
    importlib.import_module(name)
print(json.dumps({"file": tfgan_models.__file__, "version": tfgan_models.__version__, "modules": names}))
"""


def run(program: Path | str, *arguments: str, cwd: Path) -> str:
    """Run a program in a folder, without the variables that change what it imports, and return its output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run([str(program), *arguments], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy: setuptools writes into its sources, and packs what an earlier build left there."""
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"
    shutil.copytree(ROOT / "tfgan_models", sources / "tfgan_models", ignore=shutil.ignore_patterns("__pycache__"))
    for name in SOURCES:
        shutil.copy(ROOT / name, sources)
    # Without an index pip can build nothing but this path.
    build = (*PIP, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder))
    run(sys.executable, *build, str(sources), cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel, session_folder) -> Path:
    """The interpreter of a fresh environment in which the wheel is installed without extras."""

    def install(folder: Path) -> None:
        venv.create(folder, symlinks=True, with_pip=True)
        run(folder / "bin" / "python", *PIP, "install", str(wheel), cwd=folder)

    return make_once(session_folder / "environment", install) / "bin" / "python"


@pytest.fixture(scope="module")
def command(wheel, tmp_path_factory) -> Path:
    """The command of the wheel, installed alone in a fresh environment that finds its dependencies in this one."""
    folder = tmp_path_factory.mktemp("installed")  # which stays where it is, as the command names its interpreter
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # Of a folder that is named in such a file, Python reads no further ones: an editable package is not seen.
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    options = ("install", "--no-index", "--no-deps", "--ignore-installed", str(wheel))
    run(sys.executable, *PIP, "--python", str(folder / "bin" / "python"), *options, cwd=folder)
    return folder / "bin" / "tfgan"


def test_the_wheel_has_every_file_of_the_package_and_nothing_else(wheel):
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tfgan_models").rglob("*.py")}
    assert packed == package | {"tfgan_models/py.typed"}
    assert {"tfgan_models/cli/main.py", "tfgan_models/recipes/vaegan.py", "tfgan_models/training/run.py"} <= packed


def test_the_command_trains_and_draws_in_a_folder_without_a_clone(command, tmp_path):
    program = "import tfgan_models; print(tfgan_models.__file__)"
    imported = Path(run(command.with_name("python"), "-c", program, cwd=tmp_path).strip())
    assert imported.is_relative_to(command.parent.parent)
    flags = ["--epochs", "1", "--steps_per_epoch", "2", "--dataset", "digits", "--image_size", "8", "--width", "0.1"]
    printed = run(command, "train", "vaegan", *flags, "--no-health", cwd=tmp_path)
    assert "tfgan sample --model saved_models/vaegan/1)" in printed
    assert (tmp_path / "runs" / "vaegan-digits" / "checkpoints" / "epoch-00001").is_dir()
    run(command, "sample", "--model", "saved_models/vaegan/1", "--count", "4", cwd=tmp_path)
    assert (tmp_path / "samples.png").is_file()
    assert {path.name for path in tmp_path.iterdir()} == {"runs", "saved_models", "samples.png"}


def test_a_fresh_environment_has_no_development_tools(python):
    program = "import importlib.metadata as m; print(*(d.metadata['Name'] for d in m.distributions()))"
    names = {canonical(name) for name in run(python, "-I", "-c", program, cwd=python.parent).split()}
    assert {"tfgan-models", "tensorflow"} <= names
    tools = {canonical(requirement) for extra in ("test", "dev", "docs") for requirement in EXTRAS[extra]}
    # TensorFlow itself brings protobuf; the environment's own pip may bring setuptools.
    assert not (tools - {"tfgan-models", "protobuf", "setuptools"}) & names


def test_every_module_imports_from_the_wheel(python, tmp_path):
    answer = json.loads(run(python, "-I", "-c", IMPORT_EVERYTHING, cwd=tmp_path).splitlines()[-1])
    package = Path(answer["file"]).parent
    assert package.is_relative_to(python.parent.parent)
    assert (package / "py.typed").is_file()
    assert answer["version"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    files = {path.relative_to(ROOT).with_suffix("") for path in (ROOT / "tfgan_models").rglob("*.py")}
    modules = {".".join(path.parts).removesuffix(".__init__") for path in files}
    assert set(answer["modules"]) == modules - {"tfgan_models"}
