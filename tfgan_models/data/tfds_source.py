"""Image data sets of tensorflow-datasets as sources."""

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
from tfgan_models.data.utils import FILES, folder_name, one_line
from tfgan_models.errors import InputError

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

EMBEDDED = ("faces", "digits")
USED = ("train", "test", "validation")  # splits that have a part already


def plan_tfds(name: str, request: Request, data_dir: str | None, cache_dir: Path | None = None) -> Plan:
    """Plan to read a data set of tensorflow-datasets; it is downloaded and prepared if ``data_dir`` does not have it.

    A name such as ``stl10+unlabelled`` adds the images of that split to the training images, without labels.

    Labels come from a feature ``label`` of classes, attributes from a dict of booleans ``attributes``, as in
    ``celeb_a``. Without a split ``test`` its ``validation`` split is used, or else the last 10 % of its training split.

    Raises:
        InputError: the name or the split is unknown, the set has no images, or it cannot be prepared.
    """
    builder = find_builder(name, data_dir)
    image_key(builder)
    with quiet():
        prepared = builder.is_prepared()
    if not prepared:
        _prepare(builder, name, data_dir)
    unlabelled = name.partition("+")[2]
    if unlabelled and unlabelled not in builder.info.splits:
        raise InputError(
            f"the data set {name!r} cannot be used: there is no split {unlabelled!r}, give one of "
            f"{', '.join(builder.info.splits)} after +"
        )
    if unlabelled in USED:
        raise InputError(
            f"the data set {name!r} cannot be used: the split {unlabelled!r} is used already, remove +{unlabelled}"
        )
    return plan_builder(builder, request, folder_name(name.replace("+", "-")), cache_dir, unlabelled)


def find_builder(name: str, data_dir: str | None) -> tfds.core.DatasetBuilder:
    """Return the builder of a data set of tensorflow-datasets, prepared or not.

    Raises:
        InputError: the name is unknown, or has no such configuration or version.
    """
    import tensorflow_datasets as tfds

    name = name.partition("+")[0]
    if not re.fullmatch(r"[A-Za-z]\w*([/:].+)?", name):
        raise InputError(_unknown(name, tfds.list_builders()))
    try:
        with quiet():
            builder = tfds.builder(name, data_dir=data_dir)
            _ = builder.info  # read on first access, so that its errors are raised here
            return builder
    except tfds.core.DatasetNotFoundError as error:
        raise InputError(_unknown(name, tfds.list_builders())) from error
    except Exception as error:
        # A wrong configuration or version, a malformed name and a missing package raise different types.
        raise InputError(f"cannot use the data set {name!r}: {one_line(error)}") from error


def _unknown(name: str, builders: list[str]) -> str:
    if os.path.isdir(os.path.expanduser(name)):
        return f"unknown data set {name!r}: for a folder of pictures give folder:{name}"
    stem, colon, rest = name.partition(":")
    stem = stem.split("/")[0].lower()
    kinds = difflib.get_close_matches(stem, [kind.rstrip(":") for kind in FILES], n=1) if colon else []
    near = [f"{kind}:{rest}" for kind in kinds] + difflib.get_close_matches(stem, [*EMBEDDED, *builders], n=3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return f"unknown data set {name!r}: {hint}Give faces, digits, folder:PATH or a name of tensorflow-datasets"


def _prepare(builder: tfds.core.DatasetBuilder, name: str, data_dir: str | None) -> None:
    import tensorflow_datasets as tfds

    fresh = Path(data_dir) if data_dir is not None and not os.path.exists(data_dir) else None
    # Never reset, because downloading threads outlive the first failure.
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
            f"the data set {name!r} is not in {folder!r} and cannot be downloaded ({one_line(error)}): prepare it "
            "where there is a network and name its folder as data_dir, or choose faces, digits or folder:PATH"
        ) from error


def _remove_unfinished(folder: Path) -> None:
    """Remove interrupted downloads and empty folders, but nothing that a second attempt can use."""
    for path in [*sorted(folder.rglob("*"), reverse=True), folder]:
        with contextlib.suppress(OSError):
            if ".tmp." in path.name:
                shutil.rmtree(path)
            elif path.is_dir():
                path.rmdir()
