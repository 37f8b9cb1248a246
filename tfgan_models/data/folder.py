"""A folder of anyone's pictures as a source."""

from __future__ import annotations

import collections
import hashlib
import itertools
import os
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tfgan_models.data.attribute_file import read_attributes
from tfgan_models.data.folder_files import File, choose, in_test, label_names, list_files, survey
from tfgan_models.data.picture import Unreadable, read_picture
from tfgan_models.data.plan import Example, Pictures, Plan, Request, folder_name, with_progress
from tfgan_models.errors import InputError

_AT_ONCE = 64


def plan_folder(path: str, request: Request, attributes: str | None = None) -> Plan:
    """Plan to read all pictures below a folder.

    Sub-folders of the first level are labels, unless pictures lie beside them. A tenth of the pictures, chosen by
    their paths, are the test split. Files that cannot be used are skipped, and counted in one line on stderr.

    Args:
        path: of the folder.
        request: what is asked for; without channels the pictures are grey if all of them are.
        attributes: path of a file as ``attribute_file`` reads it.

    Raises:
        InputError: the folder cannot be read.
    """
    root = Path(path).expanduser()
    table = Path(attributes).expanduser() if attributes else None
    files = list_files(root)
    if table is not None:
        files = tuple(file for file in files if not _same(root / file.path, table))
    identity = {
        "source": "folder",
        "path": os.fspath(root.resolve()),
        "files": hashlib.sha256(repr(files).encode()).hexdigest(),
        "attributes": _digest(table),
    }
    name = folder_name(root.resolve().name)
    return Plan(f"folder-{name}", identity, read=lambda: _read(root, files, table, request))


def _read(root: Path, files: tuple[File, ...], table: Path | None, request: Request) -> Pictures:
    if not files:
        raise InputError(f"the folder {str(root)!r} is empty: give folder:PATH with a folder of pictures")
    with warnings.catch_warnings():
        # Pillow warns about odd metadata and about large pictures, which are counted here.
        warnings.simplefilter("ignore")
        found = survey(root, files)
    if len(found.pictures) < 2:
        raise InputError(
            f"the folder {str(root)!r} needs at least two pictures, it has {len(found.pictures)}"
            f"{_skipped(found.unreadable, len(files), '; ')}: give folder:PATH with a folder of pictures"
        )
    names = label_names(found.pictures)
    numbers = {name: number for number, name in enumerate(names)}
    paths = choose(found.pictures, request.split)
    channels = request.channels or (1 if found.grey else 3)
    attribute_names: tuple[str, ...] = ()
    rows: dict[str, np.ndarray] = {}
    if table is not None:
        attributes = read_attributes(table)
        rows = dict(zip(found.pictures, attributes.of(list(found.pictures), table), strict=True))
        attribute_names = attributes.names
    unreadable = {path: why for path, why in found.unreadable.items() if in_test(path) == (request.split == "test")}

    def examples() -> Iterator[Example]:
        for path, image in _decode(root, paths, channels, request):
            if isinstance(image, Unreadable):
                unreadable[path] = str(image)
                continue
            yield Example(image, numbers.get(path.partition("/")[0]), rows.get(path))
        _report(root, unreadable, paths, request)

    return Pictures(channels, examples(), names, attribute_names)


def _decode(
    root: Path, paths: list[str], channels: int, request: Request
) -> Iterator[tuple[str, np.ndarray | Unreadable]]:
    """Decode in threads, which Pillow lets run at once, a few pictures ahead of the reader and not more."""

    def one(path: str) -> np.ndarray | Unreadable:
        try:
            return read_picture(root / path, request.image_size, channels, request.crop)
        except Unreadable as error:
            return error

    what = f"Reading {root.name}, {request.split} split"
    progress = with_progress(paths, len(paths), what)
    with warnings.catch_warnings(), ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        warnings.simplefilter("ignore")
        while some := list(itertools.islice(progress, _AT_ONCE)):
            yield from zip(some, pool.map(one, some), strict=True)


def _report(root: Path, unreadable: dict[str, str], paths: list[str], request: Request) -> None:
    total = len(set(paths) | set(unreadable))
    if len(unreadable) == total:
        raise InputError(
            f"no picture of the {request.split} split of {str(root)!r} can be read"
            f"{_skipped(unreadable, total, '; ')}: give folder:PATH with a folder of pictures"
        )
    if unreadable:
        print(_skipped(unreadable, total, f"{root.name}, {request.split} split: "), file=sys.stderr)


def _skipped(unreadable: dict[str, str], total: int, prefix: str) -> str:
    """For instance "skipped 3 of 120 files: 2 damaged (first: 'a.jpg'), 1 over 100 megapixels (first: 'b.png')"."""
    if not unreadable:
        return ""
    reasons = collections.Counter(unreadable.values()).most_common()
    firsts = {why: min(path for path, other in unreadable.items() if other == why) for why, _ in reasons}
    parts = [f"{count} {why} (first: {firsts[why]!r})" for why, count in reasons]
    return f"{prefix}skipped {len(unreadable)} of {total} files: {', '.join(parts)}"


def _same(one: Path, other: Path) -> bool:
    return other.name == one.name and other.exists() and os.path.samefile(one, other)


def _digest(table: Path | None) -> str | None:
    if table is None:
        return None
    try:
        return hashlib.sha256(table.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"cannot read the attribute file {str(table)!r}: {error.strerror}") from error
