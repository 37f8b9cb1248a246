"""Let all players' learning rates fall from epoch to epoch."""

from __future__ import annotations

from typing import Any

from tfgan_models.callbacks.model_callback import ModelCallback


class LearningRateDecay(ModelCallback):
    """Multiply every optimizer's learning rate at the beginning of each epoch but the first.

    Keras' schedules count an optimizer's own steps, which stand still while its player's gate is closed; epochs do
    not. The rate is part of an optimizer's state, so that a resumed run goes on where it stood.

    Args:
        decay: the factor.
    """

    def __init__(self, decay: float):
        super().__init__()
        self.decay = decay

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Lower the rates; ``epoch`` counts from 0."""
        if epoch:
            for optimizer in self.model.optimizers.values():
                rate: Any = optimizer.learning_rate  # a variable or a number, which Keras' own hints do not say
                optimizer.learning_rate = rate * self.decay
