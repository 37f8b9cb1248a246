"""Change all players' learning rates: a warm-up from step to step, and a decay from epoch to epoch."""

from __future__ import annotations

import math
from typing import Any

from tfgan_models.callbacks.model_callback import ModelCallback

FINAL_SHARE = 4e-4  # of the initial rate at the end of a decay by a power: 1e-5 of 0.025 in Larsen et al.
EXPONENTIAL_SHARE = 0.01  # of the initial rate at the end of the exponential schedule


class LearningRateDecay(ModelCallback):
    """Multiply every optimizer's learning rate at the beginning of each epoch, and cool down at the end.

    Keras' schedules count an optimizer's steps, which do not advance while its player's gate is closed; epochs do. The
    rate is part of an optimizer's state, so a resumed run continues with it. A completed run that is continued for more
    epochs keeps its last rate until the new cooldown.

    Args:
        decay: factor for each epoch.
        cooldown: final share of the epochs in which the rate also falls to nearly 0 along half a cosine.
        power: exponent p of a further factor 1 − (epoch / epochs)^p, which ends at 1/2500; 0 disables it. Larsen et al.
            use 0.75.
        schedule: "constant", or a further factor that falls in the epochs after the warm-up, in the middle of each:
            "exponential" to 1/100, "cosine" and "linear" to nearly 0.
        warmup: number of first epochs in which the rate rises step by step from nearly 0 to its value.
        epochs: total number of epochs, if ``fit`` trains only some of them; by default those of ``fit``.
    """

    def __init__(
        self,
        decay: float,
        cooldown: float = 0.0,
        power: float = 0.0,
        schedule: str = "constant",
        warmup: int = 0,
        epochs: int | None = None,
    ):
        super().__init__()
        self.decay = decay
        self.cooldown = cooldown
        self.power = power
        self.schedule = schedule
        self.warmup = warmup
        self.epochs = epochs
        self._epoch = 0
        self._targets: dict[str, float] | None = None  # the rates of an epoch of the warm-up without the warm-up

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Multiply the rates; ``epoch`` counts from 0."""
        if epoch:
            factor = self.decay * self._factor(epoch) / self._factor(epoch - 1)
            self._multiply(factor)
        else:
            self._multiply(self._factor(0))  # 1 without a schedule and a cooldown of all epochs
        self._epoch, self._targets = epoch, None
        if epoch < self.warmup:
            risen = epoch / self.warmup or 1.0  # the first epoch begins with the whole rate
            self._targets = {name: _rate(optimizer) / risen for name, optimizer in self.model.optimizers.items()}

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Raise the rates in the epochs of the warm-up. Several steps of one call of Keras have one rate."""
        if self._targets is not None:
            self._set_share(batch + 1)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Leave the rates of the warm-up's last step to the checkpoint, from which the next epoch goes on."""
        if self._targets is not None:
            self._set_share(self.steps)
            self._targets = None

    def _set_share(self, steps: int) -> None:
        """Set the rates after so many steps of this epoch of the warm-up."""
        assert self._targets is not None
        share = (self._epoch * self.steps + steps) / (self.warmup * self.steps)
        for name, optimizer in self.model.optimizers.items():
            optimizer.learning_rate = self._targets[name] * share

    def _multiply(self, factor: float) -> None:
        for optimizer in self.model.optimizers.values():
            rate: Any = optimizer.learning_rate  # a variable or a number, against Keras' type hints
            optimizer.learning_rate = rate * factor

    def _epochs(self) -> int:
        parameters: Any = self.params  # None before ``fit`` sets it
        return self.epochs or parameters["epochs"]

    def _factor(self, epoch: int) -> float:
        """Factor of power, cooldown and schedule on the initial rate."""
        epochs = self._epochs()
        decline = (1 - FINAL_SHARE) * (epoch / epochs) ** self.power if self.power else 0.0
        return (1 - decline) * self._cooldown_factor(epoch, epochs) * self._scheduled(epoch, epochs)

    def _cooldown_factor(self, epoch: int, epochs: int) -> float:
        """Factor of the cooldown in the middle of an epoch."""
        length = round(self.cooldown * epochs)
        first = epochs - length
        return 1.0 if epoch < first else 0.5 * (1 + math.cos(math.pi * (epoch - first + 0.5) / length))

    def _scheduled(self, epoch: int, epochs: int) -> float:
        """Factor of the schedule in the middle of an epoch; 1 in the warm-up."""
        if epoch < self.warmup:
            return 1.0
        done = (epoch - self.warmup + 0.5) / (epochs - self.warmup)
        return {
            "constant": 1.0,
            "exponential": EXPONENTIAL_SHARE**done,
            "cosine": 0.5 * (1 + math.cos(math.pi * done)),
            "linear": 1 - done,
        }[self.schedule]


def _rate(optimizer: Any) -> float:
    return float(optimizer.learning_rate)
