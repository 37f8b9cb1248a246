"""Print the progress of a training: a bar on a terminal, a plain line for each epoch elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Mapping
from typing import Any

import keras
import numpy as np

from tfgan_models.keras_private import keep_values
from tfgan_models.models.base import GenerativeModel

# Figures of ``Evaluation`` in an epoch's line; all of them are in ``metrics.comparison.LEADING``.
LEADING = ("samples/frechet_distance", "samples/coverage", "reconstructions/attribute_cosine")
HELD_OUT = ("test_error", "val_pixel_error")
GAME = ("accuracy", "wasserstein_distance", "energy")  # endings of names
BAR_VALUES = 5  # more would fill several rows of a terminal


class Progress(keras.callbacks.ProgbarLogger):
    """Keras' progress bar with at most five values on a terminal, or else one plain line at the end of each epoch.

    TensorBoard and ``metrics.csv`` have all values. Place it after the callbacks whose figures it shows. Call ``fit``
    with ``verbose=0``, because this callback has a level of its own.

    Args:
        step_images: number of images in a step, of all devices together.
        verbose: 0 prints nothing; 1 prints a bar on a terminal and lines elsewhere; 2 always prints lines.
        epochs: total number of epochs, if ``fit`` trains only some of them; by default those of ``fit``.
    """

    def __init__(self, step_images: int, verbose: int = 1, epochs: int | None = None):
        super().__init__()
        self.step_images = step_images
        self.total_epochs = epochs
        self.with_lines = verbose == 2 or (verbose == 1 and not sys.stdout.isatty())
        self.with_bar = verbose == 1 and not self.with_lines
        self.clock: list[tuple[int, float]] = []  # steps done in this epoch, and the time

    def set_params(self, params: dict | None) -> None:
        """Set the number of epochs and steps."""
        super().set_params(params)
        self.verbose = int(self.with_bar)
        self.epochs = self.total_epochs or self.epochs

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Start the clock and the bar."""
        super().on_epoch_begin(epoch)
        self.clock = [(0, time.monotonic())]

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Move the bar."""
        # The epoch's begin, the end of the first call and that of the last one. The first call may compile the step, so
        # that the speed is measured from its end, if others follow.
        self.clock = [*self.clock[:2], (batch + 1, time.monotonic())]
        if self.with_bar:
            super().on_train_batch_end(batch, self._for_bar(logs or {}))

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Finish the bar, or print the line."""
        logs = logs or {}
        if self.with_bar:
            values = self._for_bar(logs)
            keep_values(self.progbar, values)
            super().on_epoch_end(epoch, values)
        if self.with_lines:
            losses, measured, game = self._names(logs)
            values = {_short(name): logs[name] for name in (*losses, *measured, *(() if losses else game))}
            seconds = time.monotonic() - self.clock[0][1]
            words = [f"{seconds:.1f} s", f"{self._images_per_second():,.0f} images/s"]
            words += [f"{name} {np.mean(value):.4g}" for name, value in values.items()]
            print(f"epoch {epoch + 1}/{self.epochs}: {', '.join(words)}", flush=True)

    def _images_per_second(self) -> float:
        (first, start), (last, end) = self.clock[-2:] if len(self.clock) > 1 else self.clock * 2
        return self.step_images * (last - first) / max(end - start, 1e-9)

    def _for_bar(self, logs: Mapping[str, float]) -> dict[str, float]:
        losses, measured, game = self._names(logs)
        names = [*losses[:3], *measured, *losses[3:], *game][:BAR_VALUES]
        return {_short(name): logs[name] for name in names}

    def _names(self, logs: Collection[str]) -> tuple[list[str], list[str], list[str]]:
        """Names of the players' losses, of figures of held-out images and samples, and of others of the game."""
        players = self.model.players if isinstance(self.model, GenerativeModel) else ()
        losses = [name for name in (*(f"{player}_loss" for player in players), "loss") if name in logs]
        measured = [name for figure in (*LEADING, *HELD_OUT) for name in logs if _short(name) == figure]
        return losses, measured, [name for name in logs if name.endswith(GAME)]


def verbose_of_fit(level: int) -> Any:
    """The argument ``verbose`` of a ``fit`` without ``Progress``: a bar on a terminal, lines elsewhere."""
    return 0 if not level else 1 if level == 1 and sys.stdout.isatty() else 2


def _short(name: str) -> str:
    """The name of a figure without its extractor and number of images."""
    return "/".join(name.split("/")[:2])
