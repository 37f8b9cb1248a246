"""The model with averaged weights, where its optimizers keep averages (Polyak and Juditsky 1992)."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator

import keras
import tensorflow as tf

from tfgan_models.base import GenerativeModel
from tfgan_models.layers.batch_normalization import BatchNormalization
from tfgan_models.layers.virtual_batch_normalization import reference_batch
from tfgan_models.models.vaegan import VAEGAN

BATCHES, EXAMPLES = 16, 64  # for the statistics of averaged weights


def averaged(model: GenerativeModel) -> GenerativeModel:
    """A copy of a model whose weights are the exponential averages that its optimizers keep.

    The model itself is not touched, and a copy is exact, which swapping weights to and fro by arithmetic is not. Where
    sets of players overlap, the last player's average counts. A player that has made no step yet has no average: its
    weights are taken themselves. The running statistics of a generator are taken anew, and with
    ``model.representatives`` those of an encoder and its decoder, as those of the weights in training do not fit their
    averages; other networks keep theirs.

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
    copy.representatives = model.representatives
    for target, source in zip(copy.variables, model.variables, strict=True):
        target.assign(averages.get(id(source), source).numpy())
    if hasattr(copy, "generator"):
        _measure_generator(copy)
    elif copy.representatives is not None:
        _measure_autoencoder(copy)
    return copy


def _measure_generator(model: GenerativeModel) -> None:
    """Bring a generator's batch statistics up to date with its weights, on latents that are always the same."""
    with reference_batch(model.generator, model.prior, model.seed), _measuring(model.generator) as batches:
        for i in batches:
            model.generator(model.prior.sample(EXAMPLES, seed=_seed(i)), training=True)


def _measure_autoencoder(model: GenerativeModel) -> None:
    """Bring the statistics of encoder and decoder up to date, on representatives and their codes."""
    images = model.representatives
    with _measuring(model.encoder, model.decoder) as batches:
        for i in batches:
            batch = tf.constant(images[i * EXAMPLES % len(images) :][:EXAMPLES])
            model.generate(_latents(model, batch, i))


def _latents(model: GenerativeModel, images: tf.Tensor, batch: int) -> tf.Tensor:
    """What a decoder sees in training."""
    if hasattr(model, "encode_style"):  # beside the class, which is anyone's here
        classes = model.prior.sample(len(images), seed=_seed(batch))[:, : model.classes]
        return tf.concat([classes, model.encode_style(images).mean()], -1)
    codes = model.encode(images).sample(seed=_seed(batch))
    if isinstance(model, VAEGAN):
        return tf.concat([codes, model.prior.sample(len(images), seed=_seed(batch))], 0)
    return codes


@contextlib.contextmanager
def _measuring(*networks: keras.Model) -> Iterator[Iterator[int]]:
    """Let networks take batch statistics, from batches that all weigh the same; gives these batches' numbers."""
    layers = [layer for network in networks for layer in network._flatten_layers()]
    norms = [layer for layer in layers if isinstance(layer, BatchNormalization)]
    momenta = [layer.momentum for layer in norms]

    def batches() -> Iterator[int]:
        for i in range(BATCHES if norms else 1):
            for layer in norms:
                layer.measuring, layer.momentum = True, i / (i + 1)
            yield i

    yield batches()
    for layer, momentum in zip(norms, momenta, strict=True):
        layer.measuring, layer.momentum = False, momentum


def _seed(batch: int) -> tuple[int, int]:
    return batch, zlib.crc32(b"statistics") >> 1  # which is an int32
