"""The networks of Larsen et al. 2015 (Autoencoding beyond pixels using a learned similarity metric, Table 1).

The paper's are for 64×64 images. Smaller images have a stage less, larger ones a stage more: an image is halved until
8×8 remain (10×10 of 160). ``width`` multiplies all filters and units, rounded up to multiples of 16.
"""

from __future__ import annotations

import math

import keras
from keras import layers

from tfgan_models.errors import InputError
from tfgan_models.networks import blocks

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
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = images
    for filters in _stages(ENCODER, image_size, width):
        hidden = layers.Conv2D(filters, 5, 2, "same", **_initial(bias=False))(hidden)
        hidden = blocks.activated(hidden, "batch")
    hidden = layers.Flatten()(hidden)
    hidden = layers.Dense(_scaled(ENCODER_UNITS, width), **_initial(bias=False))(hidden)
    hidden = blocks.activated(hidden, "batch")
    names = ("mean", "log_variance") if stochastic else ("code",)
    outputs = [layers.Dense(latent_dim, dtype="float32", name=name, **_initial())(hidden) for name in names]
    return keras.Model(images, outputs, name="encoder")


def decoder(
    image_size: int, channels: int, latent_dim: int, width: float = 1.0, normalization: str = "batch"
) -> keras.Model:
    """Latents ``[n, latent_dim]`` to images ``[n, s, s, channels]`` in [-1, 1].

    Args:
        image_size: side s of the images, in pixels.
        channels: of the images.
        latent_dim: size of a latent.
        width: factor on the filters.
        normalization: "batch", "virtual" or "none". A virtual one wants a reference batch of latents, see
            ``tfgan_models.layers.virtual_batch_normalization``.
    """
    blocks.check_generator(normalization)
    bias = normalization == "none"
    stages = _stages(DECODER, image_size, width)
    side, filters = image_size >> len(stages), _scaled(DECODER_FILTERS, width)
    latents = blocks.symbolic_input((latent_dim,), name="latent")
    hidden = layers.Dense(side * side * filters, **_initial(bias))(latents)
    hidden = layers.Reshape((side, side, filters))(blocks.activated(hidden, normalization))
    for filters in stages:
        hidden = layers.Conv2DTranspose(filters, 5, 2, "same", **_initial(bias))(hidden)
        hidden = blocks.activated(hidden, normalization)
    hidden = layers.Conv2D(channels, 5, 1, "same", **_initial())(hidden)
    return keras.Model(latents, layers.Activation("tanh", dtype="float32", name="output")(hidden), name="decoder")


def discriminator(
    image_size: int,
    channels: int,
    attributes: int = 0,
    width: float = 1.0,
    normalization: str = "batch",
    dropout: float = 0.0,
    minibatch_discrimination: bool = False,
) -> keras.Model:
    """Images ``[n, s, s, channels]`` to a logit ``[n, 1]`` and, if asked, attribute logits ``[n, attributes]``.

    The layer ``features`` is the last strided convolution, before its batch normalization and ReLU. Gradient penalties
    want neither batch normalization nor minibatch discrimination, which mix the examples' gradients.

    Args:
        image_size: side s of the images, in pixels.
        channels: of the images.
        attributes: how many to predict.
        width: factor on the filters and units.
        normalization: "batch"; "spectral", of each kernel and without that of batches; or "none".
        dropout: share of the values to drop after each activation; not equal over devices, see ``blocks.dropped``.
        minibatch_discrimination: show the logit how close the batch's other examples are.
    """
    blocks.check_discriminator(normalization, dropout)
    bias = normalization != "batch"
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    first = layers.Conv2D(_scaled(FIRST_FILTERS, width), 5, 1, "same", activation="relu", **_initial())
    hidden = blocks.dropped(blocks.constrained(first, normalization)(images), dropout)
    stages = _stages(DISCRIMINATOR, image_size, width)
    for i, filters in enumerate(stages, 1):
        name = "features" if i == len(stages) else f"convolution_{i}"
        convolution = layers.Conv2D(filters, 5, 2, "same", name=name, **_initial(bias))
        hidden = blocks.activated(blocks.constrained(convolution, normalization)(hidden), normalization, dropout)
    hidden = layers.Flatten()(hidden)
    dense = layers.Dense(_scaled(DISCRIMINATOR_UNITS, width), **_initial(bias))
    hidden = blocks.activated(blocks.constrained(dense, normalization)(hidden), normalization, dropout)
    outputs = blocks.logits(hidden, attributes, normalization, minibatch_discrimination, width, _initial)
    return keras.Model(images, outputs, name="discriminator")


generator = decoder


def check_image_size(image_size: int) -> None:
    """Refuse sizes that these networks cannot take, with an ``InputError``."""
    if image_size not in ENCODER:
        sizes = ", ".join(map(str, ENCODER))
        raise InputError(f"image_size {image_size}: the vaegan networks take {sizes}", "image_size")


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
