"""A folder of anyone's pictures as a source."""

from __future__ import annotations

import collections
import hashlib
import itertools
import os
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tfgan_models.data.attribute_file import read_attributes
from tfgan_models.data.folder_files import File, choose, in_test, label_names, list_files, settle, survey
from tfgan_models.data.picture import Unreadable, read_picture
from tfgan_models.data.plan import Example, Pictures, Plan, Request
from tfgan_models.data.utils import folder_name, user_path, with_progress
from tfgan_models.errors import InputError

_AT_ONCE = 64


def plan_folder(path: str, request: Request, attributes: str | None = None) -> Plan:
    """Plan to read all pictures below a folder.

    Sub-folders of the first level are labels, unless pictures lie beside them. A tenth of the pictures, chosen by
    their paths, are the test split. Files that cannot be used are skipped, and counted in one line on stderr.
    Where that would leave a split without any picture, the readable ones are shared out anew.

    Args:
        path: of the folder.
        request: what is asked for; without channels the pictures are grey if all of them are.
        attributes: path of a file as ``attribute_file`` reads it.

    Raises:
        InputError: the folder cannot be read.
    """
    root = user_path(path)
    table = user_path(attributes) if attributes else None
    files = list_files(root)
    if table is not None:
        files = tuple(file for file in files if not _same(root / file.path, table))
    identity = {
        "source": "folder",
        "path": os.fspath(root.resolve()),
        "files": hashlib.sha256(repr(files).encode()).hexdigest(),
        "attributes": _digest(table),
        "sharing": 3,  # Raised whenever pictures may move from one split to the other.
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
        channels = request.channels or (1 if found.grey else 3)
        decode = _decoder(root, channels, request)
        left_out = settle(found.pictures, lambda path: _reason(decode(path)))
    pictures = tuple(path for path in found.pictures if path not in left_out)
    unreadable = found.unreadable | left_out
    if len(pictures) < 2:
        raise InputError(
            f"the folder {str(root)!r} needs at least two pictures, it has {len(pictures)}"
            f"{_skipped(unreadable, len(files), '; ')}: give folder:PATH with a folder of pictures"
        )
    names = label_names(found.pictures)
    numbers = {name: number for number, name in enumerate(names)}
    paths = choose(pictures, request.split)
    attribute_names: tuple[str, ...] = ()
    rows: dict[str, np.ndarray] = {}
    if table is not None:
        attributes = read_attributes(table)
        rows = dict(zip(found.pictures, attributes.of(list(found.pictures), table), strict=True))
        attribute_names = attributes.names
    unreadable = {path: why for path, why in unreadable.items() if in_test(path) == (request.split == "test")}

    def examples() -> Iterator[Example]:
        for path, image in _in_threads(decode, paths, f"Reading {root.name}, {request.split} split"):
            if isinstance(image, Unreadable):
                unreadable[path] = str(image)
                continue
            yield Example(image, numbers.get(path.partition("/")[0]), rows.get(path))

    def report() -> str:
        total = len(set(paths) | set(unreadable))
        return _skipped(unreadable, total, f"{root.name}, {request.split} split: ")

    return Pictures(channels, examples(), tuple(map(_in_text, names)), attribute_names, report)


def _in_text(name: str) -> str:
    """A folder's name as it can be written and drawn: bytes that are no UTF-8, as some archives have, as \\xe9."""
    return os.fsencode(name).decode(errors="backslashreplace")


def _decoder(root: Path, channels: int, request: Request) -> Callable[[str], np.ndarray | Unreadable]:
    def decode(path: str) -> np.ndarray | Unreadable:
        try:
            return read_picture(root / path, request.image_size, channels, request.crop)
        except Unreadable as error:
            return error

    return decode


def _reason(image: np.ndarray | Unreadable) -> str | None:
    return str(image) if isinstance(image, Unreadable) else None


def _in_threads(
    decode: Callable[[str], np.ndarray | Unreadable], paths: list[str], what: str
) -> Iterator[tuple[str, np.ndarray | Unreadable]]:
    """Decode in threads, which Pillow lets run at once, a few pictures ahead of the reader and not more."""
    progress = with_progress(paths, len(paths), what)
    with warnings.catch_warnings(), ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        warnings.simplefilter("ignore")
        while some := list(itertools.islice(progress, _AT_ONCE)):
            yield from zip(some, pool.map(decode, some), strict=True)


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
