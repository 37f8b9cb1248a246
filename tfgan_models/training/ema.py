"""The model with averaged weights, where its optimizers keep averages (Polyak and Juditsky 1992)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

import keras
import numpy as np
import tensorflow as tf

from tfgan_models.data.pixels import to_float
from tfgan_models.layers.batch_normalization import BatchNormalization
from tfgan_models.layers.virtual_batch_normalization import normalizes_virtually, reference_batch
from tfgan_models.models.base import GenerativeModel
from tfgan_models.models.supervised_aae import SupervisedAAE
from tfgan_models.models.vaegan import VAEGAN
from tfgan_models.optimizers import steps_done
from tfgan_models.protocols import HasGenerator

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
        if optimizer.use_ema and int(steps_done(optimizer).numpy()):  # the averages of no steps are zeros
            kept = optimizer._model_variables_moving_average
            averages |= {id(v): a for v, a in zip(model.variables_of(player), kept, strict=True)}
    if not averages:
        return model
    copy = type(model).from_config(model.get_config())
    copy.representatives = model.representatives
    for target, source in zip(copy.variables, model.variables, strict=True):
        target.assign(averages.get(id(source), source).numpy())
    if isinstance(copy, HasGenerator):
        _measure_generator(copy)
    elif copy.representatives is not None:
        _measure_autoencoder(copy, copy.representatives)
    return copy


def measure(networks: Iterable[keras.Model], count: int, run: Callable[[np.ndarray, int], object]) -> None:
    """Bring networks' batch statistics up to date with their weights.

    Args:
        networks: with layers of type ``BatchNormalization``, at any depth; without, nothing is done.
        count: how many examples there are.
        run: calls the networks in inference; is given the numbers of a batch's examples, and that of the batch. Batches
            are the same whenever this is called, are from all over the examples, and all weigh the same.
    """
    layers = [layer for network in networks for layer in network._flatten_layers()]
    norms = [layer for layer in layers if isinstance(layer, BatchNormalization)]
    if not norms:
        return
    momenta, order = [layer.momentum for layer in norms], np.random.default_rng(0).permutation(count)
    for i in range(BATCHES):
        for layer in norms:
            layer.measuring, layer.momentum = True, i / (i + 1)
        run(order.take(range(i * EXAMPLES, (i + 1) * EXAMPLES), mode="wrap"), i)
    for layer, momentum in zip(norms, momenta, strict=True):
        layer.measuring, layer.momentum = False, momentum


def _measure_generator(model: GenerativeModel) -> None:
    """On latents that are always the same."""

    def draw(_: object, batch: int) -> None:
        model.generator(model.prior.sample(EXAMPLES, seed=(batch, zlib.crc32(b"statistics"))), training=True)

    with reference_batch(model.generator, model.prior, model.seed):
        if normalizes_virtually(model.generator):
            draw(None, 0)
        measure([model.generator], BATCHES * EXAMPLES, draw)


def _measure_autoencoder(model: GenerativeModel, representatives: dict[str, np.ndarray]) -> None:
    """On representatives and their codes."""
    images, labels = representatives["image"], representatives.get("label")

    def run(chosen: np.ndarray, batch: int) -> None:
        batch_of_images, seed = to_float(images[chosen]), (batch, zlib.crc32(b"codes") >> 1)
        if isinstance(model, SupervisedAAE):
            if labels is None:  # the decoder keeps its statistics: nobody knows which classes it sees
                model.encode_style(batch_of_images)
            else:
                model.reconstruct_as(batch_of_images, labels[chosen])
            return
        latents = model.encode(batch_of_images).sample(seed=seed)
        if isinstance(model, VAEGAN) and model.judge_samples:  # the decoder sees them in the same batch
            latents = tf.concat([latents, model.prior.sample(EXAMPLES, seed=seed)], 0)
        model.generate(latents)

    measure([model.encoder, model.decoder], len(images), run)
