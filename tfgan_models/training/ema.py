"""The model with averaged weights, if its optimizers keep averages (Polyak and Juditsky 1992)."""

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

BATCHES, EXAMPLES = 16, 64  # for the batch statistics of averaged weights


class AveragedModel:
    """A copy of a model that is built once and follows the exponential averages of the model's optimizers.

    Building a copy for each use would be slow. Copies of a Keras model are cyclic, so that many of them would pile up
    until Python's garbage collection frees them.

    Args:
        model: its configuration is copied, and its variables whenever ``follow`` is called.

    Attributes:
        copy: the model with averaged weights, not compiled.
    """

    def __init__(self, model: GenerativeModel):
        self.copy = type(model).from_config(model.get_config())
        self._calibration_images: dict[str, np.ndarray] | None = None
        self._followed: tuple[int, int] | None = None

    def follow(self, model: GenerativeModel, averages: Mapping[int, keras.Variable]) -> None:
        """Update the copy, if anything that it depends on has changed.

        Args:
            model: the one that was copied.
            averages: as ``averages_of`` gives them.
        """
        sources = [averages.get(id(variable), variable) for variable in model.variables]
        # Weights also change without a step, when a checkpoint is restored or a caller assigns them.
        state = int(model.step.numpy()), _checksum(sources)
        if state == self._followed and model.bn_calibration_images is self._calibration_images:
            return
        self._followed = None  # stays so if an error interrupts the update
        self.copy.bn_calibration_images = model.bn_calibration_images
        for target, source in zip(self.copy.variables, sources, strict=True):
            target.assign(source.numpy())
        if isinstance(self.copy, HasGenerator):
            _recalibrate_generator(self.copy)
        elif model.bn_calibration_images is not None:
            _recalibrate_autoencoder(self.copy, model.bn_calibration_images)
        self._followed, self._calibration_images = state, model.bn_calibration_images


# One owner of each model's averages, which all callbacks, the export and the reports share. It lasts as long as the
# model itself.
_owners: MutableMapping[GenerativeModel, AveragedModel] = weakref.WeakKeyDictionary()


def averaged(model: GenerativeModel) -> GenerativeModel:
    """The copy of a model whose weights are the exponential averages that its optimizers keep.

    The model itself does not change. A copy is exact; swapping in place by arithmetic, as ``SwapEMAWeights`` does,
    rounds. If sets of players overlap, the last player's average counts. A player without a step has no average yet,
    and keeps its weights. The batch statistics of the weights in training do not fit the averages: those of a generator
    are computed again, and with ``model.bn_calibration_images`` those of an encoder and its decoder. Other networks
    keep theirs.

    All callers for the same model share one copy. It is computed again only if the model has changed since the last
    call, so that the callbacks at an epoch's end cause at most one computation.

    Args:
        model: compiled, with ``use_ema=True`` in the optimizers whose averages should be taken.

    Returns:
        The copy, not compiled, which the next call may change; the model itself if no optimizer has averages.
    """
    averages = averages_of(model)
    if not averages:
        return model
    if model not in _owners:
        _owners[model] = AveragedModel(model)
    _owners[model].follow(model, averages)
    return _owners[model].copy


def averages_of(model: GenerativeModel) -> dict[int, keras.Variable]:
    """The averages of optimizers by the ``id`` of the variable in training; none for players without a step."""
    averages = {}
    for player, optimizer in model.optimizers.items():
        if optimizer.use_ema and int(steps_done(optimizer).numpy()):  # the averages of no steps are zeros
            variables = model.variables_of(player)
            averages |= {id(v): a for v, a in zip(variables, weight_averages(optimizer), strict=True)}
    return averages


def _checksum(variables: Iterable[keras.Variable]) -> int:
    """Checksum of the variables' values."""
    total = 0
    for variable in variables:
        total = zlib.crc32(variable.numpy().tobytes(), total)
    return total


def recalibrate_batch_norm(
    networks: Iterable[keras.Model], count: int, run: Callable[[np.ndarray, int], object]
) -> None:
    """Compute networks' batch statistics again, from their present weights.

    Args:
        networks: nothing is done if they have no layers of type ``BatchNormalization``, at any depth.
        count: number of examples.
        run: function of the indices of a batch's examples and the number of the batch, which calls the networks in
            inference. Batches are the same at each call, are from all over the examples, and have equal weights.
    """
    layers = [layer for network in networks for layer in flatten_layers(network)]
    norms = [layer for layer in layers if isinstance(layer, BatchNormalization)]
    if not norms:
        return
    momenta, order = [layer.momentum for layer in norms], np.random.default_rng(0).permutation(count)
    try:
        for i in range(BATCHES):
            for layer in norms:
                layer.recalibrating, layer.momentum = True, i / (i + 1)
            run(order.take(range(i * EXAMPLES, (i + 1) * EXAMPLES), mode="wrap"), i)
    finally:
        for layer, momentum in zip(norms, momenta, strict=True):
            layer.recalibrating, layer.momentum = False, momentum


def _recalibrate_generator(model: GenerativeModel) -> None:
    """Compute a generator's statistics again, on latents that are always the same."""

    def draw(_: object, batch: int) -> None:
        model.generator(model.prior.sample(EXAMPLES, seed=(batch, zlib.crc32(b"statistics"))), training=True)

    # A generator may hold statistics that each call in training replaces, such as those of a reference batch.
    draw(None, 0)
    recalibrate_batch_norm([model.generator], BATCHES * EXAMPLES, draw)


def _recalibrate_autoencoder(model: GenerativeModel, calibration: dict[str, np.ndarray]) -> None:
    """Compute the statistics of encoder and decoder again, on images and their codes."""
    images, labels = calibration["image"], calibration.get("label")

    def run(indices: np.ndarray, batch: int) -> None:
        batch_of_images, seed = to_float(images[indices]), (batch, zlib.crc32(b"codes") >> 1)
        if isinstance(model, SupervisedAAE):
            if labels is None:  # the decoder keeps its statistics, as the classes of its inputs are unknown
                model.encode_style(batch_of_images)
            else:
                model.reconstruct_as(batch_of_images, labels[indices])
            return
        latents = model.encode(batch_of_images).sample(seed=seed)
        if isinstance(model, VAEGAN) and model.judge_samples:  # the decoder sees them in the same batch
            latents = tf.concat([latents, model.prior.sample(EXAMPLES, seed=seed)], 0)
        model.generate(latents)

    recalibrate_batch_norm([model.encoder, model.decoder], len(images), run)
