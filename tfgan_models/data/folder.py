"""A user's folder of images as a source."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import itertools
import os
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_models.data.archive import Root
from tfgan_models.data.copies import note_copies
from tfgan_models.data.findings import (
    Findings,
    decide_reading,
    inspect_pictures,
    load_findings,
    notes,
    save_findings,
)
from tfgan_models.data.folder_files import (
    File,
    exclude_unreadable,
    is_test,
    list_files,
    read_headers,
    same_file,
    select_split,
    without_permission,
)
from tfgan_models.data.folder_labels import DEFAULT, FolderOptions, OwnLabels, no_labels, read_labels
from tfgan_models.data.formats import formats
from tfgan_models.data.layout import Layout, may_have_layout
from tfgan_models.data.picture import Unreadable, read_picture
from tfgan_models.data.plan import DecodedSplit, Example, Plan, Request
from tfgan_models.data.reading import Reading
from tfgan_models.data.utils import folder_name, user_path, with_progress
from tfgan_models.errors import InputError

_CHUNK = 64  # images that are decoded ahead of the reader


@dataclasses.dataclass(frozen=True)
class Pictures:
    """Pictures in files that are read like a folder.

    Args:
        root: the folder, or archives.
        kind: begins the name of the set: ``"folder"``, ``"zip"`` or ``"tar"``.
        name: name of the folder or archives.
        title: their name in errors, such as ``"the folder '/pictures'"``.
        identity: JSON values that differ whenever the files may differ.
        files: lists the files. It is called only if they have to be read.
        labels: reads labels that belong to the pictures, where no table replaces them.
    """

    root: Root
    kind: str
    name: str
    title: str
    identity: dict[str, Any]
    files: Callable[[], tuple[File, ...]]
    labels: OwnLabels = no_labels


def plan_folder(path: str, request: Request, options: FolderOptions = DEFAULT, cache_dir: Path | None = None) -> Plan:
    """Plan to read all images below a folder, as ``plan_pictures`` does.

    Raises:
        InputError: the folder cannot be read.
    """
    root = user_path(path)
    files = list_files(root)
    if options.attributes:
        table = user_path(options.attributes)
        files = tuple(file for file in files if not same_file(root / file.path, table))
    identity: dict[str, Any] = {
        "source": "folder",
        "path": os.fspath(root.resolve()),
        "files": hashlib.sha256(repr(files).encode()).hexdigest(),
    }
    # Only where they decide something, so that sets that are in the cache are found again.
    if forbidden := without_permission(root, files):
        identity["without_permission"] = forbidden
    if options.layout == "auto" and may_have_layout(file.path for file in files):
        identity["layout"] = 1
    # The folder's name, also of ``.`` and ``..``.
    pictures = Pictures(root, "folder", root.resolve().name, f"the folder {str(root)!r}", identity, lambda: files)
    return plan_pictures(pictures, request, options, cache_dir)


def plan_pictures(pictures: Pictures, request: Request, options: FolderOptions, cache_dir: Path | None) -> Plan:
    """Plan to read pictures in files.

    Their sub-folders are splits, classes, or neither, as ``layout`` says. Without splits a tenth of the pictures,
    chosen by their paths, are the test split. Files that cannot be used are skipped, and counted in one line on stderr.
    Where that would leave a split without any picture, the readable ones are shared out again.

    Args:
        pictures: the files.
        request: the split and format; without channels the images are gray if all files are.
        options: how the labels of the images are determined.
        cache_dir: folder where the findings about the images are kept.

    Raises:
        InputError: the files cannot be read.
    """
    table = user_path(options.attributes) if options.attributes else None
    # Versions: raise "sharing" when images may move from one split to the other, "key_column" when another column of a
    # table may name the pictures.
    identity = {**pictures.identity, "attributes": _digest(table), "sharing": 3} | ({"key_column": 2} if table else {})
    if options.label_column or options.attribute_columns:
        identity["columns"] = [options.label_column, *options.attribute_columns]
    # Sorted, because Pillow lists formats in the order in which this process has imported their plug-ins.
    key = {**identity, "formats": sorted(formats())}
    findings = load_findings(cache_dir, key) if cache_dir else None
    if findings is None:
        findings = _inspect(pictures)
    reading = decide_reading(request, findings)
    identity |= reading.identity() | ({"plugins": findings.plugins} if findings.plugins else {})
    identity |= {"white_is_zero": 1} if findings.white_is_zero else {}  # inverted since this version
    identity |= {"transparent_colors": 1} if reading.background == "none" else {}  # ignored since this version
    return Plan(
        f"{pictures.kind}-{folder_name(pictures.name)}",
        identity,
        read=lambda: _read(pictures, table, request, options, reading),
        reading=reading,
        notes=notes(findings, request, reading, pictures.name),
        save_findings=lambda: cache_dir and save_findings(cache_dir, key, findings),
    )


def _inspect(pictures: Pictures) -> Findings:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        headers = read_headers(pictures.root, pictures.files())
        return inspect_pictures([pictures.root / path for path in headers.pictures], headers.headers, pictures.name)


def _read(
    source: Pictures, table: Path | None, request: Request, options: FolderOptions, reading: Reading
) -> DecodedSplit:
    files = source.files()
    advice = f"give {source.kind}:{'PATH with a folder of pictures' if source.kind == 'folder' else ' with pictures'}"
    if not files:
        raise InputError(f"{source.title} is empty: {advice}")
    with warnings.catch_warnings():
        # Pillow warns about odd metadata, which does not matter, and about large images, which are counted here.
        warnings.simplefilter("ignore")
        headers = read_headers(source.root, files)
        channels = request.channels or (1 if headers.all_gray else 3)
        decode = _decoder(source.root, channels, request.image_size, reading)
        labels = read_labels(headers.pictures, table, options, source.labels)
        layout = labels.layout
        candidates = tuple(path for path in headers.pictures if path not in layout.left_out)
        damaged = exclude_unreadable(candidates, lambda path: _reason(decode(path)), layout)
    pictures = tuple(path for path in candidates if path not in damaged)
    elsewhere = dict.fromkeys(layout.left_out, "outside the folders of the splits")
    unreadable = headers.unreadable | damaged | elsewhere
    if len(pictures) < 2 or layout.held_out.issuperset(pictures):
        training = " to train on" if layout.held_out else ""
        raise InputError(
            f"{source.title} needs at least two pictures{training}, it has "
            f"{len(set(pictures) - layout.held_out)}{skipped_files(unreadable, len(files), '; ')}: {advice}"
        )
    paths = select_split(pictures, request.split, layout)
    unreadable = {path: why for path, why in unreadable.items() if _in_test(path, layout) == (request.split == "test")}
    name = f"{source.name}, {request.split} split"

    def examples() -> Iterator[Example]:
        for path, image in _in_threads(decode, paths, f"Reading {name}"):
            if isinstance(image, Unreadable):
                unreadable[path] = str(image)
                continue
            yield Example(image, labels.numbers.get(layout.labels.get(path, "")), labels.attributes.get(path))

    def report() -> str:
        total = len(set(paths) | set(unreadable))
        notes = [f"{source.name}: {note}" for note in layout.notes if request.split == "train"]
        if request.split == "train" and (note := note_copies(source.root, files, pictures, layout)):
            notes.append(f"{source.name}: {note}")
        skipped = skipped_files(unreadable, total, f"{name}: ")
        return "\n".join([*notes, *([skipped] if skipped else [])])

    names = tuple(map(_printable, layout.classes))
    selected = set(paths)
    source_bytes = sum(file.size for file in files if file.path in selected) or None  # unknown for the hub's
    return DecodedSplit(channels, examples(), names, labels.attribute_names, report, name, len(paths), source_bytes)


def _in_test(path: str, layout: Layout) -> bool:
    return path in layout.held_out if layout.held_out else is_test(path)


def _printable(name: str) -> str:
    """Escape bytes of a folder's name that are not UTF-8, as in some archives, like \\xe9."""
    return os.fsencode(name).decode(errors="backslashreplace")


def _decoder(root: Root, channels: int, image_size: int, reading: Reading) -> Callable[[str], np.ndarray | Unreadable]:
    def decode(path: str) -> np.ndarray | Unreadable:
        try:
            return read_picture(root / path, image_size, channels, reading)
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


def skipped_files(unreadable: dict[str, str], total: int, prefix: str) -> str:
    """Summarize skipped files: "skipped 3 of 9 files: 2 damaged (first: 'a.jpg'), 1 over 100 megapixels (first: …)"."""
    if not unreadable:
        return ""
    reasons = collections.Counter(unreadable.values()).most_common()
    firsts = {reason: min(path for path, r in unreadable.items() if r == reason) for reason, _ in reasons}
    parts = [f"{count} {reason} (first: {firsts[reason]!r})" for reason, count in reasons]
    return f"{prefix}skipped {len(unreadable)} of {total} files: {', '.join(parts)}"


def _digest(table: Path | None) -> str | None:
    if table is None:
        return None
    try:
        return hashlib.sha256(table.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"cannot read the attribute file {str(table)!r}: {error.strerror}") from error
