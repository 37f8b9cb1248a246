"""Single pictures of a user's, read as the pictures were that a model was trained on."""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tfgan_models.data.findings import Findings, decide, look
from tfgan_models.data.picture import Unreadable, read_header, read_picture
from tfgan_models.data.pixels import to_float
from tfgan_models.data.plan import Request
from tfgan_models.data.reading import FULL, Reading
from tfgan_models.data.utils import user_path
from tfgan_models.errors import InputError


def read_like_training(paths: Sequence[str | os.PathLike], manifest: Mapping[str, Any]) -> np.ndarray:
    """Read pictures as those that a model was trained on: size, channels, crop, fit, background and range are theirs.

    A depth that the training's pictures did not have is read by the range of these pictures.

    Args:
        paths: of the pictures, n of them.
        manifest: of the model's export. What one of an earlier version does not record is what was usual then.

    Returns:
        float32 ``[n, h, w, c]`` in [-1, 1].

    Raises:
        InputError: a picture cannot be read, or the manifest has values that no export has.
    """
    image_size, _, channels = manifest["image_shape"]
    files = [user_path(os.fspath(path)) for path in paths]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, about odd metadata
        try:
            headers = []
            for file in files:
                headers.append(read_header(file))
            reading = _for_all_depths(
                Reading.from_manifest(manifest), look(files, headers, "pictures"), "range" in manifest
            )
            images = []
            for file in files:
                images.append(read_picture(file, image_size, channels, reading))
        except Unreadable as error:
            raise InputError(f"{os.fspath(file)!r} cannot be read as a picture ({error}): give another") from error
    return to_float(np.stack(images)) if images else np.zeros((0, *manifest["image_shape"]), np.float32)


def _for_all_depths(reading: Reading, findings: Findings, recorded: bool) -> Reading:
    """The training's reading with ranges for depths that its pictures did not have."""
    others = dict(decide(Request("train", 8), findings).ranges) | {"uint8": FULL["uint8"]}
    if not recorded:  # Earlier versions read all pictures of 16 bits so.
        others["uint16"] = FULL["uint16"]
    return dataclasses.replace(reading, ranges=others | dict(reading.ranges))
