"""Draw many faces with all processors; free of TensorFlow, so that worker processes start at once."""

import functools
import io
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import joblib
from PIL import Image

from tfgan_models.data.faces.drawing import draw

_BATCH = 50


def draw_all(seed: int, start: int, stop: int, image_size: int) -> Iterator[tuple[int, bytes, list[int]]]:
    """Draw the faces ``start`` to ``stop - 1`` in order.

    The workers are fresh interpreters (joblib's loky), never forks of this process, and they do not import the
    user's script again: it works after TensorFlow has started its threads, in notebooks and in unguarded scripts.
    With one processor, or a few faces only, this process draws by itself.

    Yields:
        The face's index, its picture as PNG, and its 40 attributes in {0, 1}.
    """
    starts = range(start, stop, _BATCH)
    workers = min(joblib.cpu_count(), len(starts) // 4) or 1
    parent = os.getpid()
    jobs = (joblib.delayed(_work)(parent, seed, first, min(first + _BATCH, stop), image_size) for first in starts)
    # A few batches ahead bound the memory if whoever reads is slower than the workers.
    options: dict[str, Any] = {"batch_size": 1, "pre_dispatch": 4 * workers}  # joblib's own hints know of strings only
    batches: Any = joblib.Parallel(n_jobs=workers, return_as="generator", **options)(jobs)
    for batch in batches:
        yield from batch


def draw_batch(seed: int, start: int, stop: int, image_size: int) -> list[tuple[int, bytes, list[int]]]:
    """Draw the faces ``start`` to ``stop - 1`` in this process: index, PNG and attributes of each."""
    batch = []
    for index in range(start, stop):
        image, present = draw(seed, index, image_size)
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG", compress_level=1)
        batch.append((index, file.getvalue(), present.tolist()))
    return batch


def _work(parent: int, seed: int, start: int, stop: int, image_size: int) -> list[tuple[int, bytes, list[int]]]:
    if os.getpid() != parent:
        _end_with_parent()
    return draw_batch(seed, start, stop, image_size)


@functools.cache
def _end_with_parent() -> None:
    """Make this worker end soon after its parent: one that was killed cannot tell its workers to stop."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(2.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
