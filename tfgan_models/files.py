"""Atomic writes, cleanup after killed processes, and flushing to disk."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

from tfgan_models.errors import InputError

STALE_SECONDS = 3600
FULL = (errno.ENOSPC, errno.EDQUOT)
UNSUPPORTED = (
    errno.ENOSYS,
    errno.ENOLCK,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
)  # errors of file systems that lack a feature
# What readers of .npz, .keras and JSON raise if a file is damaged or of another program.
DAMAGED = (OSError, EOFError, KeyError, TypeError, ValueError, AttributeError, RuntimeError, BadZipFile, zlib.error)


@contextlib.contextmanager
def errors_name(path: str | os.PathLike) -> Iterator[None]:
    """Let errors of the system name a path that the user knows, instead of a temporary file there."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


@contextlib.contextmanager
def full_disk_names(path: str | os.PathLike) -> Iterator[None]:
    """Let an error about a full disk name a path that the user knows, if it names none, as errors of writes do."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike, mode: str = "w") -> Iterator[IO]:
    """Open a temporary file for writing, which replaces ``path`` if the block ends without an error.

    Missing folders are made. Text is written in UTF-8. No reader ever sees a part of the file, even after a kill or a
    power failure. If several processes write at the same time, the last one to finish wins.

    Raises:
        InputError: the file system, such as that of /proc, has no files that can be made.
    """
    path = Path(path)
    with _can_be_made(path.parent, "folder"):
        path.parent.mkdir(parents=True, exist_ok=True)
    # Leftovers of all files are removed, because a file that is written only once would never remove its own.
    remove_stale(path.parent.glob(f".*.{'[0-9a-f]' * 16}.unfinished"))
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}.unfinished")
    try:
        with full_disk_names(path), contextlib.ExitStack() as stack:
            with _can_be_made(path, "file"), errors_name(path):
                encoding = None if "b" in mode else "utf-8"  # that of the system may lack characters
                file = stack.enter_context(open(unfinished, mode, encoding=encoding))
            yield file
            flush(file)
        with errors_name(path):
            os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def read_json_or_empty(path: Path) -> dict[str, Any]:
    """Read a JSON object from a file; an empty one if the file is missing, unreadable or holds something else."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def remove_stale(paths: Iterable[Path]) -> None:
    """Remove unfinished files and folders of killed processes, if everything in them is more than an hour old."""
    for path in paths:
        with contextlib.suppress(OSError):
            newest = max(file.stat().st_mtime for file in (path, *path.rglob("*")))
            if time.time() - newest <= STALE_SECONDS:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def check_writable(folder: str | os.PathLike) -> None:
    """Test that files can be written to a folder, which need not exist. Nothing is left behind.

    Call it before long work, so that the work does not fail at its end.

    Raises:
        InputError: the file system, such as that of /proc, has no folders or files that can be made.
        OSError: files cannot be written there.
    """
    with (
        made_if_needed(folder),
        _can_be_made(folder, "file"),
        errors_name(folder),
        tempfile.TemporaryFile(dir=folder) as probe,
    ):
        probe.write(b"0")


@contextlib.contextmanager
def made_if_needed(folder: str | os.PathLike) -> Iterator[None]:
    """Make a folder if it does not exist. At the end of the block remove what was made, if it is empty.

    Raises:
        InputError: the file system, such as that of /proc, has no folders that can be made.
    """
    missing = missing_folders(folder)
    try:
        with _can_be_made(folder, "folder"):
            Path(folder).mkdir(parents=True, exist_ok=True)
        yield
    finally:
        remove_empty(missing)


def missing_folders(folder: str | os.PathLike) -> list[Path]:
    """The folders that would have to be made for a folder to exist, the innermost first."""
    folder = Path(folder)
    return [path for path in (folder, *folder.parents) if not path.exists()]


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove those of the folders that exist and are empty, in their order."""
    for path in folders:
        with contextlib.suppress(OSError):  # it is not empty, or was not made
            path.rmdir()


@contextlib.contextmanager
def _can_be_made(path: str | os.PathLike, kind: str) -> Iterator[None]:
    """Refuse a path where the system finds nothing although its parent exists, as in /proc.

    Raises:
        InputError: names the path.
    """
    try:
        yield
    except FileNotFoundError:
        os.getcwd()  # raises the same error if the working folder is gone
        raise InputError(f"{path}: no {kind} can be made there, give another path") from None


def flush(file: IO) -> None:
    """Write the buffered content of an open file to the disk."""
    file.flush()
    os.fsync(file.fileno())


def flush_tree(folder: Path) -> None:
    """Write a folder and everything in it to the disk."""
    for below in (folder, *folder.rglob("*")):
        flush_folder(below)  # fsync takes files as well


def flush_folder(folder: str | os.PathLike) -> None:
    """Write the names of the files in a folder to the disk, where the file system can do that."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, *UNSUPPORTED):
            raise
    finally:
        os.close(handle)


def lock(path: str | os.PathLike, wait: bool = False) -> int | None:
    """Lock a file, which is made if it does not exist, for this process.

    Where the system or the file system has no locks, a line on standard error says so, and nothing is locked.

    Args:
        path: the file.
        wait: whether to wait until no other process has locked it.

    Returns:
        The handle of the file, to be closed to unlock it; None if it is not locked.

    Raises:
        BlockingIOError: another process has locked it, without ``wait``.
    """
    handle = os.open(path, os.O_CREAT | os.O_RDWR)
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        return handle
    except (ImportError, OSError) as error:
        os.close(handle)
        if isinstance(error, OSError) and error.errno not in UNSUPPORTED:
            raise
        reason = error.strerror if isinstance(error, OSError) else "this system has none"
        print(f"no lock:     {path}: {reason}; make sure that no second run writes there", file=sys.stderr)
        return None
