"""The model with averaged weights, where its optimizers keep averages (Polyak and Juditsky 1992)."""

from __future__ import annotations

from tfgan_models.base import GenerativeModel


def averaged(model: GenerativeModel) -> GenerativeModel:
    """A copy of a model whose weights are the exponential averages that its optimizers keep.

    The model itself is not touched, and a copy is exact, which swapping weights to and fro by arithmetic is not. Where
    sets of players overlap, the last player's average counts. A player that has made no step yet has no average: its
    weights are taken themselves.

    Args:
        model: compiled, with ``use_ema=True`` in the optimizers whose averages should be taken.

    Returns:
        The copy, not compiled; the model itself where no optimizer has averages.
    """
    averages = {}
    for player, optimizer in model.optimizers.items():
        if optimizer.use_ema and int(optimizer.iterations.numpy()):  # the averages of no steps are zeros
            kept = optimizer._model_variables_moving_average
            averages |= {id(v): a for v, a in zip(model.variables_of(player), kept, strict=True)}
    if not averages:
        return model
    copy = type(model).from_config(model.get_config())
    for target, source in zip(copy.variables, model.variables, strict=True):
        target.assign(averages.get(id(source), source).numpy())
    return copy
