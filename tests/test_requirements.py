"""The lists of dependencies: every import is in one, and every entry is imported."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
# Import names and the distributions that give them, where the two differ.
DISTRIBUTIONS = {"PIL": "pillow", "google": "protobuf", "sklearn": "scikit-learn"}
# Extras, and the folder or module that alone imports what they install.
OPTIONAL = {"studio": "studio", "hub": "hub.py", "onnx": "export", "litert": "export"}


def canonical(requirement: str) -> str:
    """The normalized name of a distribution, without versions, extras and comments."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def runtime() -> dict[str, str]:
    """The lines of requirements.txt by the distribution's name."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return {canonical(line): line for line in lines if line and not line.startswith("#")}


def imported(folders: Iterable[str]) -> dict[str, Path]:
    """The distributions that files of these folders import, each with one such file."""
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    own = {"tfgan_models", "tests", "benchmarks", "experiments", "training_steps"}
    names = {name: path for path in files for name in top_level_imports(path)}
    third_party = names.keys() - own - sys.stdlib_module_names
    return {canonical(DISTRIBUTIONS.get(name, name)): names[name] for name in third_party}


def top_level_imports(path: Path) -> Iterator[str]:
    """The first part of every module that a file imports, at its top or in a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def names_of(*extras: str) -> set[str]:
    """The distributions of some extras."""
    return {canonical(requirement) for extra in extras for requirement in EXTRAS[extra]}


def test_the_tests_have_the_versions_of_the_extras():
    for extra in ("studio", "onnx", "litert"):
        assert set(EXTRAS[extra]) <= set(EXTRAS["test"])


def test_the_scan_sees_imports_at_the_top_and_in_functions():
    modules = imported(["tfgan_models"])
    assert {"numpy", "tensorflow", "pillow", "matplotlib", "scikit-learn"} <= modules.keys()
    assert not {"tfgan-models", "os", "json"} & modules.keys()


def test_every_runtime_import_is_a_runtime_dependency():
    optional = {canonical(requirement): name for name in OPTIONAL for requirement in EXTRAS[name]}
    modules = imported(["tfgan_models", "train"])
    assert modules.keys() >= optional.keys()
    missing = {name: path for name, path in modules.items() if name not in runtime()}
    elsewhere = {name: path for name, path in missing.items() if OPTIONAL.get(optional.get(name)) not in path.parts}
    assert not elsewhere, "add these to requirements.txt"


def test_every_runtime_dependency_is_imported_or_says_who_imports_it():
    used = imported(["tfgan_models", "train"])
    idle = [line for name, line in runtime().items() if name not in used and not re.search(r"# .*imports it", line)]
    assert not idle, "remove these from requirements.txt, or add a comment that says who imports them"


def test_every_import_of_the_tests_is_a_dependency_of_the_extra_test():
    listed = runtime().keys() | {canonical(requirement) for requirement in EXTRAS["test"]}
    missing = {name: path for name, path in imported(["tests"]).items() if name not in listed}
    assert not missing, "add these to the extra test in pyproject.toml"


@pytest.mark.parametrize("extra", ["dev", "docs", "test"])
def test_tools_are_no_runtime_dependencies(extra):
    tools = {canonical(requirement) for requirement in EXTRAS[extra]}
    assert not tools & runtime().keys()


def test_the_extra_gpu_is_the_tensorflow_of_the_runtime():
    assert EXTRAS["gpu"] == [runtime()["tensorflow"].replace("tensorflow", "tensorflow[and-cuda]")]


def test_the_python_of_pyproject_is_that_of_the_makefile():
    versions = re.search(r"^PYTHONS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    minor = [int(version.removeprefix("3.")) for version in versions]
    assert PROJECT["requires-python"] == f">=3.{minor[0]},<3.{minor[-1] + 1}"
    classifier = "Programming Language :: Python :: "
    assert [classifier + version for version in versions] == [
        c for c in PROJECT["classifiers"] if re.search(r"3\.\d+$", c)
    ]


def test_the_installation_is_of_these_lists():
    """Extras and dependencies reach the metadata that pip reads."""
    listed = importlib.metadata.requires("tfgan_models")
    runtime_names = {canonical(line) for line in listed if "extra ==" not in line}
    assert runtime_names == runtime().keys()
