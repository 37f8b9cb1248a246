"""Options of the architectures: normalization, resampling, dropout, minibatch discrimination, and the outputs.

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
from tfgan_models.layers.convolution import Conv2D, Conv2DTranspose
from tfgan_models.layers.instance_normalization import InstanceNormalization
from tfgan_models.layers.minibatch_discrimination import MinibatchDiscrimination
from tfgan_models.layers.pixel_shuffle import ICNR, PixelShuffle
from tfgan_models.layers.spectral_normalization import SpectralNormalization
from tfgan_models.layers.virtual_batch_normalization import VirtualBatchNormalization

DISCRIMINATOR = ("batch", "spectral", "instance", "none")
GENERATOR = ("batch", "virtual", "instance", "none")
ENCODER = ("batch", "none")
DOWNSAMPLING = ("strides", "average", "max")
UPSAMPLING = ("transposed", "nearest", "pixel_shuffle")
OUTPUT_ACTIVATIONS = ("tanh", "sigmoid")
KERNELS, DIMENSIONS = 100, 5  # of minibatch discrimination, as in Salimans et al. 2016, section 3.2


def symbolic_input(shape: tuple[int, ...], name: str, dtype: str | None = None) -> keras.KerasTensor:
    """``keras.Input`` with the type of one tensor; Keras' type hints allow several."""
    keras_settings.check()
    return cast(keras.KerasTensor, keras.Input(shape, name=name, dtype=dtype))


def check_discriminator(normalization: str, dropout: float, downsampling: str = "strides") -> None:
    """Raise ``InputError`` for an unknown normalization or downsampling of discriminators or an invalid dropout."""
    if normalization not in DISCRIMINATOR:
        raise InputError(f"normalization {normalization!r}: a discriminator takes {', '.join(DISCRIMINATOR)}")
    if downsampling not in DOWNSAMPLING:
        raise InputError(f"downsampling {downsampling!r}: give one of {', '.join(DOWNSAMPLING)}", "downsampling")
    check_share("dropout", dropout)


def check_share(name: str, share: float) -> None:
    """Raise ``InputError`` for a dropout rate outside [0, 1)."""
    if not 0 <= share < 1:
        raise InputError(f"{name} {share}: give a dropout rate of 0 or more, and less than 1")


def check_generator(normalization: str, upsampling: str = "nearest", output_activation: str = "tanh") -> None:
    """Raise ``InputError`` for an unknown normalization, upsampling or output activation of generators."""
    if normalization not in GENERATOR:
        raise InputError(f"normalization {normalization!r}: a generator takes {', '.join(GENERATOR)}")
    if upsampling not in UPSAMPLING:
        raise InputError(f"upsampling {upsampling!r}: give one of {', '.join(UPSAMPLING)}", "upsampling")
    if output_activation not in OUTPUT_ACTIVATIONS:
        choices = ", ".join(OUTPUT_ACTIVATIONS)
        raise InputError(f"output_activation {output_activation!r}: give one of {choices}", "output_activation")


def check_encoder(normalization: str) -> None:
    """Raise ``InputError`` for an unknown normalization of encoders."""
    if normalization not in ENCODER:
        raise InputError(f"normalization {normalization!r}: an encoder takes {', '.join(ENCODER)}")


def maybe_spectral_norm(layer: layers.Layer, normalization: str) -> layers.Layer:
    """Wrap a layer by spectral normalization under the same name, if ``normalization`` is "spectral"."""
    return SpectralNormalization(layer, name=layer.name) if normalization == "spectral" else layer


def normalize(hidden: keras.KerasTensor, normalization: str, name: str | None = None) -> keras.KerasTensor:
    """Apply batch normalization for "batch", and those of the same names for "virtual" and "instance"."""
    kinds = {"batch": BatchNormalization, "virtual": VirtualBatchNormalization, "instance": InstanceNormalization}
    return kinds[normalization](name=name)(hidden) if normalization in kinds else hidden


def without_maps(normalization: str) -> str:
    """The normalization of values that are no maps, or that are averaged over maps: "none" for "instance".

    Instance normalization would leave nothing of the mean of a map.
    """
    return "none" if normalization == "instance" else normalization


def norm_relu(
    hidden: keras.KerasTensor, normalization: str, dropout: float = 0.0, name: str | None = None
) -> keras.KerasTensor:
    """Apply normalization, ReLU and dropout."""
    return apply_dropout(layers.ReLU()(normalize(hidden, normalization, name)), dropout)


def double(hidden: keras.KerasTensor, filters: int, upsampling: str, initial: dict) -> keras.KerasTensor:
    """Double the sides of maps, with a convolution.

    Args:
        hidden: maps, ``[n, s, s, c]``.
        filters: number of maps of the output.
        upsampling: "transposed", a transposed 4×4 convolution; "nearest", nearest-neighbor upsampling and a 3×3
            convolution; or "pixel_shuffle", a 3×3 convolution to four times the maps, which become pixels.
        initial: arguments of the convolution, with a new initializer.
    """
    if upsampling == "transposed":
        return Conv2DTranspose(filters, 4, 2, "same", **initial)(hidden)
    if upsampling == "nearest":
        return layers.Conv2D(filters, 3, 1, "same", **initial)(repeat_pixels(hidden))
    initial = {**initial, "kernel_initializer": ICNR(initial["kernel_initializer"])}
    return PixelShuffle()(layers.Conv2D(4 * filters, 3, 1, "same", **initial)(hidden))


def identity_block(
    hidden: keras.KerasTensor,
    activation: layers.Layer,
    normalization: str,
    dropout: float,
    name: str,
    initial: dict,
) -> keras.KerasTensor:
    """A residual block of two 3×3 convolutions that begins as the identity, because the second one begins with zeros.

    The second convolution is not normalized, also for "spectral": divided by its norm, it would be as large as the
    first one after one step.

    Args:
        hidden: maps, ``[n, s, s, c]``.
        activation: new layer, between the convolutions.
        normalization: normalization of the network.
        dropout: dropout rate after the activation.
        name: name of the block, which its layers' names begin with.
        initial: arguments of the first convolution.
    """
    maps = hidden.shape[-1]
    bias = normalization in ("spectral", "none")
    first = Conv2D(maps, 3, 1, "same", use_bias=bias, name=f"{name}_first", **initial)
    residual = maybe_spectral_norm(first, normalization)(hidden)
    residual = apply_dropout(activation(normalize(residual, normalization, f"{name}_normalization")), dropout)
    second = Conv2D(maps, 3, 1, "same", kernel_initializer="zeros", name=f"{name}_second")
    return layers.Add(name=name)([hidden, second(residual)])


def repeat_pixels(hidden: keras.KerasTensor) -> keras.KerasTensor:
    """Double the sides of maps by nearest-neighbor upsampling."""
    _, height, width, maps = hidden.shape
    # The sizes are stated, because LiteRT cannot infer them from the repetition.
    return layers.Reshape((2 * height, 2 * width, maps))(layers.UpSampling2D(2)(hidden))


def pool(hidden: keras.KerasTensor, downsampling: str) -> keras.KerasTensor:
    """Halve maps by 2×2 pooling for "average" and "max". For "strides" a convolution has halved them."""
    kinds = {"average": layers.AveragePooling2D, "max": layers.MaxPooling2D}
    return kinds[downsampling](2)(hidden) if downsampling in kinds else hidden


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


def images(hidden: keras.KerasTensor, activation: str) -> keras.KerasTensor:
    """The images of a generator in float32, in [-1, 1].

    Args:
        hidden: values of the pixels before the activation.
        activation: "tanh", or "sigmoid": 2σ(x) − 1, which is tanh(x / 2).
    """
    if activation == "tanh":
        return layers.Activation("tanh", dtype="float32", name="output")(hidden)
    shares = layers.Activation("sigmoid", dtype="float32")(hidden)
    return layers.Rescaling(2.0, -1.0, dtype="float32", name="output")(shares)


def class_logits(
    features: keras.KerasTensor, logits: keras.KerasTensor, minibatch_discrimination: bool, width: float
) -> keras.KerasTensor:
    """Logits ``[n, K]`` of a classifier that is also a discriminator, optionally with minibatch discrimination.

    The closeness of the batch's other examples is an input of a common offset of all K logits. The offset moves the
    logit of being real, log Σ exp, but not the probabilities of the classes, because the class of an example does not
    depend on the batch. In the code of Salimans et al. it is an input of the K logits.

    Args:
        features: ``[n, f]``.
        logits: ``[n, K]``, float32.
        minibatch_discrimination: add the offset.
        width: as in ``logits``.
    """
    if not minibatch_discrimination:
        return logits
    offset = layers.Dense(1, dtype="float32", name="offset")(compared(features, width))
    return layers.Add(dtype="float32", name="logits_with_offset")([logits, offset])


def compared(features: keras.KerasTensor, width: float) -> keras.KerasTensor:
    """Features ``[n, f]`` with the outputs of minibatch discrimination, by 100 kernels or the share ``width``."""
    kernels = max(1, round(KERNELS * min(width, 1)))
    return MinibatchDiscrimination(kernels, DIMENSIONS, name="minibatch_discrimination")(features)


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
        logit_input = compared(hidden, width)
    outputs = [
        maybe_spectral_norm(layers.Dense(1, dtype="float32", name="logit", **initial()), normalization)(logit_input)
    ]
    if attributes:
        dense = layers.Dense(attributes, dtype="float32", name="attributes", **initial())
        outputs.append(maybe_spectral_norm(dense, normalization)(hidden))
    return outputs
