"""Copies of training pictures among the held-out ones."""

from __future__ import annotations

import collections
import contextlib
import hashlib
from collections.abc import Callable, Iterable, Mapping

from tfgan_models.data.archive import AnyFile, Root
from tfgan_models.data.folder_files import File, select_split
from tfgan_models.data.layout import Layout

_SAMPLE = 64  # bytes from the middle of a file, by which most files of equal size differ


def note_copies(root: Root, files: Iterable[File], pictures: tuple[str, ...], layout: Layout) -> str:
    """A line about held-out pictures that are training pictures, too; empty if there are none.

    Args:
        root: the folder of the pictures.
        files: all files of the folder.
        pictures: paths of the pictures of both splits.
        layout: layout of the folder.
    """
    train, test = (select_split(pictures, split, layout) for split in ("train", "test"))
    copies = find_copies(root, {file.path: file.size for file in files}, train, test)
    if not copies:
        return ""
    path = min(copies)
    return (
        f"{len(copies)} of {len(test)} held-out pictures are copies of training pictures (first: {path!r} of "
        f"{copies[path]!r}), so results on held-out pictures look too good: remove the copies"
    )


def find_copies(root: Root, sizes: Mapping[str, int], train: Iterable[str], test: Iterable[str]) -> dict[str, str]:
    """Find held-out pictures whose file is equal to that of a training picture.

    Files are read in full only if their sizes and some of their bytes are equal.

    Args:
        root: the folder of the pictures.
        sizes: the size of each file in bytes, by its path.
        train: paths of the training pictures.
        test: paths of the held-out pictures.

    Returns:
        A training picture for each held-out picture that has a copy, by path. Files that cannot be read have none.
    """
    train, test = _shared(train, test, lambda path: sizes[path])
    train, test = _shared(train, test, lambda path: (sizes[path], _sample(root / path, sizes[path])))
    digests = _by_key(train, lambda path: _digest(root / path))
    copies = {path: digests.get(_digest(root / path)) for path in test}
    return {path: min(same) for path, same in copies.items() if same}


def _shared(train: Iterable[str], test: Iterable[str], key_of: Callable[[str], object]) -> tuple[list[str], list[str]]:
    """The paths of both splits whose key also occurs in the other split."""
    first, second = _by_key(train, key_of), _by_key(test, key_of)
    both = (first.keys() & second.keys()) - {None}
    return [path for key in both for path in first[key]], [path for key in both for path in second[key]]


def _by_key(paths: Iterable[str], key_of: Callable[[str], object]) -> dict[object, list[str]]:
    groups: dict[object, list[str]] = collections.defaultdict(list)
    for path in paths:
        groups[key_of(path)].append(path)
    return dict(groups)


def _sample(path: AnyFile, size: int) -> bytes:
    with contextlib.suppress(OSError), path.open("rb") as file:
        if not size:  # that of the hub's pictures is unknown
            content = file.read()
            return content[len(content) // 2 :][:_SAMPLE]
        file.seek(size // 2)
        return file.read(_SAMPLE)
    return b""


def _digest(path: AnyFile) -> bytes | None:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
    return None
