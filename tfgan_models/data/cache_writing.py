"""Write a set into the cache."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tfgan_models.data.cache_list import in_words
from tfgan_models.data.colors import Colors
from tfgan_models.data.encoded import ENCODING, encode
from tfgan_models.data.plan import DecodedSplit, Example, Request
from tfgan_models.data.row_file import RowFile
from tfgan_models.errors import InputError

CacheFormat = Literal["array", "encoded"]
READER = 3  # version of the decoding; sets of earlier ones are read again if their pictures may differ
LARGE, SMALL, MANY_TIMES = 1e9, 1e6, 10  # in bytes; below SMALL the factor does not matter
UNKNOWN = -1  # label of a picture without a label, in a set with labels


def size_line(split: DecodedSplit, request: Request, folder: Path, cache_format: CacheFormat = "array") -> str:
    """A line with the size of a set of more than 1 GB, or of more than ten times its files; empty for smaller sets."""
    count, before = split.count or 0, split.source_bytes
    size = count * request.image_size**2 * split.channels
    if size <= LARGE and (before is None or size <= MANY_TIMES * before or size <= SMALL):
        return ""
    times = f", {size / before:,.0f} times the files" if before and size > MANY_TIMES * before else ""
    sides = f"{request.image_size}×{request.image_size}"
    kind, most = ("decoded", "") if cache_format == "array" else ("encoded", "at most ")
    room = _free(folder)
    full = f", where {in_words(room)} are free" if room is not None and room < size else ""
    less = "; cache_format encoded takes less" if cache_format == "array" else ""
    return (
        f"cache: the {request.split} split of {count:,} {kind} pictures of {sides} pixels takes {most}"
        f"{in_words(size)}{times} in {str(folder.parent)!r}{full}; TFGAN_MODELS_CACHE names another folder{less}"
    )


def write(split: DecodedSplit, request: Request, folder: Path, cache_format: CacheFormat) -> None:
    """Write the files of a set.

    Args:
        split: the examples.
        request: the split and format.
        folder: an empty folder.
        cache_format: ``"array"`` or ``"encoded"``.

    Raises:
        InputError: the source cannot be read, or the disk is full.
    """
    image_shape = (request.image_size, request.image_size, split.channels)
    files: dict[str, tuple[tuple[int, ...], type]] = {"images": (image_shape, np.uint8)}
    if cache_format == "encoded":
        files = {"encoded": ((), np.uint8), "ends": ((), np.int64)}
    if split.label_names:
        files["labels"] = (), np.int32
    if split.attribute_names:
        files["attributes"] = (len(split.attribute_names),), np.uint8
    with contextlib.ExitStack() as stack:
        # Only writing is guarded: an error of the source must not be reported as one of the cache.
        with disk_errors(folder.parent):
            opened = {
                name: stack.enter_context(RowFile(folder / f"{name}.npy", shape, dtype))
                for name, (shape, dtype) in files.items()
            }
        colors = Colors()
        for example in split.examples:
            colors.add(example.image)
            with disk_errors(folder.parent):
                _append(opened, example)
        warning = colors.warning(split.name) if request.split == "train" else ""
        with disk_errors(folder.parent):
            about: dict[str, Any] = {
                "arrays": {name: file.finish() for name, file in opened.items()},
                "label_names": split.label_names,
                "attribute_names": split.attribute_names,
                "report": "\n".join(filter(None, (split.report(), warning))),
                "reader": READER,
            }
            if cache_format == "encoded":
                about |= {"encoding": ENCODING, "image_shape": image_shape}
            (folder / "about.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def _append(files: dict[str, RowFile], example: Example) -> None:
    rows = {
        "images": example.image,
        "labels": UNKNOWN if example.label is None else example.label,
        "attributes": example.attributes,
    }
    if "encoded" in files:
        files["encoded"].extend(encode(example.image))
        rows["ends"] = files["encoded"].count
    for name, file in files.items():
        if name != "encoded":
            file.append(rows[name])


def _free(folder: Path) -> int | None:
    """The free bytes of the disk of a folder that may not exist yet; None if they are not known."""
    for above in folder.parents:
        with contextlib.suppress(OSError):
            return shutil.disk_usage(above).free
    return None


@contextlib.contextmanager
def disk_errors(cache_dir: Path) -> Iterator[None]:
    """Turn errors of the disk into an ``InputError`` that names the cache."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write the image cache {str(cache_dir)!r}: {error.strerror or error}; "
            "make room or set TFGAN_MODELS_CACHE to another folder"
        ) from error
