"""The files of an image folder: which are images, and their split."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from tfgan_models.data.archive import Root
from tfgan_models.data.layout import Layout
from tfgan_models.data.picture import Header, Unreadable, read_header
from tfgan_models.errors import InputError

TEST_SHARE = 0.1
NO_LAYOUT = Layout((), {})
# Files and folders by which the folder of a run, of an export or of an evaluation is recognized.
OUTPUTS = ({"config.json", "checkpoints"}, {"manifest.json", "saved_model.pb"}, {"evaluation.json"})
# Folders of file servers, archives and Windows with thumbnails, metadata or deleted files, in lower case.
SYSTEM = {"#recycle", "$recycle.bin", "@__thumb", "@eadir", "__macosx", "system volume information"}


class File(NamedTuple):
    """A file by its path relative to the folder, with forward slashes; size in bytes and time in nanoseconds.

    Of several links to one file all but one are ``further``: otherwise an image could be in both splits. The names of
    class and fields are part of the cache's keys, since these hash a file's ``repr``.
    """

    path: str
    size: int
    modified: int
    further: bool = False


class Headers(NamedTuple):
    """Paths of the images in order, reasons why other files are skipped, whether all are gray, and the headers."""

    pictures: tuple[str, ...]
    unreadable: dict[str, str]
    all_gray: bool
    headers: tuple[Header, ...] = ()


def list_files(root: Path) -> tuple[File, ...]:
    """List all files below a folder, sorted by path; links are followed.

    Hidden files and folders are left out, and so are folders of the system, and of runs, exports and evaluations: their
    pictures are not the user's. So are links to a folder around this one, which would bring in the folders next to it.
    A sub-folder without permission to read it counts as one file, which cannot be read.

    Raises:
        InputError: the folder cannot be read.
    """
    # For each path: whether it is a link, its file, the file's device and inode, and its number of hard links.
    entries_found: list[tuple[bool, File, tuple[int, int] | None, int]] = []
    # Each real folder is read once, so that links which lead back up come to an end.
    seen = _folders_around(root)
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
            if prefix and isinstance(error, PermissionError):
                entries_found.append((False, File(prefix.rstrip("/"), 0, 0), None, 1))
                continue
            raise InputError(
                f"cannot read the folder {str(root / prefix)!r}: {error.strerror}; give folder:PATH with the path of "
                "a folder of pictures"
            ) from error
        if prefix and is_output({entry.name for entry in entries}):
            continue
        for entry in entries:
            path = prefix + entry.name
            if entry.name.startswith("."):
                continue
            try:
                status = entry.stat()
            except OSError:  # a broken link: a file that cannot be read
                entries_found.append((False, File(path, 0, 0), None, 1))
                continue
            if stat.S_ISDIR(status.st_mode):
                if entry.name.casefold() not in SYSTEM:
                    waiting.append(f"{path}/")
            elif stat.S_ISREG(status.st_mode):
                file = File(path, status.st_size, status.st_mtime_ns)
                entries_found.append((entry.is_symlink(), file, (status.st_dev, status.st_ino), status.st_nlink))
    files, targets = [], set()
    for link, file, target, names in sorted(entries_found):  # links last, so that a file's real path is preferred
        files.append(file._replace(further=target in targets and (link or names > 1)))
        targets.add(target)
    return tuple(sorted(files))


def same_file(path: Path, table: Path) -> bool:
    """Return whether two paths lead to one file."""
    try:
        return path.name == table.name and os.path.samefile(path, table)
    except OSError:  # one of them is missing, or a broken link
        return False


def without_permission(root: Path, files: Iterable[File]) -> list[str]:
    """The paths of the files of a folder that are there and cannot be opened for reading."""

    def is_forbidden(path: Path) -> bool:
        return not os.access(path, os.R_OK) and os.access(path, os.F_OK)

    return [file.path for file in files if is_forbidden(root / file.path)]


def _folders_around(root: Path) -> set[tuple[int, int]]:
    """Device and inode of each folder that contains this one."""
    around: set[tuple[int, int]] = set()
    for folder in Path(os.path.realpath(root)).parents:  # unlike ``resolve``, it takes links to themselves
        with contextlib.suppress(OSError):
            status = os.stat(folder)
            around.add((status.st_dev, status.st_ino))
    return around


def is_output(names: set[str]) -> bool:
    """Return True if a folder with these entries was made by a run, an export or an evaluation."""
    return any(marks <= names for marks in OUTPUTS)


@functools.lru_cache(maxsize=2)
def read_headers(root: Root, files: tuple[File, ...]) -> Headers:
    """Read every file's header. Results are cached, since both splits need the same."""
    pictures: list[str] = []
    unreadable = {file.path: "further links to files that are there already" for file in files if file.further}
    headers: list[Header] = []
    for file in files:
        if file.further:
            continue
        try:
            headers.append(read_header(root / file.path))
            pictures.append(file.path)
        except Unreadable as error:
            unreadable[file.path] = str(error)
    return Headers(tuple(pictures), unreadable, all(header.gray for header in headers), tuple(headers))


def is_test(path: str) -> bool:
    """Return whether a file belongs to the test split. A tenth does, by the hash of the path."""
    return _position(path) < TEST_SHARE


def select_split(pictures: tuple[str, ...], split: str, layout: Layout = NO_LAYOUT) -> list[str]:
    """Select the images of a split, in the order of their hashes, which mixes the sub-folders.

    Folders that are splits decide. Otherwise images that are added later leave the others in their splits. Only if a
    split of a few images would be empty, the image with the nearest hash moves to it. If some images have labels and
    others have none, each split gets one with a label.
    """
    ranked = sorted(pictures, key=_position)
    if layout.held_out and not layout.held_out.issuperset(ranked) and not layout.held_out.isdisjoint(ranked):
        return [path for path in ranked if (path in layout.held_out) == (split == "test")]
    deciding = [path for path in ranked if path in layout.labels] or ranked
    count = max(1, min(sum(map(is_test, deciding)), len(deciding) - 1))
    labeled, held_out = set(deciding), set(deciding[:count])
    held_out |= {path for path in ranked if path not in labeled and is_test(path)}
    if len(held_out) == len(ranked):  # of two pictures the only labeled one, and the other by its path
        held_out -= set(ranked) - labeled
    return [path for path in ranked if (path in held_out) == (split == "test")]


def exclude_unreadable(
    pictures: tuple[str, ...], error_of: Callable[[str], str | None], layout: Layout = NO_LAYOUT
) -> dict[str, str]:
    """Exclude unreadable images before ``select_split``, so that no split is empty; return the reasons by path.

    If no image of a split can be read, all of them are excluded and the others are split again. As soon as each split
    has a readable image, no further one is tried. Fewer than two images may remain.

    Args:
        pictures: paths of the images.
        error_of: returns why an image cannot be read, or None.
        layout: layout of the folder.
    """
    error_of = functools.cache(error_of)
    excluded: dict[str, str] = {}
    while len(remaining := tuple(path for path in pictures if path not in excluded)) > 1:
        splits = [select_split(remaining, split, layout) for split in ("train", "test")]
        unreadable = [path for paths in splits if all(map(error_of, paths)) for path in paths]
        errors = {path: error for path in unreadable if (error := error_of(path))}
        if not errors:
            break
        excluded |= errors
    return excluded


def _position(path: str) -> float:
    digest = hashlib.sha256(os.fsencode(path)).digest()
    return int.from_bytes(digest[:7], "big") / 256**7
