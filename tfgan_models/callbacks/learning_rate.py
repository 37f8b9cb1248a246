"""Let all players' learning rates fall from epoch to epoch."""

from __future__ import annotations

import math
from typing import Any

from tfgan_models.callbacks.model_callback import ModelCallback

LEAST = 4e-4  # share of the first rate at the end of a fall by a power: the 1e-5 of 0.025 of Larsen et al.


class LearningRateDecay(ModelCallback):
    """Multiply every optimizer's learning rate at the beginning of each epoch but the first, and cool down at the end.

    Keras' schedules count an optimizer's own steps, which stand still while its player's gate is closed; epochs do
    not. The rate is part of an optimizer's state, so that a resumed run goes on where it stood; one that has finished
    and goes on for more epochs keeps its last rate until the new cooldown.

    Args:
        decay: the factor.
        cooldown: share of the epochs, the last ones, over which the rate also falls to nearly 0 along half a cosine.
        power: the rate also falls as 1 − (epoch / epochs)^power, to 1/2500 of itself; 0 for no such fall. Larsen et
            al. take 0.75.
    """

    def __init__(self, decay: float, cooldown: float = 0.0, power: float = 0.0):
        super().__init__()
        self.decay = decay
        self.cooldown = cooldown
        self.power = power

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Lower the rates; ``epoch`` counts from 0."""
        if epoch:
            factor = self.decay * self._factor(epoch) / self._factor(epoch - 1)
            for optimizer in self.model.optimizers.values():
                rate: Any = optimizer.learning_rate  # a variable or a number, which Keras' own hints do not say
                optimizer.learning_rate = rate * factor

    def _factor(self, epoch: int) -> float:
        """The factor of power and cooldown on the first rate."""
        parameters: Any = self.params  # None before ``fit`` sets it
        epochs = parameters["epochs"]
        fallen = (1 - LEAST) * (epoch / epochs) ** self.power if self.power else 0.0
        return (1 - fallen) * self._cooled(epoch, epochs)

    def _cooled(self, epoch: int, epochs: int) -> float:
        """The cooldown's factor in the middle of an epoch."""
        length = round(self.cooldown * epochs)
        first = epochs - length
        return 1.0 if epoch < first else 0.5 * (1 + math.cos(math.pi * (epoch - first + 0.5) / length))
