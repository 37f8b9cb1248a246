"""Folder names, users' paths, and progress bars."""

from __future__ import annotations

import contextlib
import contextvars
import os
import re
import sys
import unicodedata
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tfgan_models.errors import InputError

FILES = ("folder:", "zip:", "tar:")  # these begin sources that are files of pictures
COLUMNS = ("tar:", "hf:")  # these begin sources that may have columns of labels without a table
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_verbose = 1  # of this process, set by set_verbose
_quiet = contextvars.ContextVar("quiet", default=False)  # of this thread, while in quiet


def folder_name(text: str) -> str:
    """Replace all characters that do not belong in a folder's name by hyphens."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")[:60]


def name_behind_links(path: str) -> str:
    """The name of the file or folder that a user's path leads to, whatever links or spellings lead there."""
    return os.path.basename(os.path.realpath(user_path(path)))


def has_scheme(text: str) -> bool:
    """Return True if a text is a URL, such as ``s3://bucket/pictures``, and not a path."""
    return SCHEME.match(text) is not None


def user_path(text: str, quoted: str = "") -> Path:
    """Convert the text of a user to a path: fill in ``~``, and remove ``file://``.

    Args:
        text: the path.
        quoted: how errors quote it, such as ``--run_dir s3://bucket``; by default as a path.

    Raises:
        InputError: no file of this machine can have this path.
    """
    quoted = quoted or f"cannot use the path {text!r}"
    if "\0" in text:
        raise InputError(f"{quoted}: it contains a NUL character; give another")
    if match := SCHEME.match(text):
        rest = text[match.end() :].removeprefix("localhost")
        if match[1].lower() != "file" or not rest.startswith("/"):
            raise InputError(f"{quoted}: {match[0]} is not supported; give a path of this machine")
        return Path(urllib.parse.unquote(rest))
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise InputError(f"{quoted}: there is no such user; give the path in full") from None


def set_verbose(level: int) -> None:
    """Set what ``with_progress`` prints in this process: 0 nothing, 1 a bar on a terminal, 2 always a plain line."""
    global _verbose
    _verbose = level


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Print no progress in this thread, as for a few pictures; other threads go on as they were set."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def with_progress(examples: Iterable[Any], total: int, description: str) -> Iterator[Any]:
    """Pass the examples through, with a progress bar on a terminal, and one plain line on standard error elsewhere."""
    level = 0 if _quiet.get() else _verbose
    if level == 1 and sys.stderr.isatty():
        from tqdm.auto import tqdm

        yield from tqdm(examples, total=total, desc=description, unit=" pictures", dynamic_ncols=True)
        return
    if level:
        # Printed before the work, so that a log file shows the work in progress.
        print(f"{description}: {total:,} pictures", file=sys.stderr, flush=True)
    yield from examples


def one_line(error: BaseException) -> str:
    """The message of an error in one line of at most 200 characters; its type if it has no message."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:200]}…"


def composed(name: str) -> str:
    """The name with one character for a letter and its accent. Names in archives of macOS have two."""
    return unicodedata.normalize("NFC", name)
