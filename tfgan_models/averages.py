"""The model with averaged weights, where its optimizers keep averages (Polyak and Juditsky 1992)."""

from __future__ import annotations

import zlib

from tfgan_models.base import GenerativeModel
from tfgan_models.layers.batch_normalization import BatchNormalization
from tfgan_models.layers.virtual_batch_normalization import normalizes_virtually, reference_batch

BATCHES, EXAMPLES = 16, 64  # of latents, for the statistics of averaged weights


def averaged(model: GenerativeModel) -> GenerativeModel:
    """A copy of a model whose weights are the exponential averages that its optimizers keep.

    The model itself is not touched, and a copy is exact, which swapping weights to and fro by arithmetic is not. Where
    sets of players overlap, the last player's average counts. A player that has made no step yet has no average: its
    weights are taken themselves. A generator's running statistics are taken anew, as those of the weights in training
    do not fit their averages; other networks keep theirs.

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
    if hasattr(copy, "generator"):
        _take_statistics(copy)
    return copy


def _take_statistics(model: GenerativeModel) -> None:
    """Bring a generator's batch statistics up to date with its weights, on latents that are always the same."""
    norms = [layer for layer in model.generator._flatten_layers() if isinstance(layer, BatchNormalization)]
    if not (norms or normalizes_virtually(model.generator)):
        return
    momenta = [layer.momentum for layer in norms]
    with reference_batch(model.generator, model.prior, model.seed):
        for i in range(BATCHES if norms else 1):
            for layer in norms:
                layer.momentum = i / (i + 1)  # all batches weigh the same
            model.generator(model.prior.sample(EXAMPLES, seed=(i, zlib.crc32(b"statistics"))), training=True)
    for layer, momentum in zip(norms, momenta, strict=True):
        layer.momentum = momentum
