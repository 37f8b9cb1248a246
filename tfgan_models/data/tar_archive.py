"""The files of a tar archive."""

from __future__ import annotations

import bz2
import contextlib
import dataclasses
import functools
import gzip
import lzma
import os
import shutil
import tarfile
import tempfile
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from tfgan_models.data.archive import Member, checked_path, refused, unreadable
from tfgan_models.errors import InputError

_OPENERS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}


def tar_members(path: Path) -> Iterator[Member]:
    """Yield the files of a tar archive. Several threads may read them. Hard links share ``read`` with their target.

    Raises:
        InputError: it cannot be read, or has a file that is a link, a device, or outside.
    """
    try:
        with _uncompressed(path) as file:
            yield from _members(path, file, _reader(path, file))
    except InputError:
        raise
    except Exception as error:  # TarError, OSError, EOFError, zlib.error, LZMAError
        raise unreadable(path, error, "tar") from error


def _members(path: Path, file: IO[bytes], read: Callable[[int, int], bytes]) -> Iterator[Member]:
    members: dict[str, Member] = {}
    with tarfile.open(fileobj=file, mode="r:") as archive:
        while info := archive.next():
            name = checked_path(info.name, path)
            if info.islnk():
                target = members.get(checked_path(info.linkname, path))
                if target is None:
                    raise refused(info.name, path, f"is a link to {info.linkname!r}, which does not come before it")
                members[name] = dataclasses.replace(target, path=name)
            elif info.issym():
                raise refused(info.name, path, "is a link")
            elif info.isdir() or not name:
                continue
            elif not info.isreg() or info.issparse():
                raise refused(info.name, path, "is not an ordinary file")
            else:
                members[name] = Member(name, info.size, functools.partial(read, info.offset_data, info.size))
            # One after the other, because the size of the pictures needs the first files of a large archive alone.
            yield members[name]
        file.seek(archive.offset)
        if file.read(tarfile.BLOCKSIZE).strip(b"\0"):
            raise tarfile.ReadError(f"there is no header at byte {archive.offset}")  # tarfile itself would just end


def _uncompressed(path: Path) -> IO[bytes]:
    """Open a tar file; a compressed one is copied to a temporary file without a name."""
    with path.open("rb") as file:
        start = file.read(6)
    opener = next((opener for magic, opener in _OPENERS.items() if start.startswith(magic)), None)
    if opener is None:
        return path.open("rb")
    with contextlib.ExitStack() as stack:
        copy = stack.enter_context(tempfile.TemporaryFile())
        with opener(path, "rb") as compressed:
            shutil.copyfileobj(compressed, copy, 1 << 20)
        copy.seek(0)
        stack.pop_all()
    return copy


def _reader(path: Path, file: IO[bytes]) -> Callable[[int, int], bytes]:
    """Return a function that reads from an offset a number of bytes, also after the file is closed."""
    if file.name == os.fspath(path):

        def read(offset: int, size: int) -> bytes:
            # Opened for each file, since there may be more archives than a process may have open.
            with path.open("rb") as archive:
                archive.seek(offset)
                return archive.read(size)

        return read
    handle = os.dup(file.fileno())

    def read_copy(offset: int, size: int) -> bytes:
        return os.pread(handle, size, offset)

    weakref.finalize(read_copy, os.close, handle)  # The copy lives as long as the members.
    return read_copy
