"""Decay all players' learning rates from epoch to epoch."""

from __future__ import annotations

import math
from typing import Any

from tfgan_models.callbacks.model_callback import ModelCallback

FINAL_SHARE = 4e-4  # of the initial rate at the end of a decay by a power: 1e-5 of 0.025 in Larsen et al.


class LearningRateDecay(ModelCallback):
    """Multiply every optimizer's learning rate at the beginning of each epoch but the first, and cool down at the end.

    Keras' schedules count an optimizer's steps, which do not advance while its player's gate is closed; epochs do. The
    rate is part of an optimizer's state, so a resumed run continues with it. A completed run that is continued for more
    epochs keeps its last rate until the new cooldown.

    Args:
        decay: factor for each epoch.
        cooldown: final share of the epochs in which the rate also falls to nearly 0 along half a cosine.
        power: exponent p of a further factor 1 − (epoch / epochs)^p, which ends at 1/2500; 0 disables it. Larsen et al.
            use 0.75.
    """

    def __init__(self, decay: float, cooldown: float = 0.0, power: float = 0.0):
        super().__init__()
        self.decay = decay
        self.cooldown = cooldown
        self.power = power

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Multiply the rates; ``epoch`` counts from 0."""
        if epoch:
            factor = self.decay * self._factor(epoch) / self._factor(epoch - 1)
            for optimizer in self.model.optimizers.values():
                rate: Any = optimizer.learning_rate  # a variable or a number, against Keras' type hints
                optimizer.learning_rate = rate * factor

    def _factor(self, epoch: int) -> float:
        """Factor of power and cooldown on the initial rate."""
        parameters: Any = self.params  # None before ``fit`` sets it
        epochs = parameters["epochs"]
        decline = (1 - FINAL_SHARE) * (epoch / epochs) ** self.power if self.power else 0.0
        return (1 - decline) * self._cooldown_factor(epoch, epochs)

    def _cooldown_factor(self, epoch: int, epochs: int) -> float:
        """Factor of the cooldown in the middle of an epoch."""
        length = round(self.cooldown * epochs)
        first = epochs - length
        return 1.0 if epoch < first else 0.5 * (1 + math.cos(math.pi * (epoch - first + 0.5) / length))
