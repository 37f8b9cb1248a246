"""Layers of one model that have the same place, kind and shapes as layers of another."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# Networks that do the same under another name.
SAME = {"generator": "decoder", "critic": "discriminator"}


class Weight(NamedTuple):
    """A variable of a model.

    Attributes:
        network: the name of its network, such as ``decoder``; empty if it is unknown.
        path: as Keras gives it: ``conv2d_3/kernel``.
        shape: its shape.
    """

    network: str
    path: str
    shape: tuple[int, ...]


class Layer(NamedTuple):
    """A layer, or a part of one, with variables.

    Attributes:
        network: the name of its network.
        name: the layer's path in the network.
        indices: the places of its variables in the list of the model's variables.
        signature: its kind, and the names and shapes of its variables.
    """

    network: str
    name: str
    indices: tuple[int, ...]
    signature: tuple

    def __str__(self) -> str:
        return f"{self.network}/{self.name}" if self.network else self.name


class Match(NamedTuple):
    """The result of ``match``.

    Attributes:
        pairs: the place of each variable that fits, and that of its counterpart in the parent.
        new: layers without a counterpart in the parent.
        unused: layers of the parent without a counterpart.
    """

    pairs: dict[int, int]
    new: list[Layer]
    unused: list[Layer]


def match(child: Sequence[Weight | None], parent: Sequence[Weight | None]) -> Match:
    """Match the layers of two models, network by network and in their order.

    Numbers at the end of names do not count, because Keras numbers layers by all that a process has built. If the
    networks of one model are unknown, all of its layers are one sequence.

    Args:
        child: variables of the model that takes weights; None for those that are not weights, such as counters.
        parent: variables of the model that gives them.
    """
    children, parents = layers_of(child), layers_of(parent)
    pairs: dict[int, int] = {}
    for ours, theirs in _sequences(children, parents):
        blocks = difflib.SequenceMatcher(
            None, [layer.signature for layer in theirs], [layer.signature for layer in ours], autojunk=False
        )
        for start, own, size in blocks.get_matching_blocks():
            for layer, other in zip(ours[own : own + size], theirs[start : start + size], strict=True):
                pairs |= dict(zip(layer.indices, other.indices, strict=True))
    used = set(pairs.values())
    new = [layer for layer in children if layer.indices[0] not in pairs]
    return Match(pairs, new, [layer for layer in parents if layer.indices[0] not in used])


def layers_of(weights: Sequence[Weight | None]) -> list[Layer]:
    """The layers of a model, each with its variables, which stand next to each other."""
    layers = []
    numbered = [(i, weight) for i, weight in enumerate(weights) if weight is not None]
    for (network, name), group in itertools.groupby(numbered, lambda each: (each[1].network, _layer(each[1].path))):
        members = list(group)
        kind = re.sub(r"_\d+$", "", name.rpartition("/")[2])
        shapes = tuple((weight.path.rpartition("/")[2], weight.shape) for _, weight in members)
        layers.append(Layer(network, name, tuple(i for i, _ in members), (kind, shapes)))
    return layers


def _layer(path: str) -> str:
    """The layer of a variable. A wrapper and its layer may have one name, which copies of a model repeat or not."""
    layers = path.split("/")[:-1]
    return "/".join(name for i, name in enumerate(layers) if i == 0 or name != layers[i - 1])


def _sequences(children: list[Layer], parents: list[Layer]) -> Iterator[tuple[list[Layer], list[Layer]]]:
    """Yield the layers of each network of the child with those of the parent's network of the same purpose."""
    if not all(any(layer.network for layer in layers) for layers in (children, parents)):
        yield children, parents
        return
    names = dict.fromkeys(layer.network for layer in parents)
    for network in dict.fromkeys(layer.network for layer in children):
        same = [other for other in names if _purpose(other) == _purpose(network)]
        other = network if network in names else next(iter(same), None)
        if network and other:
            yield (
                [layer for layer in children if layer.network == network],
                [layer for layer in parents if layer.network == other],
            )


def _purpose(network: str) -> str:
    return SAME.get(network, network)
