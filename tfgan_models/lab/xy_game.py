"""The smallest game: one player chooses x and minimizes xy, the other chooses y and minimizes −xy.

Salimans et al. 2016 (1606.03498), section 3: the equilibrium is (0, 0), and simultaneous gradient descent does not
reach it. With historical averaging (section 3.3) it does.
"""

from __future__ import annotations

import numpy as np

METHODS = {
    "continuous": "the continuous flow: an orbit",
    "simultaneous": "gradient descent by both at once",
    "historical_averaging": "the same with historical averaging",
}
START, RATE, STEPS, WEIGHT = (1.0, 0.0), 0.1, 400, 0.1


def orbit(start: tuple[float, float] = START, rate: float = RATE, steps: int = STEPS) -> np.ndarray:
    """Solution of dx/dt = −y, dy/dt = x, a rotation, at the times 0, rate, …, steps · rate: ``[steps + 1, 2]``."""
    times = rate * np.arange(steps + 1)
    turns = np.array([[np.cos(times), -np.sin(times)], [np.sin(times), np.cos(times)]])
    return np.einsum("ijt,j->ti", turns, np.array(start))


def descend(
    start: tuple[float, float] = START, rate: float = RATE, steps: int = STEPS, weight: float = 0.0
) -> np.ndarray:
    """Gradient descent by both players at once.

    Each step rotates the point and multiplies its distance by √(1 + rate²). Historical averaging adds the distance from
    each player's past to its loss, which damps the rotation for weights above about rate / 4.

    Args:
        start: (x, y).
        rate: learning rate.
        steps: number of steps of both players.
        weight: weight of historical averaging; 0 disables it.

    Returns:
        ``[steps + 1, 2]``, the start first.
    """
    import keras
    import tensorflow as tf

    from tfgan_models.layers.weight_history import WeightHistory

    x, y = (keras.Variable(value, dtype="float32") for value in start)
    past = {id(player): WeightHistory([player]) for player in (x, y)}

    @tf.function
    def step() -> None:
        with tf.GradientTape(persistent=True) as tape:
            losses = [x * y, -x * y]
            if weight:
                distances = [past[id(player)].distance([player]) for player in (x, y)]
                losses = [loss + weight * distance for loss, distance in zip(losses, distances, strict=True)]
        gradients = [
            tf.convert_to_tensor(tape.gradient(loss, player)) for loss, player in zip(losses, (x, y), strict=True)
        ]
        for player, gradient in zip((x, y), gradients, strict=True):
            player.assign(player - rate * gradient)

    path = [start]
    for _ in range(steps):
        step()
        path.append((float(x), float(y)))
    return np.array(path)


def play(method: str) -> np.ndarray:
    """Compute the path of one of ``METHODS``, ``[STEPS + 1, 2]``."""
    if method == "continuous":
        return orbit()
    return descend(weight=WEIGHT if method == "historical_averaging" else 0.0)
