"""Let a run go on when there is not enough memory to draw or to measure at the end of an epoch."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import tensorflow as tf

OnEpochEnd = Callable[..., None]
OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)


def warn_if_out_of_memory(name: str) -> Callable[[OnEpochEnd], OnEpochEnd]:
    """Decorate a callback's ``on_epoch_end`` so that a lack of memory costs one line of warning, not the run.

    A callback that affects the training is not spared: one that has ``stop_on_collapse`` set.

    Args:
        name: what the epoch goes without, for the warning.
    """

    def decorate(on_epoch_end: OnEpochEnd) -> OnEpochEnd:
        @functools.wraps(on_epoch_end)
        def guarded(self: Any, epoch: int, logs: dict | None = None) -> None:
            try:
                on_epoch_end(self, epoch, logs)
            except OUT_OF_MEMORY:
                if getattr(self, "stop_on_collapse", False):
                    raise
                print(
                    f"\nout of memory: epoch {epoch + 1} goes without {name}, and the training continues",
                    file=sys.stderr,
                )

        return guarded

    return decorate
