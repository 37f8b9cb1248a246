"""The blocks of code, the commands and the flags that the documents give."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SITE = ("*.md", "guides/*.md", "algorithms/*.md")
# docs/results.md gives the commands of its figures, some of earlier versions; the others include a file of the root.
NOT_GUIDES = {"results.md", "changelog.md", "contributing.md"}
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(path for pattern in SITE for path in sorted((ROOT / "docs").glob(pattern)) if path.name not in NOT_GUIDES),
]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of code between fences.

    Attributes:
        language: ``python``, ``sh`` or another one.
        text: its lines.
        line: the number of its first line in the document.
    """

    language: str
    text: str
    line: int


def blocks(document: Path, language: str) -> list[Block]:
    """The blocks of one language, in their order."""
    text = document.read_text(encoding="utf-8")
    found = (Block(m[1], m[2], text.count("\n", 0, m.start(2)) + 1) for m in FENCE.finditer(text))
    return [block for block in found if block.language == language]


def commands(document: Path) -> Iterator[list[str]]:
    """The words of every command in the ``sh`` blocks, without variables that are set before the program."""
    for block in blocks(document, "sh"):
        for line in block.text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            while words and re.fullmatch(r"\w+=.*", words[0], re.DOTALL):
                words = words[1:]
            if words:
                yield words


def inline_code(document: Path) -> list[str]:
    """The texts between single backquotes, outside of blocks."""
    return re.findall(r"`([^`\n]+)`", FENCE.sub("", document.read_text(encoding="utf-8")))


def included_code(document: Path) -> list[tuple[Path, str]]:
    """The files and the names of the functions and methods that a document includes."""
    directives = re.findall(r"```\{literalinclude\} (\S+)\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    names = [(path, re.search(r"^:pyobject: (\S+)$", options, re.MULTILINE)) for path, options in directives]
    return [((document.parent / path).resolve(), name[1] if name else "") for path, name in names]


def definitions(file: Path) -> set[str]:
    """The functions of a file, and the methods as ``Class.method``."""
    found = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
    return found


def links(document: Path) -> list[str]:
    """The targets of links and pictures in a document, outside of blocks and without those to other hosts."""
    targets = re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", document.read_text(encoding="utf-8")))
    return [target for target in targets if not re.match(r"\w+:", target)]


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub and MyST give the headings of a document."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", document.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
