"""Images with random access, with their labels and attributes."""

from __future__ import annotations

import dataclasses

import numpy as np

from tfgan_models.data import digests
from tfgan_models.data.reading import Reading


@dataclasses.dataclass(frozen=True)
class ImageSet:
    """Images with random access, with their labels and attributes.

    Args:
        images: uint8 ``[n, h, w, c]``, memory-mapped from the cache, or ``EncodedImages``, which are indexed like it.
        labels: int32 ``[n]``, -1 for an image without a label; or None.
        attributes: uint8 ``[n, k]`` in {0, 1}, or None.
        label_names: names of the labels 0, 1, …; empty without labels.
        attribute_names: names of the k attributes; empty without attributes.
        name: short name that can name a folder: ``"faces"``, ``"mnist"``, ``"folder-holidays"``.
        key: differs whenever the images may differ; can name a folder.
        labelled: int64 ``[m]``, the rows whose labels may be used in training; None for all rows.
        reading: the reading of the images.
        split_digest: hash of all images of the split, if some of them were left out of this set; else empty.
    """

    images: np.ndarray
    labels: np.ndarray | None
    attributes: np.ndarray | None
    label_names: tuple[str, ...]
    attribute_names: tuple[str, ...]
    name: str
    key: str = ""
    labelled: np.ndarray | None = None
    reading: Reading = dataclasses.field(default_factory=Reading)
    split_digest: str = ""

    def digest(self) -> str:
        """Hash of images, labels and attributes: equal for equal sets, wherever they came from."""
        arrays = {"images": self.images, "labels": self.labels, "attributes": self.attributes}
        return digests.digest({name: array for name, array in arrays.items() if array is not None})

    def images_digest(self) -> str:
        """Hash of the images alone."""
        return dataclasses.replace(self, labels=None, attributes=None).digest()

    def image_digests(self) -> dict[str, str]:
        """The entries of a manifest by which the data of a training are recognized."""
        digests = {"training_images": self.images_digest()}
        return digests | ({"split_images": self.split_digest} if self.split_digest else {})
