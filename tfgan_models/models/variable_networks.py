"""The networks that a model's variables belong to."""

from __future__ import annotations

import itertools

from tfgan_models.models.base import GenerativeModel


def networks_of_variables(model: GenerativeModel) -> list[str]:
    """The name of the network of each of ``model.variables``; empty for variables of the model itself."""
    names: dict[int, str] = {}
    for network in dict.fromkeys(name for networks in model.players.values() for name in networks):
        names |= {id(variable): network for variable in getattr(model, network).variables if id(variable) not in names}
    return [names.get(id(variable), "") for variable in model.variables]


def about(model: GenerativeModel) -> list[list]:
    """The networks of the variables as JSON values: pairs of a name and a number of variables in sequence."""
    return [[name, len(list(group))] for name, group in itertools.groupby(networks_of_variables(model))]


def from_about(pairs: list[list], variables: int) -> list[str]:
    """The network of each variable from the result of ``about``; empty names if it does not fit their number."""
    names = [name for name, count in pairs for _ in range(count)]
    return names if len(names) == variables else [""] * variables
