"""Load a split of a source by the source's name."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from tfgan_models.data.archive_source import archive_name, plan_archive
from tfgan_models.data.arrays import from_arrays as from_arrays
from tfgan_models.data.cache import CacheFormat, check_cache_format, default_cache_dir, fetch
from tfgan_models.data.digits import plan_digits
from tfgan_models.data.drawn_faces import plan_faces
from tfgan_models.data.folder import plan_folder
from tfgan_models.data.folder_labels import FolderOptions
from tfgan_models.data.hub_source import hub_name, plan_hub
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.layout import Kind, check_layout
from tfgan_models.data.plan import Plan, Request
from tfgan_models.data.reading import Fit, check_background, check_fit, check_range
from tfgan_models.data.tfds_source import plan_tfds
from tfgan_models.data.utils import COLUMNS, folder_name, name_behind_links, user_path
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
    fit: Fit = "crop",
    background: str | None = None,
    range: Mapping[str, Sequence[float]] | Sequence[float] | str | None = None,
    attributes: str | None = None,
    label_column: str | None = None,
    attribute_columns: tuple[str, ...] = (),
    layout: Kind = "auto",
    cache_dir: str | None = None,
    cache_format: CacheFormat = "array",
) -> ImageSet:
    """Load a split of a source. The first call decodes it into the cache, later calls open the cache.

    Args:
        source: ``"faces"`` or ``"digits"``, which are embedded; ``"folder:PATH"``; ``"zip:PATH"``; ``"tar:PATTERN"``;
            ``"hf:owner/name"``, or ``"hf:owner/name:configuration"``, of the Hugging Face hub; or a name
            of tensorflow-datasets, optionally with configuration and version: ``"name/configuration:1.0.0"``, and with
            a split that has no labels: ``"stl10+unlabelled"``.
        split: ``"train"`` or ``"test"``. They have no image in common.
        image_size: side of the square images in pixels.
        channels: 1, 3 or 4; None for the source's default.
        data_dir: folder of tensorflow-datasets' data.
        crop: side in pixels of the square cut from the middle before resizing, at most the image's shorter side.
        fit: how images become square: ``"crop"`` keeps the middle, ``"pad"`` adds bars in the color of the background,
            ``"squeeze"`` changes the proportions.
        background: background of transparent images: ``"white"``, ``"black"``, ``"checker"``, or a color such as
            ``"255,128,0"``; by default the first of the three names with which most images are visible. ``"none"``
            ignores the transparency, which is the default if all transparent images are transparent everywhere.
        range: the pixel values that are mapped to black and to white, for all depths that the images have; or a dict
            of such pairs by depth, as in the manifest of an export. By default, and with ``"auto"``, the range is
            chosen by the images.
        attributes: for a folder or archives, the path of a file in the format of CelebA's ``list_attr_celeba.txt``, or
            of a table with a header, separated by commas, semicolons or tabs, of attributes or classes.
        label_column: the column of classes in the table, or the entry in the files ``.json`` of tar archives, or
            the column of a data set of the hub; needed only if several could have the classes.
        attribute_columns: the columns or entries of attributes; by default all of 0 and 1, or -1 and 1.
        layout: layout of a folder. ``"auto"``: train/, test/, val/ and the like are splits, and unlabeled/ has images
            without labels; ``"classes"``: every sub-folder is a class.
        cache_dir: folder of the cache; by default that in the environment variable TFGAN_MODELS_CACHE, or
            ``~/.cache/tfgan_models``.
        cache_format: ``"array"``; or ``"encoded"``, which keeps the images as PNG files and decodes them when they are
            used: less disk for the same images.

    Raises:
        InputError: an argument cannot be used; the message is one line and says what to do.
    """
    folder = user_path(cache_dir) if cache_dir else default_cache_dir()
    request = Request(
        split,
        image_size,
        channels,
        crop,
        check_fit(fit),
        None if background is None else check_background(background),
        check_range(range),
    )
    _check(request)
    options = _folder_options(source, attributes, label_column, attribute_columns, layout)
    plan = _plan(source, request, data_dir, options, folder)
    images = fetch(plan, request, folder, check_cache_format(cache_format))
    plan.save_findings()
    if split == "train":  # The notes are about both splits.
        print(*(f"{note}\n" for note in plan.notes), sep="", end="", file=sys.stderr)
    return images


def _check(request: Request) -> None:
    """Refuse requests that no source can answer.

    Raises:
        InputError: the split, the size, the channels or the crop is not possible.
    """
    if request.split not in ("train", "test"):
        raise InputError(f"unknown split {request.split!r}: choose train or test")
    if not MIN_SIZE <= request.image_size <= MAX_SIZE:
        raise InputError(f"image size {request.image_size} is not possible: choose {MIN_SIZE} to {MAX_SIZE} pixels")
    if request.channels not in (None, 1, 3, 4):
        raise InputError(
            f"{request.channels} channels are not possible: choose 1 (gray), 3 (color) or 4 (color with transparency)"
        )
    if request.crop is not None and request.crop < 1:
        raise InputError(f"a crop of {request.crop} pixels is not possible: choose at least 1")
    if request.crop is not None and request.fit != "crop":
        raise InputError(f"crop {request.crop}: with fit {request.fit} nothing is cut, leave one of them out", "crop")


def _folder_options(
    source: str, attributes: str | None, label_column: str | None, attribute_columns: Sequence[str], layout: str
) -> FolderOptions:
    """Check the options of a folder's labels.

    Raises:
        InputError: the layout is unknown, or columns are given without a table, or not as a sequence of names.
    """
    if isinstance(attribute_columns, str):
        raise InputError(
            f"attribute_columns {attribute_columns}: give a tuple of names, such as ({attribute_columns!r},)",
            "attribute_columns",
        )
    for name, columns in {"label_column": label_column, "attribute_columns": " ".join(attribute_columns)}.items():
        if columns and not attributes and not source.startswith(COLUMNS):
            raise InputError(f"{name} {columns}: it needs a table, give attributes", name)
    return FolderOptions(attributes, label_column, tuple(attribute_columns), check_layout(layout))


def name_of(source: str) -> str:
    """The name of the sets of a source, which can name a folder."""
    kind, colon, path = source.partition(":")
    if kind == "folder" and colon:
        return f"folder-{folder_name(name_behind_links(path))}"
    if kind in ("zip", "tar") and colon:
        return f"{kind}-{folder_name(archive_name(path))}"
    if kind == "hf" and colon:
        return f"hf-{folder_name(hub_name(path))}"
    return folder_name(source)


def _plan(source: str, request: Request, data_dir: str | None, options: FolderOptions, cache_dir: Path) -> Plan:
    kind, colon, path = source.partition(":")
    if kind == "folder" and colon:
        if not path:
            raise InputError(f"the source {source!r} has no folder: give folder:PATH")
        return plan_folder(path, request, options, cache_dir)
    if colon and (kind == "zip" or kind == "tar"):
        return plan_archive(kind, path, request, options, cache_dir)
    if options.attributes:
        raise InputError(
            f"the attribute file {options.attributes!r} cannot be used with {source!r}: it needs folder:PATH, "
            "zip:PATH or tar:PATTERN"
        )
    if kind == "hf" and colon:
        return plan_hub(path, request, options, cache_dir)
    if source == "digits":
        return plan_digits(request)
    if source == "faces":
        return plan_faces(request)
    return plan_tfds(source, request, os.fspath(user_path(data_dir)) if data_dir else None, cache_dir)
