"""The networks that a model's variables belong to."""

from __future__ import annotations

import itertools

import keras

from tfgan_models.keras_private import flatten_layers
from tfgan_models.layers.replay_buffer import ReplayBuffer
from tfgan_models.models.base import GenerativeModel


def exported_variables(model: GenerativeModel) -> list[keras.Variable]:
    """The variables of an export: all but past fakes, which only the training needs and which may be large."""
    buffers = [layer for layer in flatten_layers(model) if isinstance(layer, ReplayBuffer)]
    past = {id(variable) for buffer in buffers for variable in buffer.variables}
    return [variable for variable in model.variables if id(variable) not in past]


def networks_of_variables(model: GenerativeModel, variables: list[keras.Variable] | None = None) -> list[str]:
    """The name of the network of each variable, by default of ``model.variables``; empty for the model's own."""
    names: dict[int, str] = {}
    for network in dict.fromkeys(name for networks in model.players.values() for name in networks):
        names |= {id(variable): network for variable in getattr(model, network).variables if id(variable) not in names}
    return [names.get(id(variable), "") for variable in (model.variables if variables is None else variables)]


def about(model: GenerativeModel, variables: list[keras.Variable] | None = None) -> list[list]:
    """The networks of the variables as JSON values: pairs of a name and a number of variables in sequence."""
    return [[name, len(list(group))] for name, group in itertools.groupby(networks_of_variables(model, variables))]


def from_about(pairs: list[list], variables: int) -> list[str]:
    """The network of each variable from the result of ``about``; empty names if it does not fit their number."""
    names = [name for name, count in pairs for _ in range(count)]
    return names if len(names) == variables else [""] * variables
