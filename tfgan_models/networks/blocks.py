"""Options of the architectures: normalization, dropout, minibatch discrimination, and the output logits.

An option creates layers only if it is on: without it a network has the same layers, with the same initial weights, as
if the option did not exist.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import cast

import keras
from keras import layers

from tfgan_models import keras_settings
from tfgan_models.errors import InputError
from tfgan_models.layers.batch_normalization import BatchNormalization
from tfgan_models.layers.minibatch_discrimination import MinibatchDiscrimination
from tfgan_models.layers.spectral_normalization import SpectralNormalization
from tfgan_models.layers.virtual_batch_normalization import VirtualBatchNormalization

DISCRIMINATOR = ("batch", "spectral", "none")
GENERATOR = ("batch", "virtual", "none")
ENCODER = ("batch", "none")
KERNELS, DIMENSIONS = 100, 5  # of minibatch discrimination, as in Salimans et al. 2016, section 3.2


def symbolic_input(shape: tuple[int, ...], name: str, dtype: str | None = None) -> keras.KerasTensor:
    """``keras.Input`` with the type of one tensor; Keras' type hints allow several."""
    keras_settings.check()
    return cast(keras.KerasTensor, keras.Input(shape, name=name, dtype=dtype))


def check_discriminator(normalization: str, dropout: float) -> None:
    """Raise ``InputError`` for an unknown normalization of discriminators or an invalid dropout."""
    if normalization not in DISCRIMINATOR:
        raise InputError(f"normalization {normalization!r}: a discriminator takes {', '.join(DISCRIMINATOR)}")
    check_share("dropout", dropout)


def check_share(name: str, share: float) -> None:
    """Raise ``InputError`` for a dropout rate outside [0, 1)."""
    if not 0 <= share < 1:
        raise InputError(f"{name} {share}: give a dropout rate of 0 or more, and less than 1")


def check_generator(normalization: str) -> None:
    """Raise ``InputError`` for an unknown normalization of generators."""
    if normalization not in GENERATOR:
        raise InputError(f"normalization {normalization!r}: a generator takes {', '.join(GENERATOR)}")


def check_encoder(normalization: str) -> None:
    """Raise ``InputError`` for an unknown normalization of encoders."""
    if normalization not in ENCODER:
        raise InputError(f"normalization {normalization!r}: an encoder takes {', '.join(ENCODER)}")


def maybe_spectral_norm(layer: layers.Layer, normalization: str) -> layers.Layer:
    """Wrap a layer by spectral normalization under the same name, if ``normalization`` is "spectral"."""
    return SpectralNormalization(layer, name=layer.name) if normalization == "spectral" else layer


def normalize(hidden: keras.KerasTensor, normalization: str) -> keras.KerasTensor:
    """Apply batch normalization for "batch" and virtual batch normalization for "virtual"."""
    if normalization == "batch":
        return BatchNormalization()(hidden)
    return VirtualBatchNormalization()(hidden) if normalization == "virtual" else hidden


def norm_relu(hidden: keras.KerasTensor, normalization: str, dropout: float = 0.0) -> keras.KerasTensor:
    """Apply normalization, ReLU and dropout."""
    return apply_dropout(layers.ReLU()(normalize(hidden, normalization)), dropout)


def apply_dropout(hidden: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """Apply dropout if its rate is not 0 (Srivastava et al. 2014).

    The dropped values depend on the layer's counter of calls, which is one of the network's variables, so a resumed run
    drops the same values. But every device uses the same mask for its examples, so a run on several devices differs
    from one on a single device.
    """
    if not dropout:
        return hidden
    # Like the seeds of Keras' initializers, from the generator that keras.utils.set_random_seed seeds. An explicit seed
    # is part of the layer's configuration.
    return layers.Dropout(dropout, seed=random.randint(1, 10**9))(hidden)


def logits(
    hidden: keras.KerasTensor,
    attributes: int,
    normalization: str,
    minibatch_discrimination: bool,
    width: float,
    initial: Callable[[], dict] = dict,
) -> list[keras.KerasTensor]:
    """Outputs of a discriminator in float32: ``logit`` ``[n, 1]`` and optionally ``attributes`` ``[n, attributes]``.

    Minibatch discrimination is an input of the logit only, since the attributes of an example do not depend on the
    batch.

    Args:
        hidden: input of both dense layers, ``[n, f]``.
        attributes: number of attributes.
        normalization: one of ``DISCRIMINATOR``.
        minibatch_discrimination: add 100 kernels of 5 dimensions, or the share ``width`` of them if it is below 1.
        width: factor on the network's filters or units.
        initial: returns the arguments of each dense layer, with new initializers.
    """
    logit_input = hidden
    if minibatch_discrimination:
        kernels = max(1, round(KERNELS * min(width, 1)))
        logit_input = MinibatchDiscrimination(kernels, DIMENSIONS, name="minibatch_discrimination")(hidden)
    outputs = [
        maybe_spectral_norm(layers.Dense(1, dtype="float32", name="logit", **initial()), normalization)(logit_input)
    ]
    if attributes:
        dense = layers.Dense(attributes, dtype="float32", name="attributes", **initial())
        outputs.append(maybe_spectral_norm(dense, normalization)(hidden))
    return outputs
