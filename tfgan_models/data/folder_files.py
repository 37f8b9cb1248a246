"""What lies in a folder of pictures: its files, which of them are pictures, their labels and their split."""

from __future__ import annotations

import functools
import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tfgan_models.data.picture import Unreadable, read_header
from tfgan_models.errors import InputError

TEST_SHARE = 0.1


class File(NamedTuple):
    """A file by its path relative to the folder, with forward slashes; size in bytes and time in nanoseconds.

    Of several links to one file all but one are ``further``: a picture would otherwise be in both splits.
    """

    path: str
    size: int
    modified: int
    further: bool = False


class Survey(NamedTuple):
    """The files whose headers are a picture's, in order; the reasons against the others; whether all are grey."""

    pictures: tuple[str, ...]
    unreadable: dict[str, str]
    grey: bool


def list_files(root: Path) -> tuple[File, ...]:
    """All files below a folder, sorted by path. Hidden files and folders are left out; links are followed.

    Raises:
        InputError: the folder or one below it cannot be read.
    """
    # Of each file whether the path is a link, where it leads, and how many names it has there.
    found: list[tuple[bool, File, tuple[int, int] | None, int]] = []
    # Each real folder is read once, so that links which lead back up come to an end.
    seen: set[tuple[int, int]] = set()
    waiting = [""]
    while waiting:
        prefix = waiting.pop(0)
        try:
            status = os.stat(root / prefix)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(root / prefix) as inside:
                entries = sorted(inside, key=lambda entry: entry.name)
        except OSError as error:
            raise InputError(
                f"cannot read the folder {str(root / prefix)!r}: {error.strerror}; give folder:PATH with the path of "
                "a folder of pictures"
            ) from error
        for entry in entries:
            path = prefix + entry.name
            if entry.name.startswith("."):
                continue
            try:
                status = entry.stat()
            except OSError:  # A link that leads nowhere: a file that cannot be read.
                found.append((False, File(path, 0, 0), None, 1))
                continue
            if stat.S_ISDIR(status.st_mode):
                waiting.append(f"{path}/")
            elif stat.S_ISREG(status.st_mode):
                file = File(path, status.st_size, status.st_mtime_ns)
                found.append((entry.is_symlink(), file, (status.st_dev, status.st_ino), status.st_nlink))
    files, known = [], set()
    for link, file, target, names in sorted(found):  # links last: of several paths to a file another counts, if any
        files.append(file._replace(further=target in known and (link or names > 1)))
        known.add(target)
    return tuple(sorted(files))


@functools.lru_cache(maxsize=2)
def survey(root: Path, files: tuple[File, ...]) -> Survey:
    """Read every file's header. The last answers are kept, since each split asks the same."""
    pictures: list[str] = []
    unreadable = {file.path: "further links to files that are there already" for file in files if file.further}
    grey = True
    for file in files:
        if file.further:
            continue
        try:
            grey &= read_header(root / file.path).grey
            pictures.append(file.path)
        except Unreadable as error:
            unreadable[file.path] = str(error)
    return Survey(tuple(pictures), unreadable, grey)


def label_names(pictures: tuple[str, ...]) -> tuple[str, ...]:
    """The first-level sub-folders in order; none where a picture lies in the folder itself."""
    if any("/" not in path for path in pictures):
        return ()
    return tuple(sorted({path.partition("/")[0] for path in pictures}))


def in_test(path: str) -> bool:
    """Whether a file belongs to the test split: a tenth does, by its path alone."""
    return _position(path) < TEST_SHARE


def choose(pictures: tuple[str, ...], split: str) -> list[str]:
    """The pictures of a split, in an order of their own that mixes the sub-folders.

    Pictures that are added later leave the others in their splits. Only where none of a few pictures falls into a
    split, the one next to it goes there.
    """
    ranked = sorted(pictures, key=_position)
    count = max(1, min(sum(map(in_test, ranked)), len(ranked) - 1))
    return ranked[:count] if split == "test" else ranked[count:]


def settle(pictures: tuple[str, ...], why_not: Callable[[str], str | None]) -> dict[str, str]:
    """The pictures to leave out before ``choose``, with the reasons against them, so that no split comes out empty.

    Where no picture of a split can be read, all of them are left out and the others shared out anew. There are none
    to leave out, and hardly any to read, where each split has one that can be read. Fewer than two may be left over.

    Args:
        pictures: the paths.
        why_not: the reason why a picture cannot be read, or None.
    """
    reason = functools.cache(why_not)
    left_out: dict[str, str] = {}
    while len(left := tuple(path for path in pictures if path not in left_out)) > 1:
        splits = [choose(left, split) for split in ("train", "test")]
        unreadable = [path for paths in splits if all(map(reason, paths)) for path in paths]
        found = {path: why for path in unreadable if (why := reason(path))}
        if not found:
            break
        left_out |= found
    return left_out


def _position(path: str) -> float:
    digest = hashlib.sha256(os.fsencode(path)).digest()
    return int.from_bytes(digest[:7], "big") / 256**7
