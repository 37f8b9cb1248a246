"""Models with exponential moving averages (EMA) of their weights (Polyak and Juditsky 1992)."""

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
from tfgan_models.models.conditional_vae import ConditionalVAE
from tfgan_models.models.conditional_vaegan import ConditionalVAEGAN
from tfgan_models.models.supervised_aae import SupervisedAAE
from tfgan_models.models.vaegan import VAEGAN
from tfgan_models.optimizers import steps_done
from tfgan_models.protocols import HasGenerator

CALIBRATION_BATCHES, CALIBRATION_BATCH_SIZE = 16, 64  # for the BatchNorm statistics of averaged weights


class AveragedModel:
    """A copy of a model with the averaged weights that the model's optimizers compute.

    The copy is built only once. New copies would be slow to build, and Keras models contain reference cycles, so that
    old copies would fill the memory until Python's garbage collection runs.

    Args:
        model: the model to copy. Call ``follow`` to update the copy.

    Attributes:
        copy: the model with averaged weights, not compiled.
    """

    def __init__(self, model: GenerativeModel):
        self.copy = type(model).from_config(model.get_config())
        self._calibration_images: dict[str, np.ndarray] | None = None
        self._source_state: tuple[int, int] | None = None

    def follow(self, model: GenerativeModel, averages: Mapping[int, keras.Variable]) -> None:
        """Update the copy if the model or its averages have changed.

        Args:
            model: the model that was copied.
            averages: the result of ``averages_of``.
        """
        sources = [averages.get(id(variable), variable) for variable in model.variables]
        # The step alone is not enough: a restored checkpoint also changes the weights.
        state = int(model.step.numpy()), _checksum(sources)
        if state == self._source_state and model.bn_calibration_images is self._calibration_images:
            return
        self._source_state = None  # so that the update is repeated if it fails
        self.copy.bn_calibration_images = model.bn_calibration_images
        for target, source in zip(self.copy.variables, sources, strict=True):
            target.assign(source.numpy())
        if isinstance(self.copy, HasGenerator):
            _recalibrate_generator(self.copy)
        elif model.bn_calibration_images is not None:
            _recalibrate_autoencoder(self.copy, model.bn_calibration_images)
        self._source_state, self._calibration_images = state, model.bn_calibration_images


# The averaged copy of each model, shared by all callbacks, the export and the reports. It lives as long as the model.
_owners: MutableMapping[GenerativeModel, AveragedModel] = weakref.WeakKeyDictionary()


def ema_model(model: GenerativeModel) -> GenerativeModel:
    """Return a copy of a model with the averaged weights that its optimizers compute.

    The model itself does not change. A copy is exact; swapping weights in place, as Keras' ``SwapEMAWeights`` does,
    rounds. If sets of players overlap, the average of the last player counts. A player without a step has no average
    yet, so its present weights are copied.

    BatchNorm statistics of the trained weights do not fit the averaged weights. They are recomputed for a generator,
    and with ``model.bn_calibration_images`` for an encoder and its decoder. Other networks keep them.

    All callers share one copy for each model. It is updated only if the model has changed since the last call, so the
    callbacks at the end of an epoch update it once.

    Args:
        model: a compiled model, with ``use_ema=True`` in the optimizers that compute averages.

    Returns:
        The copy, not compiled. The next call may change it. If no optimizer has averages, the model itself.
    """
    averages = averages_of(model)
    if not averages:
        return model
    if model not in _owners:
        _owners[model] = AveragedModel(model)
    _owners[model].copy.inference_batch = model.inference_batch
    _owners[model].follow(model, averages)
    return _owners[model].copy


def averages_of(model: GenerativeModel) -> dict[int, keras.Variable]:
    """The averages of the optimizers by the ``id`` of the trained variable, without players that have made no step."""
    averages = {}
    for player, optimizer in model.optimizers.items():
        if optimizer.use_ema and int(steps_done(optimizer).numpy()):  # before the first step averages are zeros
            variables = model.variables_of(player)
            averages |= {id(v): a for v, a in zip(variables, weight_averages(optimizer), strict=True)}
    return averages


def _checksum(variables: Iterable[keras.Variable]) -> int:
    """A checksum of the values of variables."""
    total = 0
    for variable in variables:
        total = zlib.crc32(variable.numpy().tobytes(), total)
    return total


def recalibrate_batch_norm(
    networks: Iterable[keras.Model], count: int, run: Callable[[np.ndarray, int], object]
) -> None:
    """Recompute the BatchNorm statistics of networks for their present weights.

    The batches are drawn from all examples, in the same way in every call, and have equal weights.

    Args:
        networks: networks with ``BatchNormalization`` layers at any depth. Without such layers nothing happens.
        count: the number of examples.
        run: calls the networks in inference mode, for the indices of a batch's examples and the number of the batch.
    """
    layers = [layer for network in networks for layer in flatten_layers(network)]
    norms = [layer for layer in layers if isinstance(layer, BatchNormalization)]
    if not norms:
        return
    momenta, order = [layer.momentum for layer in norms], np.random.default_rng(0).permutation(count)
    try:
        for i in range(CALIBRATION_BATCHES):
            for layer in norms:
                layer.recalibrating, layer.momentum = True, i / (i + 1)
            run(order.take(range(i * CALIBRATION_BATCH_SIZE, (i + 1) * CALIBRATION_BATCH_SIZE), mode="wrap"), i)
    finally:
        for layer, momentum in zip(norms, momenta, strict=True):
            layer.recalibrating, layer.momentum = False, momentum


def _recalibrate_generator(model: GenerativeModel) -> None:
    """Recompute the BatchNorm statistics of a generator on fixed latents."""

    seed = zlib.crc32(b"statistics")
    if getattr(model, "condition", None) is not None:
        seed >>= 1  # the joint distribution of condition and style takes seeds of 32 bits with a sign

    def draw(_: object, batch: int) -> None:
        model.generator(model.prior.sample(CALIBRATION_BATCH_SIZE, seed=(batch, seed)), training=True)

    # A generator may hold statistics that each call in training replaces, such as those of a reference batch.
    draw(None, 0)
    recalibrate_batch_norm([model.generator], CALIBRATION_BATCHES * CALIBRATION_BATCH_SIZE, draw)


def _recalibrate_autoencoder(model: GenerativeModel, calibration: dict[str, np.ndarray]) -> None:
    """Recompute the BatchNorm statistics of an encoder and a decoder on calibration images and their codes."""
    images, labels = calibration["image"], calibration.get("label")

    def run(indices: np.ndarray, batch: int) -> None:
        batch_of_images, seed = to_float(images[indices]), (batch, zlib.crc32(b"codes") >> 1)
        if isinstance(model, SupervisedAAE):
            if labels is None:  # without labels the decoder cannot run, so it keeps its statistics
                model.encode_style(batch_of_images)
            else:
                model.reconstruct_as(batch_of_images, labels[indices])
            return
        if isinstance(model, ConditionalVAE):
            conditions = model.condition.of({name: values[indices] for name, values in calibration.items()})
            latents = tf.concat([conditions, model.encode_as(batch_of_images, conditions).sample(seed=seed)], -1)
            if isinstance(model, ConditionalVAEGAN) and model.judge_samples:
                samples = tf.random.stateless_normal((len(indices), model.style_dim), seed=seed)
                latents = tf.concat([latents, tf.concat([conditions, samples], -1)], 0)
            model.generate(latents)
            return
        latents = model.encode(batch_of_images).sample(seed=seed)
        if isinstance(model, VAEGAN) and model.judge_samples:  # in training the decoder has both in one batch
            latents = tf.concat([latents, model.prior.sample(CALIBRATION_BATCH_SIZE, seed=seed)], 0)
        model.generate(latents)

    recalibrate_batch_norm([model.encoder, model.decoder], len(images), run)
