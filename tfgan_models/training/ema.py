"""The model with averaged weights, where its optimizers keep averages (Polyak and Juditsky 1992)."""

from __future__ import annotations

import weakref
import zlib
from collections.abc import Callable, Iterable, Mapping, MutableMapping

import keras
import numpy as np
import tensorflow as tf

from tfgan_models.data.pixels import to_float
from tfgan_models.keras_private import flatten_layers, weight_averages
from tfgan_models.layers.batch_normalization import BatchNormalization
from tfgan_models.models.base import GenerativeModel
from tfgan_models.models.supervised_aae import SupervisedAAE
from tfgan_models.models.vaegan import VAEGAN
from tfgan_models.optimizers import steps_done
from tfgan_models.protocols import HasGenerator

BATCHES, EXAMPLES = 16, 64  # for the statistics of averaged weights


class AveragedModel:
    """A copy of a model that is built once and follows the exponential averages that the model's optimizers keep.

    Building a copy for each use would be slow, and copies of a Keras model are cyclic: many of them pile up before
    Python's garbage collection takes them.

    Args:
        model: its configuration is copied, and its variables whenever ``follow`` is called.

    Attributes:
        copy: the model with averaged weights, not compiled.
    """

    def __init__(self, model: GenerativeModel):
        self.copy = type(model).from_config(model.get_config())
        self._representatives: dict[str, np.ndarray] | None = None
        self._followed: tuple[int, int] | None = None

    def follow(self, model: GenerativeModel, averages: Mapping[int, keras.Variable]) -> None:
        """Bring the copy up to date, where anything that it depends on has changed.

        Args:
            model: the one that was copied.
            averages: as ``averages_of`` gives them.
        """
        sources = [averages.get(id(variable), variable) for variable in model.variables]
        # Weights change without a step too: a checkpoint is restored, or somebody sets them.
        state = int(model.step.numpy()), _checksum(sources)
        if state == self._followed and model.representatives is self._representatives:
            return
        self._followed = None  # if measuring fails, the copy is not up to date
        self.copy.representatives = model.representatives
        for target, source in zip(self.copy.variables, sources, strict=True):
            target.assign(source.numpy())
        if isinstance(self.copy, HasGenerator):
            _measure_generator(self.copy)
        elif model.representatives is not None:
            _measure_autoencoder(self.copy, model.representatives)
        self._followed, self._representatives = state, model.representatives


# The one owner of each model's averages, which every callback, the export and the reports share. It lasts as long as
# the model itself.
_owners: MutableMapping[GenerativeModel, AveragedModel] = weakref.WeakKeyDictionary()


def averaged(model: GenerativeModel) -> GenerativeModel:
    """The copy of a model whose weights are the exponential averages that its optimizers keep.

    The model itself is not touched, and a copy is exact, which swapping weights to and fro by arithmetic is not. Where
    sets of players overlap, the last player's average counts. A player that has made no step yet has no average: its
    weights are taken themselves. The running statistics of a generator are measured again, and with
    ``model.representatives`` those of an encoder and its decoder, as those of the weights in training do not fit their
    averages; other networks keep theirs.

    Whoever calls this for the same model shares one copy. It is computed again only where the model has changed since
    the last call, so at most once an epoch by the callbacks at its end.

    Args:
        model: compiled, with ``use_ema=True`` in the optimizers whose averages should be taken.

    Returns:
        The copy, not compiled, which the next call may change; the model itself where no optimizer has averages.
    """
    averages = averages_of(model)
    if not averages:
        return model
    if model not in _owners:
        _owners[model] = AveragedModel(model)
    _owners[model].follow(model, averages)
    return _owners[model].copy


def averages_of(model: GenerativeModel) -> dict[int, keras.Variable]:
    """The averages that optimizers keep, by the ``id`` of the variable in training; none of players without a step."""
    averages = {}
    for player, optimizer in model.optimizers.items():
        if optimizer.use_ema and int(steps_done(optimizer).numpy()):  # the averages of no steps are zeros
            variables = model.variables_of(player)
            averages |= {id(v): a for v, a in zip(variables, weight_averages(optimizer), strict=True)}
    return averages


def _checksum(variables: Iterable[keras.Variable]) -> int:
    """Of the variables' values."""
    total = 0
    for variable in variables:
        total = zlib.crc32(variable.numpy().tobytes(), total)
    return total


def measure(networks: Iterable[keras.Model], count: int, run: Callable[[np.ndarray, int], object]) -> None:
    """Bring networks' batch statistics up to date with their weights.

    Args:
        networks: with layers of type ``BatchNormalization``, at any depth; without, nothing is done.
        count: how many examples there are.
        run: calls the networks in inference; is given the numbers of a batch's examples, and that of the batch. Batches
            are the same whenever this is called, are from all over the examples, and all weigh the same.
    """
    layers = [layer for network in networks for layer in flatten_layers(network)]
    norms = [layer for layer in layers if isinstance(layer, BatchNormalization)]
    if not norms:
        return
    momenta, order = [layer.momentum for layer in norms], np.random.default_rng(0).permutation(count)
    try:
        for i in range(BATCHES):
            for layer in norms:
                layer.measuring, layer.momentum = True, i / (i + 1)
            run(order.take(range(i * EXAMPLES, (i + 1) * EXAMPLES), mode="wrap"), i)
    finally:
        for layer, momentum in zip(norms, momenta, strict=True):
            layer.measuring, layer.momentum = False, momentum


def _measure_generator(model: GenerativeModel) -> None:
    """On latents that are always the same."""

    def draw(_: object, batch: int) -> None:
        model.generator(model.prior.sample(EXAMPLES, seed=(batch, zlib.crc32(b"statistics"))), training=True)

    # A generator may hold statistics that each call in training replaces, such as those of a reference batch.
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
