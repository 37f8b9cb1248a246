"""Arrays in memory as a data set."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from PIL import Image

from tfgan_models.data.depth import depth_of_array, to_eight_bits
from tfgan_models.data.findings import decide_reading, inspect_arrays
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.picture import crop_and_resize
from tfgan_models.data.plan import Request
from tfgan_models.data.reading import check_range
from tfgan_models.data.utils import folder_name
from tfgan_models.errors import InputError


def from_arrays(
    images: np.ndarray,
    labels: Sequence[int] | np.ndarray | None = None,
    attributes: np.ndarray | None = None,
    *,
    image_size: int | None = None,
    label_names: Sequence[str] = (),
    attribute_names: Sequence[str] = (),
    range: Sequence[float] | str | None = None,
    name: str = "arrays",
) -> ImageSet:
    """Make a data set of arrays. Give one call the training images, another one the held-out images.

    Args:
        images: ``[n, h, w]`` or ``[n, h, w, c]`` with 1, 3 or 4 channels, of bytes, other integers or floats.
        labels: ``[n]``, the class of each image as a number from 0 on, or -1 for an image without a label.
        attributes: ``[n, k]`` in {0, 1}.
        image_size: side of the images in pixels, to which the square in the middle is resized; by default images stay
            as they are and have to be squares.
        label_names: names of the classes 0, 1, …; by default their numbers.
        attribute_names: names of the k attributes; by default their numbers.
        range: the values that become black and white; by default chosen by the values, as for a folder of pictures.
            Give a training set and its held-out set the same.
        name: short name of the set, which can name a folder.

    Raises:
        InputError: an argument cannot be used; the message is one line and says what to do.
    """
    images = np.asarray(images)
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or images.shape[-1] not in (1, 3, 4) or not images.size or images.dtype.kind not in "uif":
        raise InputError(
            f"images of the shape {list(images.shape)} and type {images.dtype}: give numbers [n, h, w] or [n, h, w, c] "
            "with 1, 3 or 4 channels",
            "images",
        )
    count, height, width, channels = images.shape
    if image_size is None and height != width:
        raise InputError(f"images of {width}×{height} pixels are not squares: give image_size", "images")
    request = Request("train", image_size or height, channels, ranges=check_range(range))
    reading = decide_reading(request, inspect_arrays(images))
    if depth_of_array(images) != "uint8" or reading.identity():
        images = np.stack([to_eight_bits(image, reading.ranges) for image in images])
    if (height, width) != (request.image_size, request.image_size):
        rest = dataclasses.replace(reading, ranges={})
        squares = (image[..., 0] if channels == 1 else image for image in images)
        images = np.stack(
            [crop_and_resize(Image.fromarray(image), request.image_size, channels, rest) for image in squares]
        )
    labels, label_names = _labels(labels, count, label_names)
    attributes, attribute_names = _attributes(attributes, count, attribute_names)
    arrays = ImageSet(
        np.ascontiguousarray(images),
        labels,
        attributes,
        tuple(label_names),
        tuple(attribute_names),
        folder_name(name),
        reading=reading,
    )
    return dataclasses.replace(arrays, key=f"{arrays.name}-{arrays.digest()}")


def _labels(
    labels: Sequence[int] | np.ndarray | None, count: int, names: Sequence[str]
) -> tuple[np.ndarray | None, Sequence[str]]:
    """Check the labels; return int32 ``[n]`` and the names of the classes.

    Raises:
        InputError: their shape or a value is not possible.
    """
    if labels is None:
        return None, ()
    values = np.asarray(labels)
    if values.shape != (count,) or values.dtype.kind not in "ui":
        raise InputError(
            f"labels of the shape {list(values.shape)} and type {values.dtype}: give {count} whole numbers", "labels"
        )
    names = names or [str(number) for number in range(int(values.max()) + 1)]
    if values.min() < -1 or values.max() >= len(names):
        wrong = int(values.min() if values.min() < -1 else values.max())
        raise InputError(
            f"labels: {wrong} is not the number of one of {len(names)} classes: give 0 to {len(names) - 1}, or -1 "
            "without a label",
            "labels",
        )
    return values.astype(np.int32), names


def _attributes(
    attributes: np.ndarray | None, count: int, names: Sequence[str]
) -> tuple[np.ndarray | None, Sequence[str]]:
    """Check the attributes; return uint8 ``[n, k]`` and their names.

    Raises:
        InputError: their shape, a value or the number of their names is not possible.
    """
    if attributes is None:
        return None, ()
    values = np.asarray(attributes)
    if values.ndim != 2 or len(values) != count or not np.isin(values, (0, 1)).all():
        raise InputError(
            f"attributes of the shape {list(values.shape)}: give 0 and 1 in the shape [{count}, k]", "attributes"
        )
    names = names or [str(number) for number in range(values.shape[1])]
    if len(names) != values.shape[1]:
        raise InputError(
            f"attribute_names: there are {len(names)} names of {values.shape[1]} attributes, give as many",
            "attribute_names",
        )
    return values.astype(np.uint8), names
