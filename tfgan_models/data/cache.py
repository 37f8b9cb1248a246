"""Cache of decoded images on disk, with random access.

Each set has its own folder with ``images.npy`` (uint8 ``[n, h, w, c]``), ``about.json`` and, if the source has them,
``labels.npy`` (int32 ``[n]``) and ``attributes.npy`` (uint8 ``[n, k]``). A folder is written under a temporary name and
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
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfgan_models.data.colors import Colors
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.plan import DecodedSplit, Plan, Request
from tfgan_models.data.row_file import RowFile
from tfgan_models.data.utils import user_path
from tfgan_models.errors import InputError
from tfgan_models.files import remove_stale

FORMAT = 1
READER = 2  # version of the decoding; sets of earlier ones are read again if their pictures may differ
LARGE, SMALL, MANY_TIMES = 1e9, 1e6, 10  # in bytes; below SMALL the factor does not matter
UNKNOWN = -1  # label of a picture without a label, in a set with labels
_TEMPORARY = ".writing-"


def default_cache_dir() -> Path:
    """The folder that the environment variable TFGAN_MODELS_CACHE names, or one in the user's own cache folder.

    Raises:
        InputError: no folder of this machine can have that name.
    """
    named = os.environ.get("TFGAN_MODELS_CACHE")
    return user_path(named, f"TFGAN_MODELS_CACHE {named}") if named else Path.home() / ".cache" / "tfgan_models"


def fetch(plan: Plan, request: Request, cache_dir: Path) -> ImageSet:
    """Open a set in the cache; read it from its source first if it is missing or damaged.

    The source's report, for example about skipped files, is printed on stderr every time.

    Raises:
        InputError: the source has no images, or the cache cannot be written.
    """
    folder = cache_dir / _key(plan, request)
    cached = open_cached(folder, plan.name)
    if cached is None:
        with _disk_errors(cache_dir):
            cache_dir.mkdir(parents=True, exist_ok=True)
            remove_stale(cache_dir.glob(f"{_TEMPORARY}*"))
        _build(plan, request, folder)
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
        images = ImageSet(
            images=arrays["images"],
            labels=arrays.get("labels"),
            attributes=arrays.get("attributes"),
            label_names=tuple(about["label_names"]),
            attribute_names=tuple(about["attribute_names"]),
            name=name,
            key=folder.name,
        )
        return images, about.get("report", "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _key(plan: Plan, request: Request) -> str:
    description = {"format": FORMAT, "identity": plan.identity, "request": request.identity()}
    digest = hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()
    return f"{plan.name}-{request.split}-{request.image_size}-{digest[:20]}"


def _build(plan: Plan, request: Request, folder: Path) -> None:
    split = plan.read()
    if line := _size_line(split, request, folder):
        print(line, file=sys.stderr)
    with _disk_errors(folder.parent):
        temporary = _new_temporary(folder.parent)
    try:
        _write(split, request, temporary)
        with _disk_errors(folder.parent):
            _put_in_place(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _size_line(split: DecodedSplit, request: Request, folder: Path) -> str:
    """A line with the size of a set of more than 1 GB, or of more than ten times its files; empty for smaller sets."""
    count, before = split.count or 0, split.source_bytes
    size = count * request.image_size**2 * split.channels
    if size <= LARGE and (before is None or size <= MANY_TIMES * before or size <= SMALL):
        return ""
    times = f", {size / before:,.0f} times the files" if before and size > MANY_TIMES * before else ""
    sides = f"{request.image_size}×{request.image_size}"
    return (
        f"cache: the {request.split} split of {count:,} decoded pictures of {sides} pixels takes "
        f"{_in_words(size)}{times} in {str(folder.parent)!r}; TFGAN_MODELS_CACHE names another folder"
    )


def _in_words(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def _write(split: DecodedSplit, request: Request, folder: Path) -> None:
    shapes: dict[str, tuple[int, ...]] = {"images": (request.image_size, request.image_size, split.channels)}
    dtypes = {"images": np.uint8, "labels": np.int32, "attributes": np.uint8}
    if split.label_names:
        shapes["labels"] = ()
    if split.attribute_names:
        shapes["attributes"] = (len(split.attribute_names),)
    with contextlib.ExitStack() as stack:
        # Only writing is guarded: an error of the source must not be reported as one of the cache.
        with _disk_errors(folder.parent):
            files = {
                name: stack.enter_context(RowFile(folder / f"{name}.npy", shape, dtypes[name]))
                for name, shape in shapes.items()
            }
        colors = Colors()
        for example in split.examples:
            colors.add(example.image)
            label = UNKNOWN if example.label is None else example.label
            rows = {"images": example.image, "labels": label, "attributes": example.attributes}
            with _disk_errors(folder.parent):
                for name, file in files.items():
                    file.append(rows[name])
        warning = colors.warning(split.name) if request.split == "train" else ""
        with _disk_errors(folder.parent):
            about = {
                "arrays": {name: file.finish() for name, file in files.items()},
                "label_names": split.label_names,
                "attribute_names": split.attribute_names,
                "report": "\n".join(filter(None, (split.report(), warning))),
                "reader": READER,
            }
            (folder / "about.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


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
    folder = cache_dir / f"{_TEMPORARY}{secrets.token_hex(8)}"
    folder.mkdir()
    return folder


@contextlib.contextmanager
def _disk_errors(cache_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write the image cache {str(cache_dir)!r}: {error.strerror or error}; "
            "make room or set TFGAN_MODELS_CACHE to another folder"
        ) from error
