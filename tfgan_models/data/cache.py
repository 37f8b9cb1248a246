"""Pictures decoded once, kept on disk with random access.

Each set lies in its own folder: ``images.npy`` (uint8 ``[n, h, w, c]``), where known ``labels.npy`` (int32 ``[n]``)
and ``attributes.npy`` (uint8 ``[n, k]``), and ``about.json``. A folder is written under a temporary name and then
renamed, so that it is whole or not there, whoever is killed and however many write it at once.
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

from tfgan_models.data.plan import Pictures, Plan, Request
from tfgan_models.data.row_file import RowFile
from tfgan_models.errors import InputError
from tfgan_models.files import remove_stale

FORMAT = 1
_TEMPORARY = ".writing-"


@dataclasses.dataclass(frozen=True)
class Stored:
    """A set as it lies in the cache, memory-mapped; the arrays by the names of their files, the set by its key.

    ``report`` is a line about it that the user should see, or empty.
    """

    arrays: dict[str, np.ndarray]
    label_names: tuple[str, ...]
    attribute_names: tuple[str, ...]
    key: str
    report: str = ""


def default_cache_dir() -> Path:
    """The folder that the environment variable TFGAN_MODELS_CACHE names, or one in the user's own cache folder."""
    named = os.environ.get("TFGAN_MODELS_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "tfgan_models"


def fetch(plan: Plan, request: Request, cache_dir: Path) -> Stored:
    """The planned set from the cache; if it is not there, or damaged, it is read from its source first.

    What its source has to report, such as files that were skipped, is printed on stderr every time.

    Raises:
        InputError: the source has no pictures, or the cache cannot be written.
    """
    folder = cache_dir / _key(plan, request)
    stored = open_stored(folder)
    if stored is None:
        with _disk_errors(cache_dir):
            cache_dir.mkdir(parents=True, exist_ok=True)
            remove_stale(cache_dir.glob(f"{_TEMPORARY}*"))
        _build(plan, request, folder)
        stored = open_stored(folder)
    if stored is None:
        raise InputError(f"the picture cache {str(folder)!r} cannot be read back: remove it and start again")
    if stored.report:
        print(stored.report, file=sys.stderr)
    return stored


def open_stored(folder: Path) -> Stored | None:
    """Open a set; None if it is not there or not whole."""
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        arrays = {}
        for name, expected in about["arrays"].items():
            path = folder / f"{name}.npy"
            array = np.load(path, mmap_mode="r")
            if path.stat().st_size != expected["bytes"] or list(array.shape) != expected["shape"]:
                return None
            arrays[name] = array
        names = tuple(about["label_names"]), tuple(about["attribute_names"])
        return Stored(arrays, *names, folder.name, about.get("report", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _key(plan: Plan, request: Request) -> str:
    everything = {"format": FORMAT, "identity": plan.identity, "request": dataclasses.asdict(request)}
    digest = hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()
    return f"{plan.name}-{request.split}-{request.image_size}-{digest[:20]}"


def _build(plan: Plan, request: Request, folder: Path) -> None:
    pictures = plan.read()
    with _disk_errors(folder.parent):
        temporary = _new_temporary(folder.parent)
    try:
        _write(pictures, request, temporary)
        with _disk_errors(folder.parent):
            _put_in_place(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(pictures: Pictures, request: Request, folder: Path) -> None:
    shapes: dict[str, tuple[int, ...]] = {"images": (request.image_size, request.image_size, pictures.channels)}
    dtypes = {"images": np.uint8, "labels": np.int32, "attributes": np.uint8}
    if pictures.label_names:
        shapes["labels"] = ()
    if pictures.attribute_names:
        shapes["attributes"] = (len(pictures.attribute_names),)
    with contextlib.ExitStack() as stack:
        # Only writing is guarded: an error of the source must not be taken for one of the cache.
        with _disk_errors(folder.parent):
            files = {
                name: stack.enter_context(RowFile(folder / f"{name}.npy", shape, dtypes[name]))
                for name, shape in shapes.items()
            }
        for example in pictures.examples:
            rows = {"images": example.image, "labels": example.label, "attributes": example.attributes}
            with _disk_errors(folder.parent):
                for name, file in files.items():
                    file.append(rows[name])
        with _disk_errors(folder.parent):
            about = {
                "arrays": {name: file.finish() for name, file in files.items()},
                "label_names": pictures.label_names,
                "attribute_names": pictures.attribute_names,
                "report": pictures.report(),
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
        if open_stored(folder) is not None:
            return  # Another process was first, with the same pictures.
        # A damaged set: move it aside in one step, so that nobody reads it while it is removed.
        aside = _new_temporary(folder.parent)
        with contextlib.suppress(FileNotFoundError):
            os.rename(folder, aside / "damaged")
        shutil.rmtree(aside, ignore_errors=True)


def _new_temporary(cache_dir: Path) -> Path:
    # Not tempfile.mkdtemp: nobody else could read the folder, once it is in place.
    folder = cache_dir / f"{_TEMPORARY}{secrets.token_hex(8)}"
    folder.mkdir()
    return folder


@contextlib.contextmanager
def _disk_errors(cache_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write the picture cache {str(cache_dir)!r}: {error.strerror or error}; "
            "make room or set TFGAN_MODELS_CACHE to another folder"
        ) from error
