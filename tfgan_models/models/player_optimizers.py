"""The optimizers of a model's players, and how Keras sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras

from tfgan_models.errors import InputError
from tfgan_models.models.gradients import check_optimizers, warm_up_average

if TYPE_CHECKING:
    from tfgan_models.models.base import GenerativeModel

KERAS_LOSSES = ("loss", "loss_weights", "metrics", "weighted_metrics")


def player_optimizers(
    model: str, players: Sequence[str], optimizer: Any, named: Mapping[str, Any]
) -> dict[str, keras.Optimizer]:
    """Make the optimizers of ``compile``: the named ones, and for each other player one like ``optimizer``.

    Args:
        model: name of the model's class.
        players: names of the players.
        optimizer: a Keras optimizer, its name or its configuration; None for none.
        named: the same for some players.

    Raises:
        InputError: an optimizer cannot be made, or losses or metrics are among the names.
    """
    if wrong := [name for name in KERAS_LOSSES if name in named]:
        raise InputError(f"compile {wrong[0]}: {model} computes its own losses and metrics, leave {wrong[0]} out")
    optimizers = {player: _optimizer(value) for player, value in named.items()}
    others = [player for player in players if player not in named]
    if optimizer is not None and others:
        first = _optimizer(optimizer)
        config = first.get_config()
        # One of its own for each player, because an optimizer belongs to the variables that it was built for.
        optimizers |= {player: first if player == others[0] else type(first).from_config(config) for player in others}
    return optimizers


def _optimizer(value: Any) -> keras.Optimizer:
    try:
        return keras.optimizers.get(value)
    except (ValueError, TypeError):
        raise InputError(f"optimizer {value!r}: give a Keras optimizer or the name of one, such as 'adam'") from None


def build_optimizers(model: GenerativeModel, optimizers: Mapping[str, keras.Optimizer]) -> None:
    """Build the optimizer of each player for its variables, and warm up its averages.

    Raises:
        ValueError: as ``check_optimizers``.
    """
    check_optimizers(type(model).__name__, model.players, optimizers)
    for player, optimizer in optimizers.items():
        optimizer.build(model.variables_of(player))
        warm_up_average(optimizer)


class PlayerOptimizers:
    """``model.optimizer`` for Keras' callbacks, which read and set the learning rate of each player's optimizer.

    Attributes:
        optimizers: a ``PlayerOptimizer`` for each player.
        variables: those of all optimizers, which ``summary`` counts.
        built: that the optimizers have their variables, which is the case after ``compile``.
    """

    built = True

    def __init__(self, optimizers: Mapping[str, keras.Optimizer]):
        self.optimizers = [PlayerOptimizer(player, optimizer) for player, optimizer in optimizers.items()]
        self.variables = [variable for optimizer in optimizers.values() for variable in optimizer.variables]


class PlayerOptimizer:
    """The learning rate of one player, under the player's name in place of the optimizer's.

    Attributes:
        name: the player's name.
    """

    def __init__(self, name: str, optimizer: keras.Optimizer):
        self.name = name
        self._optimizer = optimizer

    @property
    def learning_rate(self) -> Any:
        """The optimizer's learning rate."""
        return self._optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._optimizer.learning_rate = value
