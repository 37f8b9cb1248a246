"""Any set of pictures that tensorflow-datasets knows, and the faces drawn in its form."""

from __future__ import annotations

import contextlib
import difflib
import logging
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_models.data.plan import Plan, Request
from tfgan_models.data.tfds_read import image_key, plan_builder, quiet
from tfgan_models.data.utils import folder_name
from tfgan_models.errors import InputError

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

EMBEDDED = ("faces", "digits")


def plan_tfds(name: str, request: Request, data_dir: str | None) -> Plan:
    """Plan to read a data set of tensorflow-datasets; it is downloaded and prepared unless it lies in ``data_dir``.

    Labels come from a feature ``label`` of classes, attributes from a dict of booleans ``attributes``, as in
    ``celeb_a``. A set without a split ``test`` gives its ``validation`` split instead, or else the last 10 % of its
    training split.

    Raises:
        InputError: the name is unknown, the set holds no pictures, or it can be neither found nor prepared.
    """
    builder = _builder(name, data_dir)
    image_key(builder)
    with quiet():
        prepared = builder.is_prepared()
    if not prepared:
        _prepare(builder, name, data_dir)
    return plan_builder(builder, request, folder_name(name))


def plan_faces(request: Request, data_dir: str) -> Plan:
    """Plan to read the embedded faces, which are drawn into ``data_dir`` unless they lie there.

    Raises:
        InputError: faces of this size cannot be drawn, or ``data_dir`` cannot be written.
    """
    from tfgan_models.data.faces.builder import prepare

    try:
        builder = prepare(request.image_size, data_dir)
    except Exception as error:
        reason = _disk_error(error)
        if reason is None:
            raise
        raise InputError(
            f"cannot draw the faces into {str(data_dir)!r}: {reason}; make room or name another folder as data_dir"
        ) from error
    return plan_builder(builder, request, "faces")


def _disk_error(error: Exception) -> str | None:
    """What the system said of the disk; None for an error of any other kind.

    TensorFlow has types of its own for these errors, and tensorflow-datasets wraps them in a RuntimeError.
    """
    import tensorflow as tf

    causes = [error] if error.__cause__ is None else [error, error.__cause__]
    for one in causes:
        if isinstance(one, OSError):
            return one.strerror or _one_line(one)
        if isinstance(one, tf.errors.OpError):
            return _one_line(one).rpartition("; ")[2]  # It begins with the file's path.
    return None


def _builder(name: str, data_dir: str | None) -> tfds.core.DatasetBuilder:
    import tensorflow_datasets as tfds

    if not re.fullmatch(r"[A-Za-z]\w*([/:].+)?", name):
        raise InputError(_unknown(name, tfds.list_builders()))
    try:
        with quiet():
            builder = tfds.builder(name, data_dir=data_dir)
            _ = builder.info  # Read only when it is first asked for.
            return builder
    except tfds.core.DatasetNotFoundError as error:
        raise InputError(_unknown(name, tfds.list_builders())) from error
    except Exception as error:
        # A wrong configuration or version, a malformed name, a package that this set needs: each its own type.
        raise InputError(f"cannot use the data set {name!r}: {_one_line(error)}") from error


def _unknown(name: str, known: list[str]) -> str:
    if os.path.isdir(os.path.expanduser(name)):
        return f"unknown data set {name!r}: for a folder of pictures give folder:{name}"
    stem = name.split("/")[0].split(":")[0].lower()
    near = difflib.get_close_matches(stem, [*EMBEDDED, *known], n=3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return f"unknown data set {name!r}: {hint}Give faces, digits, folder:PATH or a name of tensorflow-datasets"


def _prepare(builder: tfds.core.DatasetBuilder, name: str, data_dir: str | None) -> None:
    import tensorflow_datasets as tfds

    fresh = Path(data_dir) if data_dir is not None and not os.path.exists(data_dir) else None
    # For good, since threads that try to download outlive the first one's failure.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    try:
        with quiet():
            config = tfds.download.DownloadConfig(try_download_gcs=False)
            builder.download_and_prepare(download_config=config)
    except Exception as error:
        if fresh is not None:
            _remove_unfinished(fresh)
        folder = os.fspath(builder.data_dir)
        raise InputError(
            f"the data set {name!r} is not in {folder!r} and cannot be downloaded ({_one_line(error)}): prepare it "
            "where there is a network and name its folder as data_dir, or choose faces, digits or folder:PATH"
        ) from error


def _remove_unfinished(folder: Path) -> None:
    """Remove downloads that were broken off, and empty folders, but nothing that a second attempt can use."""
    for path in [*sorted(folder.rglob("*"), reverse=True), folder]:
        with contextlib.suppress(OSError):
            if ".tmp." in path.name:
                shutil.rmtree(path)
            elif path.is_dir():
                path.rmdir()


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:200]}…"
