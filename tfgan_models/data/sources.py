"""Load a split of a source by the source's name."""

from __future__ import annotations

import os
from typing import Literal

from tfgan_models.data.cache import default_cache_dir, fetch
from tfgan_models.data.digits import plan_digits
from tfgan_models.data.drawn_faces import plan_faces
from tfgan_models.data.folder import FolderOptions, plan_folder
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.layout import Kind
from tfgan_models.data.plan import Plan, Request
from tfgan_models.data.tfds_source import plan_tfds
from tfgan_models.data.utils import folder_name, user_path
from tfgan_models.errors import InputError

MIN_SIZE, MAX_SIZE = 8, 1024


def load(
    source: str,
    split: Literal["train", "test"],
    *,
    image_size: int,
    channels: int | None = None,
    data_dir: str | None = None,
    crop: int | None = None,
    attributes: str | None = None,
    label_column: str | None = None,
    attribute_columns: tuple[str, ...] = (),
    layout: Kind = "auto",
    cache_dir: str | None = None,
) -> ImageSet:
    """Load a split of a source. The first call decodes it into the cache, later calls open the cache.

    Args:
        source: ``"faces"`` or ``"digits"``, which are embedded; ``"folder:PATH"``; or a name of tensorflow-datasets,
            optionally with configuration and version: ``"name/configuration:1.0.0"``.
        split: ``"train"`` or ``"test"``. They have no image in common.
        image_size: side of the square images in pixels.
        channels: 1 or 3; None for the source's default.
        data_dir: folder of tensorflow-datasets' data.
        crop: side in pixels of the square cut from the middle before resizing, at most the image's shorter side.
        attributes: for a folder, the path of a file in the format of CelebA's ``list_attr_celeba.txt``, or of a table
            with a header, separated by commas, semicolons or tabs, of attributes or classes.
        label_column: the table's column of classes, if several could be that.
        attribute_columns: the table's columns of attributes; by default all columns of 0 and 1, or -1 and 1.
        layout: of a folder: ``"auto"`` takes train/, test/, val/ and the like for splits and unlabeled/ for images
            without labels; ``"classes"`` takes every sub-folder for a class.
        cache_dir: folder of the cache; by default that in the environment variable TFGAN_MODELS_CACHE, or
            ``~/.cache/tfgan_models``.

    Raises:
        InputError: an argument cannot be used; the message is one line and says what to do.
    """
    if split not in ("train", "test"):
        raise InputError(f"unknown split {split!r}: choose train or test")
    if not MIN_SIZE <= image_size <= MAX_SIZE:
        raise InputError(f"image size {image_size} is not possible: choose {MIN_SIZE} to {MAX_SIZE} pixels")
    if channels not in (None, 1, 3):
        raise InputError(f"{channels} channels are not possible: choose 1 (gray) or 3 (color)")
    if crop is not None and crop < 1:
        raise InputError(f"a crop of {crop} pixels is not possible: choose at least 1")
    folder = user_path(cache_dir) if cache_dir else default_cache_dir()
    request = Request(split, image_size, channels, crop)
    options = FolderOptions(attributes, label_column, tuple(attribute_columns), layout)
    return fetch(_plan(source, request, data_dir, options), request, folder)


def name_of(source: str) -> str:
    """The name of the sets of a source, fit for a folder."""
    kind, colon, path = source.partition(":")
    if kind == "folder" and colon:
        return f"folder-{folder_name(user_path(path).resolve().name)}"
    return folder_name(source)


def _plan(source: str, request: Request, data_dir: str | None, options: FolderOptions) -> Plan:
    kind, colon, path = source.partition(":")
    if kind == "folder" and colon:
        if not path:
            raise InputError(f"the source {source!r} has no folder: give folder:PATH")
        return plan_folder(path, request, options)
    if options.attributes:
        raise InputError(
            f"the attribute file {options.attributes!r} cannot be used with {source!r}: it needs folder:PATH"
        )
    if source == "digits":
        return plan_digits(request)
    if source == "faces":
        return plan_faces(request)
    return plan_tfds(source, request, os.fspath(user_path(data_dir)) if data_dir else None)
