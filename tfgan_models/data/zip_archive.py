"""The files of a zip archive."""

from __future__ import annotations

import functools
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tfgan_models.data.archive import Member, checked_path, refused, unreadable

_UTF_8 = 0x800  # the flag of names in UTF-8


def zip_members(path: Path) -> Iterator[Member]:
    """Yield the files of a zip archive. Several threads may read them.

    Raises:
        InputError: it cannot be read, or has a file that is encrypted, a link, or outside.
    """
    try:
        archive = zipfile.ZipFile(path)
    except Exception as error:  # OSError, BadZipFile; NotImplementedError or struct.error in damaged directories
        raise unreadable(path, error, "zip") from error
    by_name = {info.filename: info for info in archive.infolist()}  # of equal names the last one counts
    for info in by_name.values():
        stored = _name(info)
        name = checked_path(stored, path)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise refused(stored, path, "is a link")
        if info.is_dir() or not name:
            continue
        if info.flag_bits & 1:
            raise refused(stored, path, "is encrypted")
        yield Member(name, info.file_size, functools.partial(archive.read, info))


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a file. Several programs write UTF-8 without the flag that says so, and Python then reads cp437."""
    if info.flag_bits & _UTF_8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename
