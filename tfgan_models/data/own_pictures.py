"""Read single pictures as the pictures that a model was trained on were read."""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tfgan_models.data.findings import Findings, decide_reading, inspect_pictures
from tfgan_models.data.picture import Unreadable, read_header, read_picture
from tfgan_models.data.pixels import to_float
from tfgan_models.data.plan import Request
from tfgan_models.data.reading import DEPTHS, FULL, Range, Reading
from tfgan_models.data.utils import user_path
from tfgan_models.errors import InputError


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
                headers.append(read_header(file))
            findings = inspect_pictures(files, headers, "pictures")
            reading = _for_all_depths(Reading.from_manifest(manifest), findings, "range" in manifest)
            images = []
            for file in files:
                images.append(read_picture(file, image_size, channels, reading))
        except Unreadable as error:
            raise InputError(f"{os.fspath(file)!r} cannot be read as a picture ({error}): give another") from error
    return to_float(np.stack(images)) if images else np.zeros((0, *manifest["image_shape"]), np.float32)


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
