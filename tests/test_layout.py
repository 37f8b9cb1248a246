"""The layout of the package: which folder may import which, short files, and a library that knows no flag."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tfgan_models
from tests.cli.scripts import ROOT
from tfgan_models.cli import main, train

PACKAGE = ROOT / "tfgan_models"
FILES = sorted(PACKAGE.rglob("*.py"))
# Modules at the root that import no folder, so that every folder may import them.
FOUNDATION = {"errors", "files", "keras_private", "keras_registry", "keras_settings", "optimizers", "protocols"}
FOUNDATION |= {"seeds", "shapes"}
LIBRARY = {"data", "layers", "objectives", "networks", "models", "latent", "plots", "metrics"}
# For each folder those that it may import; an import inside a function counts, too.
ALLOWED = {
    "data": set(),
    "layers": set(),
    "objectives": {"layers"},
    "networks": {"layers", "objectives"},
    "models": {"layers", "objectives"},
    "latent": {"data", "layers", "models", "networks", "objectives"},
    "plots": {"data"},
    "metrics": {"data", "layers", "models", "networks", "objectives", "plots"},
    "judge": {"data", "plots"},
    "callbacks": LIBRARY,
    "export": LIBRARY,
    "training": LIBRARY | {"callbacks", "export"},
    "recipes": LIBRARY | {"callbacks", "export", "training"},
    "lab": LIBRARY | {"callbacks", "export", "training"},
    "studio": LIBRARY | {"judge", "callbacks", "export"},
    "cli": LIBRARY | {"judge", "callbacks", "export", "training", "recipes", "lab", "studio"},
}
# Modules that a folder may import although their folder is not in its list.
EXCEPTIONS = {
    # At an epoch's end pictures, measures and checkpoints are of the run. These two modules import no callback.
    "callbacks": {"training.checkpoint", "training.ema"},
}


def imports(path: Path) -> Iterator[str]:
    """The modules of the package that a file imports, such as ``models.base``, at its top or in a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            package, _, module = name.partition(".")
            if package == "tfgan_models":
                yield public(module)


def public(module: str) -> str:
    """The module behind a public name of the package, such as ``models.vae`` behind ``VAE``."""
    name, dot, rest = module.partition(".")
    return tfgan_models.PUBLIC.get(name, name) + dot + rest


def room(path: Path) -> str:
    """The folder of a file, or the name of a module at the root."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def test_every_folder_has_its_list():
    assert {path.name for path in PACKAGE.iterdir() if any(path.glob("*.py"))} == set(ALLOWED)
    assert {path.stem for path in PACKAGE.glob("*.py")} == FOUNDATION | {"__init__", "__main__"}


@pytest.mark.parametrize("folder", sorted(ALLOWED))
def test_imports_run_one_way(folder):
    wrong = []
    for path in (path for path in FILES if room(path) == folder):
        for module in imports(path):
            other = module.partition(".")[0]
            excepted = any(f"{module}.".startswith(f"{name}.") for name in EXCEPTIONS.get(folder, ()))
            if other not in FOUNDATION | ALLOWED[folder] | {folder, ""} and not excepted:
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert not wrong


def test_the_lists_have_no_circle():
    left = dict(ALLOWED)
    while left:
        first = [folder for folder, others in left.items() if not others & left.keys() - {folder}]
        assert first, f"these import one another: {', '.join(left)}"
        for folder in first:
            del left[folder]


def test_exceptions_import_nothing_of_the_folder_that_they_serve():
    for folder, modules in EXCEPTIONS.items():
        for module in modules:
            used = {name.partition(".")[0] for name in imports(PACKAGE / f"{module.replace('.', '/')}.py")}
            assert folder not in used
            assert any(
                f"{name}.".startswith(f"{module}.") for path in FILES if room(path) == folder for name in imports(path)
            )


@pytest.mark.parametrize("module", sorted(FOUNDATION))
def test_the_foundation_imports_no_folder(module):
    assert {name.partition(".")[0] for name in imports(PACKAGE / f"{module}.py")} <= FOUNDATION


def test_models_and_recipes_of_an_algorithm_have_a_script_each():
    scripts = {path.stem for path in (ROOT / "train").glob("*.py")}
    assert scripts == {*train.names(), *main.COMMANDS} - {"train"}


@pytest.mark.parametrize("script", sorted((ROOT / "train").glob("*.py")), ids=lambda path: path.stem)
def test_a_script_is_a_few_lines(script):
    text = script.read_text()
    assert len(text.splitlines()) <= 15
    called = f'train.command("{script.stem}")' if script.stem in train.names() else f"{script.stem}.command()"
    assert called in text


def texts(path: Path) -> Iterator[ast.Constant]:
    """The texts of a file, with those inside f-strings and without docstrings."""
    tree = ast.parse(path.read_text())
    described = (ast.Module, ast.ClassDef, ast.FunctionDef)
    documents = {
        id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, described) and ast.get_docstring(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node


@pytest.mark.parametrize("folder", sorted(LIBRARY))
def test_the_library_names_no_flag(folder):
    """Only ``training``, ``recipes`` and ``cli`` know the names of flags; errors carry the name of the argument."""
    named = [
        f"{path.relative_to(ROOT)}:{text.lineno}: {text.value}"
        for path in FILES
        if room(path) == folder
        for text in texts(path)
        if re.search(r"(?<![\w-])--[a-z]", text.value)
    ]
    assert not named


def test_type_checkers_see_what_the_table_gives():
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    seen = {}
    for node in block.body:
        if isinstance(node, ast.ImportFrom):
            ((name, alias),) = ((alias.name, alias.asname) for alias in node.names)
            assert name == alias  # as type checkers need it to take the name for public
            module = node.module.removeprefix("tfgan_models.")
            seen[name] = module if name in tfgan_models.__all__ else f"{module}.{name}"
    assert seen.items() <= tfgan_models.PUBLIC.items()
    assert set(tfgan_models.__all__) <= seen.keys()


LONGEST_FILE, LONGEST_FUNCTION = 250, 50
# Functions of more lines, docstrings not counted; each says why in a comment before it.
LONG = {"export/signatures.py": {"unchecked"}}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_and_functions_are_short(path):
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_FILE
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
    long = {node.name for node in functions if lines_of_code(node) > LONGEST_FUNCTION}
    assert long == LONG.get(str(path.relative_to(PACKAGE)), set())


@pytest.mark.parametrize("folder", ["tests", "experiments", "benchmarks"])
def test_files_outside_the_package_are_short(folder):
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / folder).rglob("*.py")}
    assert lengths
    long = [f"{path.relative_to(ROOT)}: {length}" for path, length in lengths.items() if length > LONGEST_FILE]
    assert not long, f"split these into files of one theme each, of at most {LONGEST_FILE} lines"


def lines_of_code(function: ast.FunctionDef) -> int:
    """The lines of a function without its docstring."""
    docstring = function.body[0] if ast.get_docstring(function) else None
    described = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
    return function.end_lineno - function.lineno + 1 - described
