"""Names of folders, paths that users give, and progress bars."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tfgan_models.errors import InputError


def folder_name(text: str) -> str:
    """The text with everything that does not belong in a folder's name replaced by hyphens."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")[:60]


def user_path(text: str) -> Path:
    """A path as the user gave it, with ``~`` filled in.

    Raises:
        InputError: no file can have this path.
    """
    if "\0" in text:
        raise InputError(f"cannot use the path {text!r}: it contains a NUL; give another")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise InputError(f"cannot use the path {text!r}: there is no such user; give the path in full") from None


def with_progress(examples: Iterable[Any], total: int, what: str) -> Iterator[Any]:
    """Pass the examples through with a progress bar, where there is a terminal to see it."""
    from tqdm.auto import tqdm

    yield from tqdm(examples, total=total, desc=what, unit=" pictures", disable=None, dynamic_ncols=True)
