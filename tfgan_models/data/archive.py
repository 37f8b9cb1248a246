"""Files in archives, read in place: nothing is unpacked, and paths that leave an archive are refused."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from tfgan_models.errors import InputError

MAX_BYTES = 2**30  # of a file in an archive, since it is read into memory
_ABSOLUTE = re.compile(r"[\\/]|[A-Za-z]:[\\/]")


@dataclasses.dataclass(frozen=True)
class Member:
    """A file in an archive, with those methods of ``Path`` that the decoding of pictures needs.

    Args:
        path: its path in the archive, with forward slashes.
        size: its size in bytes.
        read: returns its content, or raises any error if it is damaged.
    """

    path: str
    size: int
    read: Callable[[], bytes]

    @property
    def suffix(self) -> str:
        """The ending of its name."""
        return PurePosixPath(self.path).suffix

    @property
    def name(self) -> str:
        """Its name without the folders."""
        return PurePosixPath(self.path).name

    def open(self, mode: str = "rb") -> io.BytesIO:
        """Open the content for reading."""
        return io.BytesIO(self.read_bytes())

    def read_bytes(self) -> bytes:
        """Read the content.

        Raises:
            OSError: it is damaged, or larger than ``MAX_BYTES``, or the disk failed.
        """
        if self.size > MAX_BYTES:
            raise OSError(f"{self.path} has more than {MAX_BYTES} bytes")
        try:
            return self.read()
        except Exception as error:  # Damaged archives raise BadZipFile, zlib.error, struct.error, and more.
            if isinstance(error, OSError) and error.errno:
                raise
            raise OSError(f"{self.path} is damaged") from error

    def is_symlink(self) -> bool:
        """Return False, since archives with links are refused."""
        return False


AnyFile = Path | Member


class Root(Protocol):
    """A folder, or archives that are read like a folder: ``root / "cats/1.png"`` is a file."""

    def __truediv__(self, path: str, /) -> AnyFile:
        """Return the file of a path relative to the root, with forward slashes."""
        ...


def checked_path(name: str, archive: Path) -> str:
    """Return the path of a file in an archive, without ``./`` and repeated slashes.

    Args:
        name: the name that the archive has.
        archive: path of the archive, which errors quote.

    Raises:
        InputError: the path is absolute or leads out of the archive.
    """
    if _ABSOLUTE.match(name) or ".." in re.split(r"[\\/]", name) or "\0" in name:
        raise refused(name, archive, "is a path that leaves the archive")
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def refused(name: str, archive: Path, reason: str) -> InputError:
    """Make the error that an archive has a file which is not read."""
    return InputError(
        f"the archive {str(archive)!r} is refused: {name!r} in it {reason}; make the archive again without it"
    )


def unreadable(archive: Path, reason: object, kind: str) -> InputError:
    """Make the error that an archive cannot be read.

    Args:
        archive: its path.
        reason: an error or a text.
        kind: name of its format.
    """
    text = " ".join(str(getattr(reason, "strerror", None) or reason).split()) or type(reason).__name__
    return InputError(
        f"the archive {str(archive)!r} cannot be read as a {kind} file ({text}): it may be incomplete or damaged, "
        "copy it again or give another"
    )


def without_folders_around(paths: Iterable[str]) -> str:
    """The folders that lie around all files, such as ``pets/`` of a folder that was packed with its name."""
    paths = list(paths)
    around = ""
    while len(first := {path[len(around) :].partition("/")[:2] for path in paths}) == 1 and (one := first.pop())[1]:
        around += "".join(one)
    return around


def visible(paths: Iterable[str], is_left_out: Callable[[str, set[str]], bool]) -> Iterator[str]:
    """The paths of files that are not hidden and not in folders to leave out.

    Args:
        paths: paths of all files.
        is_left_out: called with the name of each folder and the names of all that is in it.
    """
    paths = list(paths)
    entries: dict[str, set[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        entries.setdefault(folder, set()).add(name)
        while folder:
            above, _, name = folder.rpartition("/")
            entries.setdefault(above, set()).add(name)
            folder = above
    left_out = {f for f, names in entries.items() if f and is_left_out(f.rpartition("/")[2], names)}
    for path in paths:
        parts = path.split("/")
        folders = ("/".join(parts[:level]) for level in range(1, len(parts)))
        if not any(part.startswith(".") for part in parts) and left_out.isdisjoint(folders):
            yield path
