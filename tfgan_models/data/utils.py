"""Folder names, users' paths, and progress bars."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tfgan_models.errors import InputError


def folder_name(text: str) -> str:
    """Replace all characters that do not belong in a folder's name by hyphens."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")[:60]


def user_path(text: str) -> Path:
    """Convert a user's path, with ``~`` expanded.

    Raises:
        InputError: the path is impossible.
    """
    if "\0" in text:
        raise InputError(f"cannot use the path {text!r}: it contains a NUL character; give another")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise InputError(f"cannot use the path {text!r}: there is no such user; give the path in full") from None


def with_progress(examples: Iterable[Any], total: int, description: str) -> Iterator[Any]:
    """Pass the examples through, with a progress bar on a terminal."""
    from tqdm.auto import tqdm

    yield from tqdm(examples, total=total, desc=description, unit=" pictures", disable=None, dynamic_ncols=True)
