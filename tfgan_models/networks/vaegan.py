"""The networks of Larsen et al. 2015 (Autoencoding beyond pixels using a learned similarity metric, Table 1).

The paper's are for 64×64 images. Smaller images have a stage less, larger ones a stage more: an image is halved until
8×8 remain (10×10 of 160). ``width`` multiplies all filters and units, rounded up to multiples of 16.
"""

from __future__ import annotations

import math

import keras
from keras import layers

from tfgan_models.errors import InputError
from tfgan_models.layers.batch_normalization import BatchNormalization

# The filters of the strided convolutions, by image size; the decoder's transposed ones mirror them.
ENCODER = {32: (64, 256), 64: (64, 128, 256), 128: (64, 128, 256, 256), 160: (64, 128, 256, 256)}
DECODER = {32: (256, 32), 64: (256, 128, 32), 128: (256, 256, 128, 32), 160: (256, 256, 128, 32)}
DISCRIMINATOR = {32: (128, 256), 64: (128, 256, 256), 128: (128, 256, 256, 256), 160: (128, 256, 256, 256)}
FIRST_LAYER = "convolution_1"  # the discriminator's, where the most of an image is left
ENCODER_UNITS, DISCRIMINATOR_UNITS, DECODER_FILTERS, FIRST_FILTERS = 2048, 512, 256, 32


def encoder(
    image_size: int, channels: int, latent_dim: int, width: float = 1.0, stochastic: bool = True
) -> keras.Model:
    """Images ``[n, s, s, channels]`` to the mean and the log-variance of latents, or to a code: ``[n, latent_dim]``."""
    images = keras.Input((image_size, image_size, channels), name="image")
    hidden = images
    for filters in _stages(ENCODER, image_size, width):
        hidden = _normalized(layers.Conv2D(filters, 5, 2, "same", **_initial(bias=False))(hidden))
    hidden = layers.Flatten()(hidden)
    hidden = _normalized(layers.Dense(_scaled(ENCODER_UNITS, width), **_initial(bias=False))(hidden))
    names = ("mean", "log_variance") if stochastic else ("code",)
    outputs = [layers.Dense(latent_dim, dtype="float32", name=name, **_initial())(hidden) for name in names]
    return keras.Model(images, outputs, name="encoder")


def decoder(image_size: int, channels: int, latent_dim: int, width: float = 1.0) -> keras.Model:
    """Latents ``[n, latent_dim]`` to images ``[n, s, s, channels]`` in [-1, 1]."""
    stages = _stages(DECODER, image_size, width)
    side, filters = image_size >> len(stages), _scaled(DECODER_FILTERS, width)
    latents = keras.Input((latent_dim,), name="latent")
    hidden = _normalized(layers.Dense(side * side * filters, **_initial(bias=False))(latents))
    hidden = layers.Reshape((side, side, filters))(hidden)
    for filters in stages:
        hidden = _normalized(layers.Conv2DTranspose(filters, 5, 2, "same", **_initial(bias=False))(hidden))
    hidden = layers.Conv2D(channels, 5, 1, "same", **_initial())(hidden)
    return keras.Model(latents, layers.Activation("tanh", dtype="float32", name="output")(hidden), name="decoder")


def discriminator(
    image_size: int, channels: int, attributes: int = 0, width: float = 1.0, normalized: bool = True
) -> keras.Model:
    """Images ``[n, s, s, channels]`` to a logit ``[n, 1]`` and, if asked, attribute logits ``[n, attributes]``.

    The layer ``features`` is the last strided convolution, before its batch normalization and ReLU. Gradient penalties
    need ``normalized=False``: batch normalization would mix the examples' gradients.
    """
    then = _normalized if normalized else layers.ReLU()
    bias = not normalized
    images = keras.Input((image_size, image_size, channels), name="image")
    hidden = layers.Conv2D(_scaled(FIRST_FILTERS, width), 5, 1, "same", activation="relu", **_initial())(images)
    stages = _stages(DISCRIMINATOR, image_size, width)
    for i, filters in enumerate(stages, 1):
        name = "features" if i == len(stages) else f"convolution_{i}"
        hidden = then(layers.Conv2D(filters, 5, 2, "same", name=name, **_initial(bias))(hidden))
    hidden = layers.Flatten()(hidden)
    hidden = then(layers.Dense(_scaled(DISCRIMINATOR_UNITS, width), **_initial(bias))(hidden))
    outputs = [layers.Dense(1, dtype="float32", name="logit", **_initial())(hidden)]
    if attributes:
        outputs.append(layers.Dense(attributes, dtype="float32", name="attributes", **_initial())(hidden))
    return keras.Model(images, outputs, name="discriminator")


generator = decoder


def check_image_size(image_size: int) -> None:
    """Refuse sizes that these networks cannot take, with an ``InputError``."""
    if image_size not in ENCODER:
        raise InputError(f"--image_size {image_size}: the vaegan networks take {', '.join(map(str, ENCODER))}")


def _stages(table: dict[int, tuple[int, ...]], image_size: int, width: float) -> list[int]:
    check_image_size(image_size)
    return [_scaled(filters, width) for filters in table[image_size]]


def _scaled(units: int, width: float) -> int:
    # Multiples of 16 fill the processors' registers: with 8 channels batch normalization takes 20 times as long.
    return 16 * math.ceil(units * width / 16)


def _initial(bias: bool = True) -> dict:
    # U(±1/√(3·fan_in)), as in the paper's own code. A new one for each layer: Keras' initializers repeat their values.
    uniform = keras.initializers.VarianceScaling(1 / 9, "fan_in", "uniform")
    return {"kernel_initializer": uniform, "use_bias": bias}


def _normalized(hidden: keras.KerasTensor) -> keras.KerasTensor:
    return layers.ReLU()(BatchNormalization()(hidden))
