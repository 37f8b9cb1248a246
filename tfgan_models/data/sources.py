"""One function turns the name of a source into pictures."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path
from typing import Literal

import numpy as np

from tfgan_models.data.cache import default_cache_dir, fetch
from tfgan_models.data.digits import plan_digits
from tfgan_models.data.folder import plan_folder
from tfgan_models.data.plan import Plan, Request
from tfgan_models.data.tfds_source import plan_faces, plan_tfds
from tfgan_models.data.utils import user_path
from tfgan_models.errors import InputError

SMALLEST, LARGEST = 8, 1024


@dataclasses.dataclass(frozen=True)
class ImageSet:
    """Pictures with random access, and what is known of them.

    Args:
        images: uint8 ``[n, h, w, c]``, memory-mapped from the cache.
        labels: int32 ``[n]``, or None.
        attributes: uint8 ``[n, k]`` in {0, 1}, or None.
        label_names: of the labels 0, 1, …; empty without labels.
        attribute_names: of the k attributes; empty without attributes.
        name: short name fit for a folder: ``"faces"``, ``"mnist"``, ``"folder-holidays"``.
        key: differs whenever the pictures may differ; fit for a folder's name.
        labelled: int64 ``[m]``, the rows whose labels may be learned from; None for all of them.
    """

    images: np.ndarray
    labels: np.ndarray | None
    attributes: np.ndarray | None
    label_names: tuple[str, ...]
    attribute_names: tuple[str, ...]
    name: str
    key: str = ""
    labelled: np.ndarray | None = None


def digest(data: ImageSet) -> str:
    """A hash of all pictures with what is known of them: equal for equal sets, wherever they came from."""
    whole = hashlib.sha256(str(data.images.shape).encode())
    for array in (data.images, data.labels, data.attributes):
        if array is not None:
            for start in range(0, len(array), 1000):
                whole.update(np.ascontiguousarray(array[start : start + 1000]).data)
    return whole.hexdigest()[:16]


def load(
    source: str,
    split: Literal["train", "test"],
    *,
    image_size: int,
    channels: int | None = None,
    data_dir: str | None = None,
    crop: int | None = None,
    attributes: str | None = None,
    cache_dir: str | None = None,
) -> ImageSet:
    """Load a split of a source, which is decoded the first time and opened at once after that.

    Args:
        source: ``"faces"`` or ``"digits"``, which are embedded; ``"folder:PATH"``; or any name of
            tensorflow-datasets, with its configuration and version if need be: ``"name/configuration:1.0.0"``.
        split: ``"train"`` or ``"test"``. They have no picture in common.
        image_size: side of the square pictures in pixels.
        channels: 1 or 3; None for the source's own.
        data_dir: where tensorflow-datasets keeps its data.
        crop: side in pixels of the square cut from the middle before resizing, clamped to the picture.
        attributes: for a folder, the path of a file in the format of CelebA's ``list_attr_celeba.txt``.
        cache_dir: where decoded pictures are kept; by default what the environment variable TFGAN_MODELS_CACHE says,
            or ``~/.cache/tfgan_models``.

    Raises:
        InputError: something given cannot be used; the message is one line and says what to do.
    """
    if split not in ("train", "test"):
        raise InputError(f"unknown split {split!r}: choose train or test")
    if not SMALLEST <= image_size <= LARGEST:
        raise InputError(f"image size {image_size} is not possible: choose {SMALLEST} to {LARGEST} pixels")
    if channels not in (None, 1, 3):
        raise InputError(f"{channels} channels are not possible: choose 1 (grey) or 3 (colour)")
    if crop is not None and crop < 1:
        raise InputError(f"a crop of {crop} pixels is not possible: choose at least 1")
    folder = user_path(cache_dir) if cache_dir else default_cache_dir()
    request = Request(split, image_size, channels, crop)
    plan = _plan(source, request, data_dir, attributes, folder)
    stored = fetch(plan, request, folder)
    return ImageSet(
        images=stored.arrays["images"],
        labels=stored.arrays.get("labels"),
        attributes=stored.arrays.get("attributes"),
        label_names=stored.label_names,
        attribute_names=stored.attribute_names,
        name=plan.name,
        key=stored.key,
    )


def _plan(source: str, request: Request, data_dir: str | None, attributes: str | None, cache_dir: Path) -> Plan:
    kind, colon, path = source.partition(":")
    if kind == "folder" and colon:
        if not path:
            raise InputError(f"the source {source!r} names no folder: give folder:PATH")
        return plan_folder(path, request, attributes)
    if attributes:
        raise InputError(f"the attribute file {attributes!r} cannot be used with {source!r}: it needs folder:PATH")
    data_dir = os.fspath(user_path(data_dir)) if data_dir else None
    if source == "digits":
        return plan_digits(request)
    if source == "faces":
        return plan_faces(request, data_dir or str(cache_dir / "tfds"))
    return plan_tfds(source, request, data_dir)
