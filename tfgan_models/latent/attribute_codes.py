"""Attributes of the images of a set, and the codes of these images."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.errors import NotFinite
from tfgan_models.latent.parts import in_parts
from tfgan_models.protocols import SupportsEncode

BATCH = 100


class Attributes(NamedTuple):
    """The attributes of some images of a set.

    Attributes:
        rows: rows of the images in the set, int64 ``[n]``.
        values: ``[n, k]`` in {0, 1}.
        names: names of the k attributes.
        exclusive: whether they are classes, of which each image has one.
    """

    rows: np.ndarray
    values: np.ndarray
    names: tuple[str, ...]
    exclusive: bool


def attributes_of(data: ImageSet, limit: int) -> Attributes | None:
    """Attributes, or else classes, of at most ``limit`` images that are spread over a set.

    Returns:
        None if the set has no attributes and no classes, or none that may be used.
    """
    if data.attributes is not None and data.attribute_names:
        rows = np.arange(len(data.images)) if data.labelled is None else data.labelled
        rows = _spread(rows, limit)
        values = np.asarray(data.attributes)[rows]
        return Attributes(rows, values, data.attribute_names, exclusive=False) if len(rows) else None
    if data.labels is None or len(data.label_names) < 2:
        return None
    labels = np.asarray(data.labels)
    rows = np.arange(len(labels)) if data.labelled is None else data.labelled
    rows = _spread(rows[labels[rows] >= 0], limit)
    values = (labels[rows, np.newaxis] == np.arange(len(data.label_names))).astype(np.uint8)
    return Attributes(rows, values, data.label_names, exclusive=True) if len(rows) else None


def _spread(rows: np.ndarray, limit: int) -> np.ndarray:
    """At most ``limit`` rows at equal distances."""
    return rows[np.linspace(0, len(rows) - 1, min(limit, len(rows))).round().astype(int)]


def mean_codes(model: SupportsEncode, images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Means of the posteriors of some images of a set, ``[n, latent_dim]``, in parts so that the memory is bounded.

    Args:
        model: a model with ``encode``.
        images: uint8 ``[n, h, w, c]``, which may be memory-mapped.
        rows: rows of the images.

    Raises:
        NotFinite: some codes are NaN or infinite.
    """
    size = min(getattr(model, "inference_batch", None) or BATCH, BATCH)
    codes = in_parts(lambda part: np.asarray(model.encode(to_float(images[part])).mean(), np.float32), rows, size)
    if not np.isfinite(codes).all():
        raise NotFinite("codes became not finite")
    return codes
