"""A user's folder of images as a source."""

from __future__ import annotations

import collections
import hashlib
import itertools
import os
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tfgan_models.data.attribute_file import labels_of
from tfgan_models.data.folder_files import File, exclude_unreadable, is_test, list_files, read_headers, select_split
from tfgan_models.data.layout import Kind, Layout, may_have_layout, read_layout
from tfgan_models.data.picture import Unreadable, read_picture
from tfgan_models.data.plan import DecodedSplit, Example, Plan, Request
from tfgan_models.data.utils import folder_name, user_path, with_progress
from tfgan_models.errors import InputError

_CHUNK = 64  # images that are decoded ahead of the reader


class FolderOptions(NamedTuple):
    """How the labels of a folder's pictures are found.

    Attributes:
        attributes: path of a file as ``attribute_file`` reads it.
        label_column: the column of a table that holds the classes.
        attribute_columns: the columns of a table that hold attributes.
        layout: whether the names of folders may mean splits.
    """

    attributes: str | None = None
    label_column: str | None = None
    attribute_columns: tuple[str, ...] = ()
    layout: Kind = "auto"


DEFAULT = FolderOptions()


class _Labels(NamedTuple):
    """The folder's layout with the labels that count, the numbers of the classes, and the attributes."""

    layout: Layout
    numbers: dict[str, int]
    attribute_names: tuple[str, ...]
    attributes: dict[str, np.ndarray]


def plan_folder(path: str, request: Request, options: FolderOptions = DEFAULT) -> Plan:
    """Plan to read all pictures below a folder.

    Its sub-folders are splits, classes, or neither, as ``layout`` says. Without splits a tenth of the pictures, chosen
    by their paths, are the test split. Files that cannot be used are skipped, and counted in one line on stderr.
    Where that would leave a split without any picture, the readable ones are shared out again.

    Args:
        path: of the folder.
        request: what is asked for; without channels the pictures are gray if all of them are.
        options: how their labels are found.

    Raises:
        InputError: the folder cannot be read.
    """
    root = user_path(path)
    table = user_path(options.attributes) if options.attributes else None
    files = list_files(root)
    if table is not None:
        files = tuple(file for file in files if not _same_file(root / file.path, table))
    identity = {
        "source": "folder",
        "path": os.fspath(root.resolve()),
        "files": hashlib.sha256(repr(files).encode()).hexdigest(),
        "attributes": _digest(table),
        "sharing": 3,  # a version: raise it when images may move from one split to the other
    }
    # Only where they decide something, so that sets that are in the cache are found again.
    if options.layout == "auto" and may_have_layout(file.path for file in files):
        identity["layout"] = 1
    if options.label_column or options.attribute_columns:
        identity["columns"] = [options.label_column, *options.attribute_columns]
    name = folder_name(root.resolve().name)
    return Plan(f"folder-{name}", identity, read=lambda: _read(root, files, table, request, options))


def _read(
    root: Path, files: tuple[File, ...], table: Path | None, request: Request, options: FolderOptions
) -> DecodedSplit:
    if not files:
        raise InputError(f"the folder {str(root)!r} is empty: give folder:PATH with a folder of pictures")
    with warnings.catch_warnings():
        # Pillow warns about odd metadata, which does not matter, and about large images, which are counted here.
        warnings.simplefilter("ignore")
        headers = read_headers(root, files)
        channels = request.channels or (1 if headers.all_gray else 3)
        decode = _decoder(root, channels, request)
        labels = _labels(headers.pictures, table, options)
        layout = labels.layout
        candidates = tuple(path for path in headers.pictures if path not in layout.left_out)
        damaged = exclude_unreadable(candidates, lambda path: _reason(decode(path)), layout)
    pictures = tuple(path for path in candidates if path not in damaged)
    elsewhere = dict.fromkeys(layout.left_out, "outside the folders of the splits")
    unreadable = headers.unreadable | damaged | elsewhere
    if len(pictures) < 2 or layout.held_out.issuperset(pictures):
        training = " to train on" if layout.held_out else ""
        raise InputError(
            f"the folder {str(root)!r} needs at least two pictures{training}, it has "
            f"{len(set(pictures) - layout.held_out)}{_skipped(unreadable, len(files), '; ')}: "
            "give folder:PATH with a folder of pictures"
        )
    paths = select_split(pictures, request.split, layout)
    unreadable = {path: why for path, why in unreadable.items() if _in_test(path, layout) == (request.split == "test")}

    def examples() -> Iterator[Example]:
        for path, image in _in_threads(decode, paths, f"Reading {root.name}, {request.split} split"):
            if isinstance(image, Unreadable):
                unreadable[path] = str(image)
                continue
            yield Example(image, labels.numbers.get(layout.labels.get(path, "")), labels.attributes.get(path))

    def report() -> str:
        total = len(set(paths) | set(unreadable))
        notes = [f"{root.name}: {note}" for note in layout.notes if request.split == "train"]
        skipped = _skipped(unreadable, total, f"{root.name}, {request.split} split: ")
        return "\n".join([*notes, *([skipped] if skipped else [])])

    names = tuple(map(_printable, layout.classes))
    selected = set(paths)
    source_bytes = sum(file.size for file in files if file.path in selected)
    return DecodedSplit(channels, examples(), names, labels.attribute_names, report, len(paths), source_bytes)


def _labels(pictures: tuple[str, ...], table: Path | None, options: FolderOptions) -> _Labels:
    """The labels by the places of the pictures; or those of a table, if it has some."""
    layout = read_layout(pictures, options.layout)
    names: tuple[str, ...] = ()
    attributes: dict[str, np.ndarray] = {}
    if table is not None and pictures:
        used = tuple(path for path in pictures if path not in layout.left_out)
        read = labels_of(table, used, options.label_column, options.attribute_columns)
        names, attributes = read.attribute_names, read.attributes
        notes = (*layout.notes, read.note) if read.note else layout.notes
        layout = layout._replace(notes=notes)
        if read.class_names:
            layout = layout._replace(classes=read.class_names, labels=read.classes)
    return _Labels(layout, {name: number for number, name in enumerate(layout.classes)}, names, attributes)


def _in_test(path: str, layout: Layout) -> bool:
    return path in layout.held_out if layout.held_out else is_test(path)


def _printable(name: str) -> str:
    """Escape bytes of a folder's name that are not UTF-8, as in some archives, like \\xe9."""
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
    decode: Callable[[str], np.ndarray | Unreadable], paths: list[str], description: str
) -> Iterator[tuple[str, np.ndarray | Unreadable]]:
    """Decode in threads, at most a few images ahead of the reader; Pillow releases the interpreter lock."""
    progress = with_progress(paths, len(paths), description)
    with warnings.catch_warnings(), ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        warnings.simplefilter("ignore")
        while chunk := list(itertools.islice(progress, _CHUNK)):
            yield from zip(chunk, pool.map(decode, chunk), strict=True)


def _skipped(unreadable: dict[str, str], total: int, prefix: str) -> str:
    """Summarize skipped files: "skipped 3 of 9 files: 2 damaged (first: 'a.jpg'), 1 over 100 megapixels (first: …)"."""
    if not unreadable:
        return ""
    reasons = collections.Counter(unreadable.values()).most_common()
    firsts = {reason: min(path for path, r in unreadable.items() if r == reason) for reason, _ in reasons}
    parts = [f"{count} {reason} (first: {firsts[reason]!r})" for reason, count in reasons]
    return f"{prefix}skipped {len(unreadable)} of {total} files: {', '.join(parts)}"


def _same_file(path: Path, table: Path) -> bool:
    return path.name == table.name and table.exists() and os.path.samefile(path, table)


def _digest(table: Path | None) -> str | None:
    if table is None:
        return None
    try:
        return hashlib.sha256(table.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"cannot read the attribute file {str(table)!r}: {error.strerror}") from error
