"""Cache of decoded images on disk, with random access.

Each set has its own folder with ``images.npy`` (uint8 ``[n, h, w, c]``), ``about.json`` and, if the source has them,
``labels.npy`` (int32 ``[n]``) and ``attributes.npy`` (uint8 ``[n, k]``). An encoded set has ``encoded.npy`` and
``ends.npy`` in place of ``images.npy``: see ``EncodedImages``. A folder is written under a temporary name and
then renamed, so that it is complete or absent. This is safe under concurrent writers and kills.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from tfgan_models.data.cache_list import TEMPORARY
from tfgan_models.data.cache_writing import CacheFormat, disk_errors, size_line, write
from tfgan_models.data.encoded import EncodedImages
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.plan import Plan, Request
from tfgan_models.data.utils import user_path
from tfgan_models.errors import InputError
from tfgan_models.files import remove_stale

FORMAT = 1


def default_cache_dir() -> Path:
    """The folder that the environment variable TFGAN_MODELS_CACHE names, or one in the user's own cache folder.

    Raises:
        InputError: no folder of this machine can have that name.
    """
    named = os.environ.get("TFGAN_MODELS_CACHE")
    return user_path(named, f"TFGAN_MODELS_CACHE {named}") if named else Path.home() / ".cache" / "tfgan_models"


def fetch(plan: Plan, request: Request, cache_dir: Path, cache_format: CacheFormat = "array") -> ImageSet:
    """Open a set in the cache; read it from its source first if it is missing or damaged.

    The source's report, for example about skipped files, is printed on stderr every time.

    Args:
        plan: the source.
        request: the split and format of the images.
        cache_dir: folder of the cache.
        cache_format: ``"array"``, or ``"encoded"`` for PNG files, which are decoded when they are used.

    Raises:
        InputError: the source has no images, or the cache cannot be written.
    """
    folder = cache_dir / _key(plan, request, cache_format)
    cached = open_cached(folder, plan.name)
    if cached is None:
        with disk_errors(cache_dir):
            cache_dir.mkdir(parents=True, exist_ok=True)
            remove_stale(cache_dir.glob(f"{TEMPORARY}*"))
        _build(plan, request, folder, cache_format)
        cached = open_cached(folder, plan.name)
    if cached is None:
        raise InputError(f"the image cache {str(folder)!r} cannot be read back: remove it and start again")
    images, report = cached
    if report:
        print(report, file=sys.stderr)
    return dataclasses.replace(images, reading=plan.reading)


def open_cached(folder: Path, name: str) -> tuple[ImageSet, str] | None:
    """Open a set and its source's report; None if the folder is missing or incomplete."""
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        arrays = {}
        for array_name, expected in about["arrays"].items():
            path = folder / f"{array_name}.npy"
            array = np.load(path, mmap_mode="r")
            if path.stat().st_size != expected["bytes"] or list(array.shape) != expected["shape"]:
                return None
            arrays[array_name] = array
        report = about.get("report", "")
        if "reader" not in about and any(reason in report for reason in (" damaged (", " not pictures (")):
            return None  # Earlier versions also skipped images of which only the metadata are damaged.
        if about.get("reader", 0) < 3 and " without permission to read (" in report:
            return None  # Earlier versions did not read them again when they had the permission.
        images = ImageSet(
            images=_encoded(arrays, about["image_shape"]) if "ends" in arrays else arrays["images"],
            labels=arrays.get("labels"),
            attributes=arrays.get("attributes"),
            label_names=tuple(about["label_names"]),
            attribute_names=tuple(about["attribute_names"]),
            name=name,
            key=folder.name,
        )
        return images, about.get("report", "")
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError):
        return None


def check_cache_format(cache_format: str) -> CacheFormat:
    """Return the format if it is one of ``CacheFormat``.

    Raises:
        InputError: it is not.
    """
    if cache_format not in get_args(CacheFormat):
        raise InputError(f"cache_format {cache_format}: give {' or '.join(get_args(CacheFormat))}", "cache_format")
    return cast(CacheFormat, cache_format)


def _encoded(arrays: Mapping[str, np.ndarray], shape: Sequence[int]) -> np.ndarray:
    height, width, channels = shape
    # They have what the package uses of an array.
    return cast(np.ndarray, EncodedImages(arrays["encoded"], arrays["ends"], (height, width, channels)))


def _key(plan: Plan, request: Request, cache_format: CacheFormat) -> str:
    description: dict[str, Any] = {"format": FORMAT, "identity": plan.identity, "request": request.identity()}
    if cache_format != "array":
        description["cache_format"] = cache_format
    digest = hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()
    return f"{plan.name}-{request.split}-{request.image_size}-{digest[:20]}"


def _build(plan: Plan, request: Request, folder: Path, cache_format: CacheFormat) -> None:
    split = plan.read()
    if line := size_line(split, request, folder, cache_format):
        print(line, file=sys.stderr)
    with disk_errors(folder.parent):
        temporary = _new_temporary(folder.parent)
    try:
        write(split, request, temporary, cache_format)
        with disk_errors(folder.parent):
            _put_in_place(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put_in_place(temporary: Path, folder: Path) -> None:
    for _ in range(3):
        try:
            os.rename(temporary, folder)
            return
        except OSError:
            if not folder.exists():
                raise
        if open_cached(folder, folder.name) is not None:
            return  # Another process was first, with the same images.
        # A damaged set: move it aside in one step, so that no process reads it while it is removed.
        aside = _new_temporary(folder.parent)
        with contextlib.suppress(FileNotFoundError):
            os.rename(folder, aside / "damaged")
        shutil.rmtree(aside, ignore_errors=True)


def _new_temporary(cache_dir: Path) -> Path:
    # Not tempfile.mkdtemp: other users could not read its folder after the rename.
    folder = cache_dir / f"{TEMPORARY}{secrets.token_hex(8)}"
    folder.mkdir()
    return folder
