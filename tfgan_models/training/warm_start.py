"""The start of a run from the weights of another model, and layers that stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from tfgan_models.files import read_json_or_empty
from tfgan_models.keras_private import flatten_layers, weight_averages
from tfgan_models.layers import BatchNormalization, InstanceNormalization, VirtualBatchNormalization
from tfgan_models.layers.weight_history import WeightHistory
from tfgan_models.models.base import GenerativeModel
from tfgan_models.models.gradients import continue_average
from tfgan_models.training import checkpoint
from tfgan_models.training import parent as parents
from tfgan_models.training.flag_rules import refusal
from tfgan_models.training.layer_matching import Layer, Match, match
from tfgan_models.training.start_flags import Start

SHOWN = 6  # layers that the line about a start names
NOTHING_FITS = (
    "no layer has the kind and the shapes of one of this model; give another model, or the --network, --width and "
    "--latent_dim of that one"
)
OPPONENTS = ("discriminator", "critic")


def hold(model: GenerativeModel, count: int) -> None:
    """Freeze the first layers of the discriminator or critic, and rebuild the optimizers without their weights.

    A layer is one with a kernel, together with what follows it up to the next one, such as its normalization.

    Args:
        model: a compiled model that has made no step.
        count: number of layers.

    Raises:
        InputError: the model has no discriminator, or not so many layers.
    """
    player = next((name for name in OPPONENTS if name in model.players), None)
    if player is None:
        having = [name for name in model.players if name.endswith(OPPONENTS)]
        reason = f"has several, {' and '.join(having)}" if having else "has no discriminator"
        raise refusal("freeze", count, f"{type(model).__name__} {reason}; remove the flag")
    if isinstance(getattr(model, f"{player}_average", None), WeightHistory):
        raise refusal("freeze", count, "--historical_averaging needs all weights, remove one of the two")
    layers = getattr(model, model.players[player][0]).layers
    starts = [i for i, layer in enumerate(layers) if _has_kernel(layer)]
    if count >= len(starts):
        raise refusal(
            "freeze",
            count,
            f"the {player} has {len(starts)} layers, and one has to learn: give at most {len(starts) - 1}",
        )
    for layer in layers[: starts[count]]:
        layer.trainable = False
    model.compile_from_config(model.get_compile_config())


def _has_kernel(layer: keras.Layer) -> bool:
    normalizations = (
        BatchNormalization,
        InstanceNormalization,
        VirtualBatchNormalization,
        keras.layers.BatchNormalization,
    )
    return bool(layer.trainable_weights) and not isinstance(layer, normalizations)


def begin(model: GenerativeModel, start: Start, run_dir: Path, resume: bool) -> dict[str, Any] | None:
    """Give a new run the weights of its parent, and prepare a run that resumes.

    A run that has checkpoints does not need its parent any more.

    Args:
        model: the compiled model of the run.
        start: the flags.
        run_dir: folder of the run.
        resume: whether the run goes on from its checkpoints.

    Returns:
        The parent as ``config.json`` records it: its path and the hash of its weights; None without a parent.

    Raises:
        InputError: the parent cannot be read, or no layer fits; or it is not the one that the run has started from.
    """
    if resume and checkpoint.checkpoints(run_dir / "checkpoints"):
        config = read_json_or_empty(run_dir / "config.json")
        if not config:
            return None  # which the folder of the run refuses
        start_before = config.get("start", {})
        record = start_before.get("parent") if isinstance(start_before, dict) else None
        _check_same(start.init_from, record, run_dir)
        for player in (record or {}).get("averages", ()):
            if player in model.optimizers:  # a run of another algorithm is refused later
                continue_average(model.optimizers[player])
        return record
    return None if start.init_from is None else take(model, start.init_from, start.freeze)


def begin_again(model: GenerativeModel, start: Start, record: dict[str, Any]) -> None:
    """Give a run whose checkpoints are all damaged the weights of its parent once more.

    Raises:
        InputError: the parent cannot be read, or has other weights than at the first start.
    """
    assert start.init_from is not None  # as ``begin`` has checked
    if (digest := parents.read(start.init_from).digest) != record["weights"]:
        raise refusal(
            "init_from",
            start.init_from,
            f"all checkpoints of the run are damaged, and the weights of the model have changed from "
            f"{record['weights']} to {digest}; give --no-resume to start over from these",
        )
    take(model, start.init_from, start.freeze)


def _check_same(path: str | None, record: dict[str, Any] | None, run_dir: Path) -> None:
    """Refuse another parent than that of the earlier start; another spelling or another place of it may be given."""
    if record is None and path is None:
        return
    if record is None or path is None:
        has = "has not started from another model" if record is None else f"has --init_from {record['path']}"
    elif Path(path).resolve() == Path(record["path"]).resolve() or parents.read(path).digest == record["weights"]:
        return
    else:
        has = f"has --init_from {record['path']}, whose weights are {record['weights']}"
    advice = "give that, another --run_dir, or --no-resume to start over"
    raise refusal("init_from", path or "", f"the run in {run_dir} {has}; {advice}")


def take(model: GenerativeModel, path: str, freeze: int = 0) -> dict[str, Any]:
    """Take the weights of a parent, and the averages of players whose layers all fit. One line says what did not fit.

    Args:
        model: the compiled model.
        path: run or export of the parent.
        freeze: number of layers that ``hold`` has frozen.

    Raises:
        InputError: the parent cannot be read, no layer fits, or none of it fits a frozen one.
    """
    parent = parents.read(path)
    matched = match(parents.weights_of(model), parent.weights)
    if not matched.pairs:
        raise refusal("init_from", path, NOTHING_FITS)
    if learned_nothing := _held_without(model, matched):
        has = f"the model of --init_from {path} has no weights for {_list(learned_nothing)}"
        raise refusal("freeze", freeze, f"{has}, which would stay random; freeze fewer layers, or leave it out")
    for ours, theirs in matched.pairs.items():
        model.variables[ours].assign(parent.values[theirs])
    players = _take_averages(model, parent, matched)
    print(f"warm start:  {parent.path} ({parent.digest}): {_describe(matched)}; optimizers start afresh")
    return {"path": path, "weights": parent.digest, "averages": players}


def _held_without(model: GenerativeModel, matched: Match) -> list[Layer]:
    """The layers whose kernel is frozen and has no counterpart in the parent."""
    networks = [getattr(model, model.players[player][0]) for player in OPPONENTS if player in model.players]
    held = {
        id(layer.kernel)
        for network in networks
        for layer in flatten_layers(network)
        if not layer.trainable and hasattr(layer, "kernel")
    }
    return [layer for layer in matched.new if any(id(model.variables[i]) in held for i in layer.indices)]


def _take_averages(model: GenerativeModel, parent: parents.Parent, matched: Match) -> list[str]:
    """Let averages go on from the parent's; return the players whose averages do."""
    places = {id(variable): i for i, variable in enumerate(model.variables)}
    players = []
    for player, optimizer in model.optimizers.items():
        ours = [places[id(variable)] for variable in model.variables_of(player)]
        theirs = [matched.pairs.get(i) for i in ours]
        if not optimizer.use_ema or not all(i in parent.averages for i in theirs):
            continue
        for i, average in zip(theirs, weight_averages(optimizer), strict=True):
            assert i is not None
            average.assign(parent.averages[i])
        continue_average(optimizer)
        players.append(player)
    return players


def _describe(matched: Match) -> str:
    count = len({*matched.pairs}), len({i for layer in matched.new for i in layer.indices}) + len(matched.pairs)
    text = "all weights fit" if not matched.new else f"{count[0]} of {count[1]} weights fit; new: {_list(matched.new)}"
    return text + (f"; not used of it: {_list(matched.unused)}" if matched.unused else "")


def _list(layers: Sequence[Layer]) -> str:
    names = [str(layer) for layer in layers]
    further = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + further


def manifest_entry(record: dict[str, Any] | None) -> dict[str, Any]:
    """The entry of an export's manifest about the parent; none without one, as in manifests of earlier versions."""
    return {} if record is None else {"parent": {name: record[name] for name in ("path", "weights")}}
