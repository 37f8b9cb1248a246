"""Files that are either whole or not there."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

STALE_SECONDS = 3600


@contextlib.contextmanager
def replacing(path: str | os.PathLike, mode: str = "w") -> Iterator[IO]:
    """Open a file for writing that takes the place of ``path`` only when the block ends without an error.

    Folders above it are made. A reader, or a run after a kill or a power cut, never sees half of it. Of several that
    write it at the same time each writes a whole one, and the last to end counts.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_stale(path.parent.glob(f".*.{'[0-9a-f]' * 16}.unfinished"))  # of whatever names: some are written once
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}.unfinished")
    try:
        with open(unfinished, mode) as file:
            yield file
            flush(file)
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def remove_stale(paths: Iterable[Path]) -> None:
    """Remove what killed processes left unfinished: files, and folders in which all is more than an hour old."""
    for path in paths:
        with contextlib.suppress(OSError):
            newest = max(each.stat().st_mtime for each in (path, *path.rglob("*")))
            if time.time() - newest <= STALE_SECONDS:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


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


def flush_tree(folder: Path) -> None:
    """Have all that is below a folder on the disk."""
    for below in (folder, *folder.rglob("*")):
        flush_folder(below)  # which takes a file as well


def flush_folder(folder: str | os.PathLike) -> None:
    """Have the names in a folder on the disk, as ``flush`` has a file's content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
