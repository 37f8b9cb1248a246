"""Checks and locks of the paths that a command writes to, before its long work."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from tfgan_models.errors import InputError
from tfgan_models.files import check_writable, lock
from tfgan_models.training.flag_rules import refusal

READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)
LOCK = ".lock"


def check_file(flag: str, path: str) -> None:
    """Test that a file can be written. Nothing is left behind.

    Args:
        flag: name of the flag that gives the path.
        path: the file, which need not exist, nor its folder.

    Raises:
        InputError: the path is a folder, or files cannot be written to the file's folder.
    """
    if os.path.isdir(path):
        raise refusal(flag, path, "it is a folder, give the name of a file")
    if reason := unwritable(Path(path).parent):
        raise refusal(flag, path, f"it cannot be written ({reason}), give another file")


def check_not_read(flag: str, path: str, read: Sequence[str]) -> None:
    """Refuse to write over a picture that the command reads.

    Args:
        flag: name of the flag that gives the path.
        path: the file to write.
        read: pictures, and folders of pictures.

    Raises:
        InputError: the file is one of them, or exists in one of the folders.
    """
    target = Path(path).resolve()
    for given in (Path(name).resolve() for name in read):
        if target == given or (target.exists() and given in target.parents):
            raise refusal(flag, path, "it is one of the pictures that are read, give another file")


def check_folder(flag: str, path: str) -> None:
    """Test that files can be written to a folder, which need not exist. Nothing is left behind.

    Args:
        flag: name of the flag that gives the path.
        path: the folder.

    Raises:
        InputError: files cannot be written there.
    """
    if reason := unwritable(path):
        raise refusal(flag, path, f"it cannot be written ({reason}), give another folder")


def unwritable(folder: str | os.PathLike) -> str | None:
    """Return the reason why files cannot be written to a folder, which need not exist; None if they can.

    Raises:
        OSError: they cannot be written for a reason that is not that of the folder, such as a full disk.
    """
    folder = Path(folder)
    for path in (folder, *folder.parents):
        if path.is_file():
            return f"{path} is a file"
    try:
        check_writable(folder)
    except InputError:  # as in /proc
        return "nothing can be made there"
    except OSError as error:
        if error.errno not in READ_ONLY:
            raise
        return str(error.strerror).lower()
    return None


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Reserve a folder, which exists, for this command, as two would mix or erase each other's files.

    Args:
        folder: the value of ``--output``.

    Raises:
        InputError: another command is writing there.
    """
    path = folder / LOCK
    try:
        handle = lock(path)
    except BlockingIOError:
        raise refusal("output", folder, "another command is writing there, give another folder") from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)  # still locked, so that it is that of no other command
        if handle is not None:
            os.close(handle)
