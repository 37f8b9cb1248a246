"""Let all players' learning rates fall from epoch to epoch."""

from __future__ import annotations

import math
from typing import Any

from tfgan_models.callbacks.model_callback import ModelCallback


class LearningRateDecay(ModelCallback):
    """Multiply every optimizer's learning rate at the beginning of each epoch but the first, and cool down at the end.

    Keras' schedules count an optimizer's own steps, which stand still while its player's gate is closed; epochs do
    not. The rate is part of an optimizer's state, so that a resumed run goes on where it stood; one that has finished
    and goes on for more epochs keeps its last rate until the new cooldown.

    Args:
        decay: the factor.
        cooldown: share of the epochs, the last ones, over which the rate also falls to nearly 0 along half a cosine.
    """

    def __init__(self, decay: float, cooldown: float = 0.0):
        super().__init__()
        self.decay = decay
        self.cooldown = cooldown

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Lower the rates; ``epoch`` counts from 0."""
        if epoch:
            factor = self.decay * self._cooled(epoch) / self._cooled(epoch - 1)
            for optimizer in self.model.optimizers.values():
                rate: Any = optimizer.learning_rate  # a variable or a number, which Keras' own hints do not say
                optimizer.learning_rate = rate * factor

    def _cooled(self, epoch: int) -> float:
        """The cooldown's factor on the first rate, in the middle of an epoch."""
        parameters: Any = self.params  # None before ``fit`` sets it
        epochs = parameters["epochs"]
        length = round(self.cooldown * epochs)
        first = epochs - length
        return 1.0 if epoch < first else 0.5 * (1 + math.cos(math.pi * (epoch - first + 0.5) / length))
