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

import numpy as np

from tfgan_models.data.copies import note_copies
from tfgan_models.data.findings import (
    Findings,
    decide_reading,
    inspect_pictures,
    load_findings,
    notes,
    save_findings,
)
from tfgan_models.data.folder_files import File, exclude_unreadable, is_test, list_files, read_headers, select_split
from tfgan_models.data.folder_labels import DEFAULT, FolderOptions, read_labels
from tfgan_models.data.formats import formats
from tfgan_models.data.layout import Layout, may_have_layout
from tfgan_models.data.picture import Unreadable, read_picture
from tfgan_models.data.plan import DecodedSplit, Example, Plan, Request
from tfgan_models.data.reading import Reading
from tfgan_models.data.utils import folder_name, user_path, with_progress
from tfgan_models.errors import InputError

_CHUNK = 64  # images that are decoded ahead of the reader


def plan_folder(path: str, request: Request, options: FolderOptions = DEFAULT, cache_dir: Path | None = None) -> Plan:
    """Plan to read all images below a folder.

    Its sub-folders are splits, classes, or neither, as ``layout`` says. Without splits a tenth of the pictures, chosen
    by their paths, are the test split. Files that cannot be used are skipped, and counted in one line on stderr.
    Where that would leave a split without any picture, the readable ones are shared out again.

    Args:
        path: path of the folder.
        request: the split and format; without channels the images are gray if all files are.
        options: how the labels of the images are determined.
        cache_dir: folder where the findings about the images are kept.

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
    # Sorted, because Pillow lists formats in the order in which this process has imported their plug-ins.
    key = {**identity, "formats": sorted(formats())}
    findings = load_findings(cache_dir, key) if cache_dir else None
    if findings is None:
        findings = _inspect(root, files)
    reading = decide_reading(request, findings)
    identity |= reading.identity() | ({"plugins": findings.plugins} if findings.plugins else {})
    identity |= {"white_is_zero": 1} if findings.white_is_zero else {}  # inverted since this version
    return Plan(
        f"folder-{folder_name(_name(root))}",
        identity,
        read=lambda: _read(root, files, table, request, options, reading),
        reading=reading,
        notes=notes(findings, request, reading, _name(root)),
        save_findings=lambda: cache_dir and save_findings(cache_dir, key, findings),
    )


def _inspect(root: Path, files: tuple[File, ...]) -> Findings:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        headers = read_headers(root, files)
        return inspect_pictures([root / path for path in headers.pictures], headers.headers, _name(root))


def _read(
    root: Path, files: tuple[File, ...], table: Path | None, request: Request, options: FolderOptions, reading: Reading
) -> DecodedSplit:
    if not files:
        raise InputError(f"the folder {str(root)!r} is empty: give folder:PATH with a folder of pictures")
    with warnings.catch_warnings():
        # Pillow warns about odd metadata, which does not matter, and about large images, which are counted here.
        warnings.simplefilter("ignore")
        headers = read_headers(root, files)
        channels = request.channels or (1 if headers.all_gray else 3)
        decode = _decoder(root, channels, request.image_size, reading)
        labels = read_labels(headers.pictures, table, options)
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
            f"{len(set(pictures) - layout.held_out)}{skipped_files(unreadable, len(files), '; ')}: "
            "give folder:PATH with a folder of pictures"
        )
    paths = select_split(pictures, request.split, layout)
    unreadable = {path: why for path, why in unreadable.items() if _in_test(path, layout) == (request.split == "test")}

    def examples() -> Iterator[Example]:
        for path, image in _in_threads(decode, paths, f"Reading {_name(root)}, {request.split} split"):
            if isinstance(image, Unreadable):
                unreadable[path] = str(image)
                continue
            yield Example(image, labels.numbers.get(layout.labels.get(path, "")), labels.attributes.get(path))

    def report() -> str:
        total = len(set(paths) | set(unreadable))
        notes = [f"{_name(root)}: {note}" for note in layout.notes if request.split == "train"]
        if request.split == "train" and (note := note_copies(root, files, pictures, layout)):
            notes.append(f"{_name(root)}: {note}")
        skipped = skipped_files(unreadable, total, f"{_name(root)}, {request.split} split: ")
        return "\n".join([*notes, *([skipped] if skipped else [])])

    names = tuple(map(_printable, layout.classes))
    selected = set(paths)
    source_bytes = sum(file.size for file in files if file.path in selected)
    name = f"{_name(root)}, {request.split} split"
    return DecodedSplit(channels, examples(), names, labels.attribute_names, report, name, len(paths), source_bytes)


def _name(root: Path) -> str:
    """The folder's name, also of ``.`` and ``..``."""
    return root.resolve().name


def _in_test(path: str, layout: Layout) -> bool:
    return path in layout.held_out if layout.held_out else is_test(path)


def _printable(name: str) -> str:
    """Escape bytes of a folder's name that are not UTF-8, as in some archives, like \\xe9."""
    return os.fsencode(name).decode(errors="backslashreplace")


def _decoder(root: Path, channels: int, image_size: int, reading: Reading) -> Callable[[str], np.ndarray | Unreadable]:
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


def _same_file(path: Path, table: Path) -> bool:
    return path.name == table.name and table.exists() and os.path.samefile(path, table)


def _digest(table: Path | None) -> str | None:
    if table is None:
        return None
    try:
        return hashlib.sha256(table.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"cannot read the attribute file {str(table)!r}: {error.strerror}") from error
