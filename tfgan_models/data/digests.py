"""Hashes of images, labels and attributes, which are kept with the cache."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_models.files import atomic_write, read_json_or_empty

FILE = "digests.json"
_BLOCK = 1000


def digest(arrays: Mapping[str, Any]) -> str:
    """Hash arrays. The hash of arrays that are complete files of a set in the cache is kept next to them.

    A kept hash counts only as long as the files have the size and the time that they had.

    Args:
        arrays: the arrays by their name; the first one are the images.
    """
    states = _states(arrays)
    if states is None:
        return compute(arrays)
    folder, state = states
    key = ",".join(arrays)
    kept = read_json_or_empty(folder / FILE)
    entry = kept.get(key)
    if isinstance(entry, dict) and entry.get("files") == state and isinstance(entry.get("digest"), str):
        return entry["digest"]
    value = compute(arrays)
    with contextlib.suppress(OSError), atomic_write(folder / FILE) as file:  # The cache may be read-only.
        json.dump(kept | {key: {"digest": value, "files": state}}, file, indent=1)
    return value


def compute(arrays: Mapping[str, Any]) -> str:
    """Hash the shape of the first array and the content of all."""
    sha256 = hashlib.sha256(str(next(iter(arrays.values())).shape).encode())
    for array in arrays.values():
        for start in range(0, len(array), _BLOCK):
            sha256.update(np.ascontiguousarray(array[start : start + _BLOCK]).data)
    return sha256.hexdigest()[:16]


def complete_file(array: Any) -> Path | None:
    """The file of an array that has all of the file's elements in their order; None for others."""
    if not isinstance(array, np.memmap) or array.filename is None or not array.flags.c_contiguous:
        return None
    path = Path(array.filename)
    with contextlib.suppress(OSError):
        # Slices keep the name and the offset of the file.
        if array.offset + array.nbytes == path.stat().st_size:
            return path
    return None


def _states(arrays: Mapping[str, Any]) -> tuple[Path, list[list[Any]]] | None:
    """The folder of arrays that are complete files of one set, and the state of these files; None for others."""
    state: list[list[Any]] = []
    folders = set()
    for name, array in arrays.items():
        parts = getattr(array, "parts", {name: array})  # encoded images have several
        state.append([name, list(array.shape)])
        for stem, part in parts.items():
            path = complete_file(part)
            if path is None or path.stem != stem:
                return None
            status = path.stat()
            state.append([path.name, status.st_size, status.st_mtime_ns, status.st_ino])
            folders.add(path.parent)
    folder = folders.pop()
    return None if folders or not (folder / "about.json").exists() else (folder, state)
