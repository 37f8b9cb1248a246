"""Fade new layers in, from step to step."""

from __future__ import annotations

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.keras_private import flatten_layers
from tfgan_models.layers.fade_in import FadeIn


class FadeInSchedule(ModelCallback):
    """Raise α of all ``FadeIn`` layers of a model linearly from 0 to 1.

    At the end of an epoch it is that of the next step, so that the checkpoint and the pictures of the last epoch have
    the value 1. Place the callback before those that save and draw.

    Args:
        first_epoch: the epoch in which the layers begin to fade in, counted from 0.
        epochs: the number of epochs until α is 1.
    """

    def __init__(self, first_epoch: int, epochs: int):
        super().__init__()
        self.first_epoch = first_epoch
        self.epochs = epochs
        self._epoch = first_epoch

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Find the layers."""
        self._layers = [layer for layer in flatten_layers(self.model) if isinstance(layer, FadeIn)]

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Remember the epoch, counted from 0."""
        self._epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Set α of a step."""
        self._set(batch)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Set α of the next step."""
        self._set(self.steps)

    def _set(self, steps_of_epoch: int) -> None:
        done = (self._epoch - self.first_epoch) * self.steps + steps_of_epoch
        for layer in self._layers:
            layer.alpha.assign(min(1.0, done / (self.epochs * self.steps)))
