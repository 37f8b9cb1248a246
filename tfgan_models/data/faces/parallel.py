"""Draw many faces in parallel; independent of TensorFlow, so that worker processes start at once."""

import functools
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np

from tfgan_models.data.faces.drawing import draw

_BATCH = 50

Drawn = tuple[np.ndarray, np.ndarray]
"""An image uint8 ``[size, size, 3]`` and its attributes uint8 ``[40]`` in {0, 1}."""


def draw_all(seed: int, start: int, stop: int, image_size: int) -> Iterator[Drawn]:
    """Draw the faces ``start`` to ``stop - 1`` in order.

    The workers are fresh interpreters (joblib's loky), never forks of this process, and they do not import the
    user's script. So this also works after TensorFlow has started its threads, in notebooks, and in scripts without a
    ``__main__`` guard. On one processor, and for a few faces, no worker is started.
    """
    starts = range(start, stop, _BATCH)
    workers = min(joblib.cpu_count(), len(starts) // 4) or 1
    parent = os.getpid()
    jobs = (joblib.delayed(_work)(parent, seed, first, min(first + _BATCH, stop), image_size) for first in starts)
    # A few batches ahead bound the memory if the reader is slower than the workers.
    options: dict[str, Any] = {"batch_size": 1, "pre_dispatch": 4 * workers}  # joblib's type hints allow strings only
    batches: Any = joblib.Parallel(n_jobs=workers, return_as="generator", **options)(jobs)
    for batch in batches:
        yield from batch


def draw_batch(seed: int, start: int, stop: int, image_size: int) -> list[Drawn]:
    """Draw the faces ``start`` to ``stop - 1`` in this process."""
    return [draw(seed, index, image_size) for index in range(start, stop)]


def _work(parent: int, seed: int, start: int, stop: int, image_size: int) -> list[Drawn]:
    if os.getpid() != parent:
        _end_with_parent()
    return draw_batch(seed, start, stop, image_size)


@functools.cache
def _end_with_parent() -> None:
    """Let this worker end soon after its parent: a killed parent cannot tell its workers to stop."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(2.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
