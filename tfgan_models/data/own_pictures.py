"""Read a user's own pictures as the pictures that a model was trained on were read."""

from __future__ import annotations

import dataclasses
import itertools
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_models.data.findings import Findings, decide_reading, inspect_pictures
from tfgan_models.data.folder import skipped_files
from tfgan_models.data.folder_files import list_files, read_headers
from tfgan_models.data.picture import Header, Unreadable, read_header, read_picture
from tfgan_models.data.pixels import to_float
from tfgan_models.data.plan import Request
from tfgan_models.data.reading import DEPTHS, FULL, Range, Reading
from tfgan_models.data.utils import user_path, with_progress
from tfgan_models.errors import InputError

_AT_ONCE = 64  # pictures that are decoded before the first of them is used


def read_like_training(paths: Sequence[str | os.PathLike], manifest: Mapping[str, Any]) -> np.ndarray:
    """Read pictures with the size, channels, crop, fit, background and range of the pictures of a model's training.

    Pictures of a depth that the training pictures did not have are read in full if they have 8 bits, and otherwise by
    the rules of a new data set.

    Args:
        paths: paths of n pictures.
        manifest: manifest of the model's export. Entries that earlier versions did not write have the values that were
            usual then.

    Returns:
        float32 ``[n, h, w, c]`` in [-1, 1].

    Raises:
        InputError: a picture cannot be read, or an entry of the manifest has a value that no export has.
    """
    image_size, _, channels = manifest["image_shape"]
    files = [user_path(os.fspath(path)) for path in paths]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, about odd metadata
        try:
            headers = []
            for file in files:
                headers.append(_header(file))
            findings = inspect_pictures(files, headers, "pictures")
            reading = _for_all_depths(Reading.from_manifest(manifest), findings, "range" in manifest)
            images = []
            for file in files:
                images.append(read_picture(file, image_size, channels, reading))
        except Unreadable as error:
            raise _unreadable(file, error) from error
    return to_float(np.stack(images)) if images else np.zeros((0, *manifest["image_shape"]), np.float32)


class OwnPictures:
    """Pictures in files and folders, read as ``read_like_training`` does, but batch by batch.

    Files in folders that cannot be read are skipped. A file that is named itself must be a picture.

    Args:
        paths: paths of files and folders. Pictures in sub-folders are read, too; hidden files are left out.
        manifest: manifest of the model's export.

    Attributes:
        unreadable: reason for each skipped file. Damaged pixels are noticed only when a picture is decoded, so that
            files may be added while ``batches`` is read.

    Raises:
        InputError: a path does not exist, a named file is not a picture, or there are no pictures.
    """

    def __init__(self, paths: Sequence[str | os.PathLike], manifest: Mapping[str, Any]):
        self.unreadable: dict[str, str] = {}
        self._image_size, _, self._channels = manifest["image_shape"]
        self._named: set[Path] = set()
        self._files: list[Path] = []
        headers: list[Header] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, about odd metadata
            for path in (user_path(os.fspath(path)) for path in paths):
                headers += self._add_folder(path) if path.is_dir() else [self._add_file(path)]
            if not self._files:
                raise self.no_pictures(paths)
            findings = inspect_pictures(self._files, headers, "pictures")
            self._reading = _for_all_depths(Reading.from_manifest(manifest), findings, "range" in manifest)

    def __len__(self) -> int:
        """Return the number of files that have the header of a picture."""
        return len(self._files)

    def batches(self, size: int, count: int | None = None) -> Iterator[np.ndarray]:
        """Yield the pictures, float32 ``[n, h, w, c]`` in [-1, 1].

        Args:
            size: n of every batch but the last, which may have fewer.
            count: number of pictures in all batches; by default all that can be decoded.
        """
        images = itertools.islice(self._images(), count)
        while batch := list(itertools.islice(images, size)):
            yield to_float(np.stack(batch))

    def skipped(self) -> str:
        """The files that were skipped, their number and the reasons, in one line; empty if there are none."""
        return skipped_files(self.unreadable, len({*map(str, self._files), *self.unreadable}), "")

    def no_pictures(self, paths: Sequence[str | os.PathLike]) -> InputError:
        """Make the error that none of the paths has a picture that can be read."""
        names, skipped = " ".join(repr(os.fspath(path)) for path in paths), self.skipped()
        reason = f" ({skipped})" if skipped else ""
        return InputError(f"{names}: there are no pictures that can be read{reason}, give others")

    def _add_folder(self, folder: Path) -> tuple[Header, ...]:
        found = read_headers(folder, list_files(folder))
        self._files += [folder / path for path in found.pictures]
        self.unreadable |= {str(folder / path): reason for path, reason in found.unreadable.items()}
        return found.headers

    def _add_file(self, file: Path) -> Header:
        self._named.add(file)
        self._files.append(file)
        try:
            return _header(file)
        except Unreadable as error:
            raise _unreadable(file, error) from error

    def _images(self) -> Iterator[np.ndarray]:
        """Yield the pictures as bytes, decoded in threads; Pillow releases the interpreter lock."""
        with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
            waiting = with_progress(self._files, len(self._files), "Reading pictures")
            while files := list(itertools.islice(waiting, _AT_ONCE)):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    images = list(pool.map(self._decode, files))
                for file, image in zip(files, images, strict=True):
                    if not isinstance(image, Unreadable):
                        yield image
                    elif file in self._named:
                        raise _unreadable(file, image) from image
                    else:
                        self.unreadable[str(file)] = str(image)

    def _decode(self, file: Path) -> np.ndarray | Unreadable:
        try:
            return read_picture(file, self._image_size, self._channels, self._reading)
        except Unreadable as error:
            return error


def _for_all_depths(reading: Reading, findings: Findings, recorded: bool) -> Reading:
    """Complete the reading of a training by ranges for the depths that its pictures did not have.

    Args:
        reading: the reading of the training.
        findings: findings about the pictures to read.
        recorded: whether the manifest has ranges. Earlier versions read all 16-bit pictures in full.
    """
    others = dict(decide_reading(Request("train", 8), findings).ranges) | {"uint8": FULL["uint8"]}
    if not recorded:
        others["uint16"] = FULL["uint16"]
    ranges = dict(reading.ranges)
    if set(ranges) == set(DEPTHS) and len(set(ranges.values())) == 1:
        # Earlier versions recorded a range that a flag had set for all depths, whatever depths the pictures had.
        ranges = {d: range_ for d, range_ in ranges.items() if _may_be_of(d, range_, findings.limits.get(d))}
    return dataclasses.replace(reading, ranges=others | ranges)


def _may_be_of(depth: str, range_: Range, limits: Range | None) -> bool:
    """Return True if a user may have set this range for pictures of this depth.

    The range of another depth would make pictures black or white: 0 to 4095 those of 8 bits, 0 to 1 those of integers.

    Args:
        depth: the depth.
        range_: the range that is recorded for all depths.
        limits: the lowest and the highest pixel value of the pictures to read; None if none has this depth.
    """
    if depth not in FULL:
        return True
    low, high = range_
    held = FULL[depth][0] <= low and high <= FULL[depth][1]
    return held and (high - low > 1 or limits is None or limits[1] <= high)


def _header(file: Path) -> Header:
    """Read the header of a named file.

    Raises:
        Unreadable: it is not a picture, or not even a file.
    """
    if not file.exists():
        raise Unreadable("there is no such file")
    if file.is_dir():
        raise Unreadable("it is a folder")
    return read_header(file)


def _unreadable(file: Path, error: Unreadable) -> InputError:
    return InputError(f"{os.fspath(file)!r} cannot be read as a picture ({error}): give another")
