"""Private names of other packages are used in one module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.scripts import ROOT

PACKAGE = ROOT / "tfgan_models"
ALLOWED = PACKAGE / "keras_private.py"
# Methods of Keras that are overridden, with the module that does it. An override must be a method of its class.
OVERRIDDEN = {"_maybe_symbolic_build": PACKAGE / "models" / "base.py"}
# Documented names that begin with an underscore: of ``os``, and of named tuples.
DOCUMENTED = {"_exit", "_asdict", "_replace", "_fields"}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != ALLOWED)


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def defined(tree: ast.AST) -> Iterator[str]:
    """Private names that a file defines: functions, variables, and attributes of its objects."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def used(tree: ast.AST) -> Iterator[str]:
    """Private attributes that a file reads or writes, also by ``getattr`` and ``setattr``, and private modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("attr"):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))
        elif isinstance(node, ast.ImportFrom) and f"{node.module}".startswith(("keras.src", "tensorflow.python")):
            yield f"_ of {node.module}"


def written_to_others(tree: ast.AST) -> Iterator[str]:
    """Private attributes that a file writes to objects other than its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and private(node.attr):
            yield from () if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls") else (node.attr,)


OURS = {name for path in FILES for name in defined(ast.parse(path.read_text())) if private(name)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_uses_private_names_of_the_package_alone(path: Path):
    tree = ast.parse(path.read_text())
    foreign = {name for name in used(tree) if private(name)} - OURS - DOCUMENTED
    overridden = {name for name in OVERRIDDEN if OVERRIDDEN[name] != path} & set(defined(tree))
    assert foreign | overridden | set(written_to_others(tree)) == set()


def test_the_scan_finds_private_names():
    """Each way to write one, in the module that is allowed to and in a snippet."""
    names = set(used(ast.parse(ALLOWED.read_text())))
    assert {"_flatten_layers", "_momentums", "_in_multi_worker_mode"} <= names - OURS
    snippet = ast.parse("from keras.src import x\nsetattr(optimizer, '_update', y)\noptimizer._other = y")
    assert {name for name in used(snippet) if private(name)} == {"_ of keras.src", "_update", "_other"}
    assert set(written_to_others(snippet)) == {"_other"}
