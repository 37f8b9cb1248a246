"""Private names of Keras and TensorFlow, the only module that uses them: a release that changes one breaks this file.

Each function states the version that it was checked with. One private method is overridden elsewhere, because an
override must be a method: ``GenerativeModel._maybe_symbolic_build``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import keras
import tensorflow as tf
from keras.src.utils import naming


def flatten_layers(network: keras.Layer) -> list[keras.Layer]:
    """A network and all layers in it, at any depth. Keras 3.15.1: ``Layer._flatten_layers``."""
    return list(network._flatten_layers())


def has_input(layer: keras.Layer, tensor: keras.KerasTensor) -> bool:
    """Return whether a layer of a functional model takes a tensor. Keras 3.15.1: ``Operation._inbound_nodes``."""
    return any(each is tensor for node in layer._inbound_nodes for each in node.input_tensors)


def adam_moments(
    optimizer: keras.optimizers.Adam, variable: keras.Variable | tf.Variable
) -> tuple[keras.Variable, ...]:
    """Adam's two moments of a variable's gradient, the mean and the mean square.

    Keras 3.15.1: ``Adam._momentums`` and ``Adam._velocities``, indexed by ``Optimizer._get_variable_index``.
    """
    index = optimizer._get_variable_index(variable)
    return optimizer._momentums[index], optimizer._velocities[index]


def weight_averages(optimizer: keras.Optimizer) -> list[keras.Variable]:
    """The moving averages of an optimizer's variables, in their order. It has them with ``use_ema=True``.

    Keras 3.15.1: ``Optimizer._model_variables_moving_average``.
    """
    return optimizer._model_variables_moving_average


def replace_average_update(optimizer: keras.Optimizer, update: Callable[[Sequence[keras.Variable]], None]) -> None:
    """Let an optimizer call ``update(variables)`` after each step in place of its own update of the averages.

    Keras has no argument for this, so the method is replaced in this one object.
    Keras 3.15.1: ``Optimizer._update_model_variables_moving_average``.
    """
    optimizer._update_model_variables_moving_average = update  # pyright: ignore[reportAttributeAccessIssue]


def in_multi_worker_mode(strategy: tf.distribute.Strategy) -> bool:
    """Return whether several processes train together. TensorFlow 2.21: ``StrategyExtended._in_multi_worker_mode``."""
    return strategy.extended._in_multi_worker_mode()


def keep_values(bar: keras.utils.Progbar | None, names: Collection[str]) -> None:
    """Drop all values from a progress bar that are not among the names; it would show those of earlier steps, too.

    Keras 3.15.1: ``Progbar._values_order``.
    """
    if bar is not None:
        bar._values_order = [name for name in bar._values_order if name in names]


def reset_names() -> None:
    """Let the numbers in the names that Keras gives to layers begin again. Keras 3.15.1: ``naming.reset_uids``."""
    naming.reset_uids()


def optimizer_slots(optimizer: keras.Optimizer) -> dict[str, list[keras.Variable]]:
    """An optimizer's states of its variables, such as Adam's moments, in the order of the variables.

    Keras 3.15.1: attributes of optimizers that are lists as long as ``Optimizer._trainable_variables``.
    """
    count = len(optimizer._trainable_variables)
    lists = {name: value for name, value in vars(optimizer).items() if isinstance(value, list) and len(value) == count}
    others = ("_variables", "_trainable_variables")  # all states in one list, and the weights
    return {name: value for name, value in lists.items() if name not in others and _are_variables(value)}


def _are_variables(values: list) -> bool:
    return all(isinstance(value, keras.Variable) for value in values)
