"""What the families' options do: normalization, dropout, minibatch discrimination, and the logits above them.

What an option adds comes into being only where it is on: without it a network has the same layers, and draws the same
initial weights, as if the option did not exist.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import cast

import keras
from keras import layers

from tfgan_models.errors import InputError
from tfgan_models.layers.batch_normalization import BatchNormalization
from tfgan_models.layers.minibatch_discrimination import MinibatchDiscrimination
from tfgan_models.layers.spectral_normalization import SpectralNormalization
from tfgan_models.layers.virtual_batch_normalization import VirtualBatchNormalization

DISCRIMINATOR = ("batch", "spectral", "none")
GENERATOR = ("batch", "virtual", "none")
ENCODER = ("batch", "none")
KERNELS, DIMENSIONS = 100, 5  # of minibatch discrimination, in Salimans et al. 2016, section 3.2


def symbolic_input(shape: tuple[int, ...], name: str, dtype: str | None = None) -> keras.KerasTensor:
    """``keras.Input`` of one tensor, whose own type hints allow for several."""
    return cast(keras.KerasTensor, keras.Input(shape, name=name, dtype=dtype))


def check_discriminator(normalization: str, dropout: float) -> None:
    """Refuse a normalization that discriminators do not have, or no share to drop, with an ``InputError``."""
    if normalization not in DISCRIMINATOR:
        raise InputError(f"normalization {normalization!r}: a discriminator takes {', '.join(DISCRIMINATOR)}")
    check_share("dropout", dropout)


def check_share(name: str, share: float) -> None:
    """Refuse a number that is no share of values to drop, with an ``InputError``."""
    if not 0 <= share < 1:
        raise InputError(f"{name} {share}: the share of values to drop is 0 or more, and less than 1")


def check_generator(normalization: str) -> None:
    """Refuse a normalization that generators do not have, with an ``InputError``."""
    if normalization not in GENERATOR:
        raise InputError(f"normalization {normalization!r}: a generator takes {', '.join(GENERATOR)}")


def check_encoder(normalization: str) -> None:
    """Refuse a normalization that encoders do not have, with an ``InputError``."""
    if normalization not in ENCODER:
        raise InputError(f"normalization {normalization!r}: an encoder takes {', '.join(ENCODER)}")


def constrained(layer: layers.Layer, normalization: str) -> layers.Layer:
    """The layer, with its kernel spectrally normalized if that is asked for, and under its own name."""
    return SpectralNormalization(layer, name=layer.name) if normalization == "spectral" else layer


def normalized(hidden: keras.KerasTensor, normalization: str) -> keras.KerasTensor:
    """Values after a new layer of batch or virtual batch normalization, where the name is of one of them."""
    if normalization == "batch":
        return BatchNormalization()(hidden)
    return VirtualBatchNormalization()(hidden) if normalization == "virtual" else hidden


def activated(hidden: keras.KerasTensor, normalization: str, dropout: float = 0.0) -> keras.KerasTensor:
    """Values normalized, after ReLU, and dropped out."""
    return dropped(layers.ReLU()(normalized(hidden, normalization)), dropout)


def dropped(hidden: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """Values after dropout, if there is any (Srivastava et al. 2014).

    What is dropped follows from the layer's own count of its calls, which is among the network's variables: a resumed
    run drops the same. But each of several devices drops the same of its own examples, so that a run on several is not
    equal to one on a single device.
    """
    if not dropout:
        return hidden
    # As Keras' initializers do it, from the generator that keras.utils.set_random_seed seeds. Given here, the seed is
    # part of the layer's configuration.
    return layers.Dropout(dropout, seed=random.randint(1, 10**9))(hidden)


def logits(
    hidden: keras.KerasTensor,
    attributes: int,
    normalization: str,
    minibatch_discrimination: bool,
    width: float,
    initial: Callable[[], dict] = dict,
) -> list[keras.KerasTensor]:
    """A discriminator's outputs, in float32: ``logit`` ``[n, 1]`` and, if asked, ``attributes`` ``[n, attributes]``.

    Minibatch discrimination tells the logit alone how close the batch's other examples are: the attributes of an
    example are its own.

    Args:
        hidden: what both are linear functions of, ``[n, f]``.
        attributes: how many there are.
        normalization: one of ``DISCRIMINATOR``.
        minibatch_discrimination: with 100 kernels of 5 dimensions, or the share ``width`` of them where it is below 1.
        width: factor on the network's filters or units.
        initial: arguments for each of the dense layers, made anew for it.
    """
    judged = hidden
    if minibatch_discrimination:
        kernels = max(1, round(KERNELS * min(width, 1)))
        judged = MinibatchDiscrimination(kernels, DIMENSIONS, name="minibatch_discrimination")(hidden)
    outputs = [constrained(layers.Dense(1, dtype="float32", name="logit", **initial()), normalization)(judged)]
    if attributes:
        dense = layers.Dense(attributes, dtype="float32", name="attributes", **initial())
        outputs.append(constrained(dense, normalization)(hidden))
    return outputs
