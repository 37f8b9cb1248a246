"""README.md, CONTRIBUTING.md and the guides: their Python runs, their commands parse, their flags and links exist."""

from __future__ import annotations

import dataclasses
import importlib
import re
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.documents import DOCUMENTS, ROOT, anchors, blocks, commands, definitions, included_code, inline_code, links
from tests.models.small import LATENT, MODELS
from tests.tiers import tiered
from tfgan_models import export as exports
from tfgan_models.cli import completion, main, train
from tfgan_models.cli.command_line import read
from tfgan_models.errors import InputError
from tfgan_models.latent import code_prior
from tfgan_models.training import flags as common_flags

NAMES = {path.relative_to(ROOT).as_posix(): path for path in DOCUMENTS}
NOTEBOOK = "docs/start.md"  # runs in test_notebook.py
# The blocks of CONTRIBUTING.md are files and lines of an algorithm, which tests/test_add_an_algorithm.py puts in place.
ELSEWHERE = (NOTEBOOK, "CONTRIBUTING.md")
PYTHON = [name for name, path in NAMES.items() if blocks(path, "python") and name not in ELSEWHERE]
# These train, export or convert for more than a moment.
SLOW = {"README.md", "docs/guides/edit.md", "docs/guides/library.md", "docs/guides/runtimes.md"}
OTHER_FLAGS = {
    "help": "of every command",
    "version": "of tfgan",
    "tyro-print-completion": "of tfgan",
    "logdir": "of tensorboard",
    "host": "of tensorboard",
    "torch_python": "of benchmarks/compare.py",
    "fast-limit": "of the tests",
    "update": "of jupytext",
}
OTHER_PROGRAMS = {"pip", "tensorboard", "eval", ".venv/bin/pre-commit", ".venv/bin/jupytext"}
OTHER_PROGRAMS |= {
    "python3",
    ".",
    "cp",
    "curl",
    "docker",
    "mkdir",
    "npm",
    "rm",
    "tar",
    "tensorflow_model_server",
    "unzip",
}


@pytest.mark.parametrize("name", tiered(PYTHON, [name for name in PYTHON if name not in SLOW]))
def test_the_python_of_a_document_runs(name, exported, tmp_path, monkeypatch):
    """All blocks of a document in sequence, in an empty folder; for guides to exports it has one."""
    if name == "docs/guides/serve.md":
        shutil.copytree(exported("vaegan"), tmp_path / "saved_models" / "vaegan" / "1")
    if name == "docs/guides/runtimes.md":
        mixture = code_prior.fit_mixture(np.random.default_rng(0).normal(size=(100, LATENT)))
        exports.save(MODELS["vae"](), tmp_path / "saved_models" / "vaegan", {}, code_prior=mixture)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFGAN_MODELS_CACHE", str(tmp_path / "cache"))
    namespace: dict[str, Any] = {"__name__": "document"}
    code = blocks(NAMES[name], "python")
    for block in code:
        lines = "\n" * (block.line - 1) + block.text  # so that a traceback has the document's own line
        exec(compile(lines, NAMES[name], "exec", dont_inherit=True), namespace)
    assert len(code) == NAMES[name].read_text(encoding="utf-8").count("```py"), (
        "a fence is not at the start of its line"
    )


def parse(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Read and check a command line as the command does, and go no further.

    Raises:
        InputError: the command would refuse it.
    """
    command, *arguments = words
    if command == "train":
        algorithm, *arguments = arguments
        if algorithm not in train.names():
            raise InputError(f"unknown algorithm {algorithm!r}")
        recipe = train.load(algorithm)
        monkeypatch.setattr(sys, "argv", [algorithm, *arguments])
        flags = read(recipe.flags, recipe.presets)
        if recipe.check:
            recipe.check(flags)
        common_flags.check(flags)
        return
    monkeypatch.setattr(sys, "argv", [command, *arguments])
    if command not in completion.FLAGS:
        raise InputError(f"unknown command {command!r}")
    importlib.import_module(f"tfgan_models.cli.{command}").check(read(completion.FLAGS[command]))


def tfgan_words(words: list[str]) -> list[str] | None:
    """The words after ``tfgan`` of a command, or of the script that does the same; None for another program."""
    if words[0] == "tfgan":
        return words[1:]
    if words[0] == "python" and (script := re.fullmatch(r"train/(\w+)\.py", words[1])):
        name = script[1]
        return [*([] if name in main.COMMANDS else ["train"]), name, *words[2:]]
    return None


@pytest.mark.parametrize("name", NAMES)
def test_the_commands_of_a_document_are_accepted(name, monkeypatch):
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for words in commands(NAMES[name]):
        own = tfgan_words(words)
        if own is not None:
            try:
                parse(own, monkeypatch)
            except InputError as error:
                pytest.fail(f"{' '.join(words)}: {error}")
        elif words[0] == "make":
            assert {word for word in words[1:] if "=" not in word} <= targets, words
        else:
            assert words[0] in OTHER_PROGRAMS or words[:3] == ["python", "-m", "http.server"], words


def test_commands_in_the_text_are_accepted(monkeypatch):
    """Commands within a line, such as ``tfgan train vaegan --preset larsen``."""
    seen = 0
    for path in DOCUMENTS:
        for code in inline_code(path):
            words = code.split()
            own = tfgan_words(words) if len(words) > 2 and "…" not in code else None
            if own and "--help" not in own and "x" not in own:  # x stands for the name of any algorithm
                parse(own, monkeypatch)
                seen += 1
    assert seen


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("tfgan train vaegan --gama 1", "--gama"),
        ("tfgan train gan --preset larsen", "larsen"),
        ("python train/wgan.py --critic_steps 0", "--critic_steps 0"),
        ("tfgan lab --technique nothing", "nothing"),
        ("tfgan sample --count 4", "--model"),
        ("tfgan train vaegn", "vaegn"),
    ],
)
def test_a_command_that_is_wrong_is_seen(words, refused, monkeypatch):
    with pytest.raises(InputError, match=refused):
        parse(tfgan_words(words.split()), monkeypatch)


def flag_names(flags: type) -> Iterator[str]:
    """The names of all flags of a dataclass and of its groups, with those that switch off."""
    for field in dataclasses.fields(flags):
        if field.default_factory is not dataclasses.MISSING and dataclasses.is_dataclass(field.default_factory()):
            yield from flag_names(type(field.default_factory()))
        else:
            name = field.name.rstrip("_")  # of a word of Python, such as with
            yield from (name, f"no-{name}", f"no_{name}")


def test_the_flags_in_the_text_exist():
    kinds = [*(train.load(name).flags for name in train.names()), *completion.FLAGS.values()]
    known = {name for kind in kinds for name in flag_names(kind)}
    assert {"gamma", "no-balanced_gradients", "interpolate", "technique"} <= known
    for path in DOCUMENTS:
        for code in inline_code(path):
            for flag in re.findall(r"(?<!\S)--([\w-]+)", code):
                assert flag in known or flag in OTHER_FLAGS, f"{path.name}: no command has --{flag}"


@pytest.mark.parametrize("name", NAMES)
def test_the_links_of_a_document_lead_somewhere(name):
    path = NAMES[name]
    for target in links(path):
        file, _, anchor = target.partition("#")
        where = (path.parent / file).resolve() if file else path
        if where.is_relative_to(ROOT / "docs" / "api"):
            continue  # which the build makes
        assert where.exists(), target
        if where.name == "contributing.md":
            where = ROOT / "CONTRIBUTING.md"  # which that page includes
        assert not anchor or anchor in anchors(where), target


@pytest.mark.parametrize("name", NAMES)
def test_lines_have_at_most_140_characters(name):
    """Except rows of tables, pictures and equations, which cannot be wrapped."""
    lines = enumerate(NAMES[name].read_text(encoding="utf-8").splitlines(), 1)
    assert not [n for n, line in lines if len(line) > 140 and not line.startswith(("|", "![", "\\mathcal"))]


def test_the_code_that_documents_include_exists():
    included = {(*code, path.name) for path in DOCUMENTS for code in included_code(path)}
    assert included
    for file, name, page in included:
        assert name in definitions(file), f"{page}: {file.name} has no {name}"


def test_every_algorithm_has_a_page_with_its_command_and_presets():
    pages = {path.stem: path for path in (ROOT / "docs" / "algorithms").glob("*.md") if path.stem != "index"}
    assert sorted(pages) == train.names()
    readme = (ROOT / "README.md").read_text()
    for name, path in pages.items():
        assert f"docs/algorithms/{name}.md" in readme
        used = [words for words in commands(path) if words[:3] == ["tfgan", "train", name]]
        assert used, name
        assert any(code.endswith((".train_step", "_phase")) for _, code in included_code(path)), name
        for preset in train.load(name).presets:
            assert any(f"--preset {preset}" in " ".join(words) for words in used), f"{name}: {preset}"
