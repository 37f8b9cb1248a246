"""Base class of callbacks that use the model."""

from __future__ import annotations

from typing import Any, cast

import keras

from tfgan_models.models.base import GenerativeModel


class ModelCallback(keras.callbacks.Callback):
    """A callback whose model is a ``GenerativeModel``.

    Attributes:
        pictures_every: epochs from one picture to the next, of callbacks that draw.
    """

    pictures_every = 1
    _undrawn: int | None = None  # the last epoch, if its pictures were not due at its end

    @property
    def model(self) -> GenerativeModel:
        """The model in training; Keras sets it before any other call."""
        return cast(GenerativeModel, super().model)

    @property
    def steps(self) -> int:
        """Steps of an epoch; Keras sets them before the training begins."""
        parameters: Any = self.params  # None before ``fit`` sets it
        return parameters["steps"]

    def draws(self, epoch: int, every: int | None = None) -> bool:
        """Return True if pictures are drawn at the end of an epoch, counted from 0. The last epoch is always drawn.

        Args:
            epoch: the epoch.
            every: epochs from one picture to the next; ``pictures_every`` by default.
        """
        is_due = self.is_due(epoch, every or self.pictures_every)
        self._undrawn = None if is_due else epoch
        return is_due

    def on_train_end(self, logs: dict | None = None) -> None:
        """Draw the last epoch if a later callback, such as ``KeepBest``, stopped the training in it."""
        if self._undrawn is not None and getattr(self.model, "stop_training", False):
            self.on_epoch_end(self._undrawn)

    def is_due(self, epoch: int, every: int) -> bool:
        """Return True if an action of every so many epochs is due now. It always is at the end of the last epoch."""
        last = (self.params or {}).get("epochs", 0)
        return (epoch + 1) % every == 0 or epoch + 1 >= last or getattr(self.model, "stop_training", False)
