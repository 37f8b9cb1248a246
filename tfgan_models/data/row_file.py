"""An ``.npy`` file that grows row by row."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, cast

import numpy as np


class RowFile:
    """Writer of rows one after the other; ``finish`` completes the file.

    It writes through a file rather than a memory map, because a full disk then raises OSError instead of ending the
    process with a signal.

    Args:
        path: path of the file, which must not exist yet.
        shape: shape of a row.
        dtype: type of its elements.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: type):
        self.shape, self.dtype, self.count = shape, np.dtype(dtype), 0
        self.file = cast(io.BufferedWriter, path.open("xb", buffering=1 << 20))
        self._write_header()

    def __enter__(self) -> RowFile:
        return self

    def __exit__(self, *_: Any) -> None:
        # Without a flush: after a failed write the file is worthless, and flushing would fail again.
        self.file.raw.close()

    def append(self, row: Any) -> None:
        """Write a row.

        Raises:
            ValueError: the row has a different shape.
            OSError: the row could not be written.
        """
        row = np.asarray(row, self.dtype)
        if row.shape != self.shape:
            raise ValueError(f"a row of shape {self.shape} was expected, received {row.shape}")
        self.file.write(row.tobytes())
        self.count += 1

    def extend(self, rows: np.ndarray) -> None:
        """Write several rows.

        Raises:
            ValueError: they have a different shape or type.
            OSError: they could not be written.
        """
        if rows.shape[1:] != self.shape or rows.dtype != self.dtype:
            raise ValueError(f"rows of shape {self.shape} and type {self.dtype} were expected")
        self.file.write(rows.tobytes())
        self.count += len(rows)

    def finish(self) -> dict[str, Any]:
        """Write the number of rows into the header and flush to disk; return shape and bytes of the file."""
        end = self.file.tell()
        self.file.seek(0)
        self._write_header()
        self.file.flush()
        os.fsync(self.file.fileno())
        return {"shape": [self.count, *self.shape], "bytes": end}

    def _write_header(self) -> None:
        # NumPy leaves room in the header for the first axis to grow, so its length does not change.
        np.lib.format.write_array_header_1_0(
            self.file,
            {"descr": self.dtype.str, "fortran_order": False, "shape": (self.count, *self.shape)},
        )
