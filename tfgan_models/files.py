"""Files that are either whole or not there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def replacing(path: str | os.PathLike, mode: str = "w") -> Iterator[IO]:
    """Open a file for writing that takes the place of ``path`` only when the block ends without an error.

    Folders above it are made. A reader, or a run after a kill or a power cut, never sees half of it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with open(unfinished, mode) as file:
            yield file
            flush(file)
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def check_writable(folder: str | os.PathLike) -> None:
    """Open a file in a folder, which is made if need be, that nobody else sees and that is gone at once.

    Raises:
        OSError: nothing can be written there; better known before long work than at its end.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"0")


def flush(file: IO) -> None:
    """Have what was written to an open file on the disk before anything else is done."""
    file.flush()
    os.fsync(file.fileno())


def flush_folder(folder: str | os.PathLike) -> None:
    """Have the names in a folder on the disk, as ``flush`` has a file's content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
