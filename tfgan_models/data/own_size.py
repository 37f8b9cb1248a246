"""The sizes of a source's pictures before they are resized."""

from __future__ import annotations

import os
import statistics
import warnings
from collections.abc import Iterable
from typing import Any, NamedTuple

from tfgan_models.data.archive import AnyFile
from tfgan_models.data.archive_files import open_archive
from tfgan_models.data.folder_files import list_files
from tfgan_models.data.picture import Unreadable, read_header
from tfgan_models.data.utils import user_path

SAMPLED = 200  # number of files whose headers are read, evenly spaced among all files of a folder


class OwnSize(NamedTuple):
    """Width and height in pixels: of a typical picture, and of the smallest and the largest one by area."""

    typical: tuple[int, int]
    smallest: tuple[int, int]
    largest: tuple[int, int]

    @property
    def side(self) -> int:
        """The shorter side of a typical picture, which is the side of its middle square."""
        return min(self.typical)

    def __str__(self) -> str:
        """For instance "640×480 pixels", or "320×200 to 4000×3000 pixels, about 640×480"."""
        if self.smallest == self.largest:
            return f"{_text(self.typical)} pixels"
        return f"{_text(self.smallest)} to {_text(self.largest)} pixels, about {_text(self.typical)}"


def own_size(source: str, data_dir: str | None = None) -> OwnSize | None:
    """The sizes of a source's pictures; None if they have no size of their own, or if it is not known.

    Args:
        source: as in ``sources.load``.
        data_dir: the folder of tensorflow-datasets.

    Raises:
        InputError: the source cannot be read.
    """
    kind, colon, path = source.partition(":")
    if kind == "folder" and colon:
        return _of_folder(path) if path else None
    if colon and (kind == "zip" or kind == "tar"):
        return _of_files(open_archive(kind, path).sample(SAMPLED))
    if source == "digits":
        return _of_one((8, 8))
    if source == "faces":
        return None
    from tfgan_models.data.tfds_read import image_key
    from tfgan_models.data.tfds_source import find_builder

    builder = find_builder(source, os.fspath(user_path(data_dir)) if data_dir else None)
    features: Any = builder.info.features
    height, width = features[image_key(builder)].shape[:2]
    return _of_one((width, height)) if height and width else None


def _of_folder(path: str) -> OwnSize | None:
    root = user_path(path)
    files = [root / file.path for file in list_files(root) if not file.further]
    return _of_files(files[:: max(1, len(files) // SAMPLED)])


def _of_files(files: Iterable[AnyFile]) -> OwnSize | None:
    sizes = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for file in files:
            try:
                sizes.append(read_header(file).size)
            except Unreadable:
                continue
    if not sizes:
        return None
    by_area = sorted(sizes, key=lambda size: size[0] * size[1])
    width, height = (round(statistics.median(sides)) for sides in zip(*sizes, strict=True))
    return OwnSize((width, height), by_area[0], by_area[-1])


def _of_one(size: tuple[int, int]) -> OwnSize:
    return OwnSize(size, size, size)


def _text(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
