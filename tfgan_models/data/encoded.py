"""Images that are kept as PNG files, one behind the other, and decoded when they are used."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

ENCODING = "png"  # without losses, so that all results are those of the arrays


class EncodedImages:
    """Images that are indexed like an array ``[n, h, w, c]`` of uint8. An index returns decoded images.

    Args:
        content: uint8 ``[bytes]``, the files.
        ends: int64 ``[m]``, the end of each file in ``content``.
        shape: height, width and channels of an image.
        rows: int64 ``[n]``, the numbers of the files in this set; by default all.
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(self, content: np.ndarray, ends: np.ndarray, shape: tuple[int, int, int], rows: Any = None):
        self.content, self.ends, self._rows = content, ends, rows
        self.shape = (len(ends) if rows is None else len(rows), *shape)

    @property
    def parts(self) -> dict[str, np.ndarray]:
        """The arrays by the names of their files, from which the hash of all images follows."""
        return {"encoded": self.content, "ends": self.ends} | ({} if self._rows is None else {"rows": self._rows})

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> np.ndarray:
        """Decode images: ``[n, h, w, c]``, or ``[h, w, c]`` for a number; further indices apply to the result."""
        first, *rest = index if isinstance(index, tuple) else (index,)
        if first is Ellipsis or first is None:
            return np.asarray(self)[index]
        rows = np.arange(len(self))[first]
        flat = np.ravel(rows)
        images = (
            np.stack([self._decode(int(row)) for row in flat])
            if flat.size
            else np.zeros((0, *self.shape[1:]), np.uint8)
        )
        images = images.reshape(*np.shape(rows), *self.shape[1:])
        return images[(*([slice(None)] * np.ndim(rows)), *rest)]

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[row] for row in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:] if dtype is None else self[:].astype(dtype)

    def select(self, rows: np.ndarray) -> EncodedImages:
        """Return some of the images without decoding them."""
        shape = (self.shape[1], self.shape[2], self.shape[3])
        return EncodedImages(self.content, self.ends, shape, np.arange(len(self.ends))[self._files(rows)])

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """The begin and the end of the file of each image, int64 ``[n]``."""
        files = self._files(np.arange(len(self)))
        ends = np.asarray(self.ends)
        return np.concatenate([[0], ends])[files], ends[files]

    def _files(self, rows: np.ndarray) -> np.ndarray:
        return rows if self._rows is None else self._rows[rows]

    def _decode(self, row: int) -> np.ndarray:
        file = int(self._files(np.asarray(row)))
        start = int(self.ends[file - 1]) if file else 0
        with Image.open(io.BytesIO(self.content[start : int(self.ends[file])].tobytes())) as image:
            return np.asarray(image).reshape(self.shape[1:])


def encode(image: np.ndarray) -> np.ndarray:
    """Encode an image, uint8 ``[h, w, c]``, as a PNG file: uint8 ``[bytes]``."""
    file = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(file, ENCODING)
    return np.frombuffer(file.getvalue(), np.uint8)


def select_images(images: Any, rows: np.ndarray) -> Any:
    """Select images of an array, or of ``EncodedImages`` without decoding them."""
    return images.select(rows) if isinstance(images, EncodedImages) else images[rows]
