"""Models whose weights stay as they are in a step, so that NumPy can recompute its losses."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tests.models.small import compiled


def tensors(step: dict) -> dict:
    return {k: tf.constant(v) for k, v in step.items()}


def softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, x)


def still(make, **rates: float):
    """A model whose players do not move, but for those that are named."""
    model = compiled(make)
    for player, optimizer in model.optimizers.items():
        optimizer.learning_rate = rates.get(player, 0.0)
    return model
