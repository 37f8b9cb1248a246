"""Networks of Larsen et al. 2015 (Autoencoding beyond pixels using a learned similarity metric).

The paper's networks are for 64×64 images. Smaller images have one stage less, larger ones one stage more: an image is
halved down to 8×8 (160 pixels down to 10×10). ``width`` multiplies all filters and units, rounded up to multiples of
16.
"""

from __future__ import annotations

import math

import keras
from keras import layers

from tfgan_models.errors import InputError
from tfgan_models.networks import blocks

# Filters of the strided convolutions, and of those that double the decoder's maps, by image size.
ENCODER = {32: (64, 256), 64: (64, 128, 256), 128: (64, 128, 256, 256), 160: (64, 128, 256, 256)}
DECODER = {32: (256, 32), 64: (256, 128, 32), 128: (256, 256, 128, 32), 160: (256, 256, 128, 32)}
DISCRIMINATOR = {32: (128, 256), 64: (128, 256, 256), 128: (128, 256, 256, 256), 160: (128, 256, 256, 256)}
FIRST_LAYER = "convolution_1"  # the discriminator's, with the highest resolution
ENCODER_UNITS, DISCRIMINATOR_UNITS, DECODER_FILTERS, FIRST_FILTERS = 2048, 512, 256, 32


def encoder(
    image_size: int, channels: int, latent_dim: int, width: float = 1.0, stochastic: bool = True
) -> keras.Model:
    """Map images ``[n, s, s, channels]`` to mean and log-variance of latents, or to a code: ``[n, latent_dim]``."""
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = images
    for filters in _stages(ENCODER, image_size, width):
        hidden = layers.Conv2D(filters, 5, 2, "same", **_initial(bias=False))(hidden)
        hidden = blocks.norm_relu(hidden, "batch")
    hidden = layers.Flatten()(hidden)
    hidden = layers.Dense(_scaled(ENCODER_UNITS, width), **_initial(bias=False))(hidden)
    hidden = blocks.norm_relu(hidden, "batch")
    names = ("mean", "log_variance") if stochastic else ("code",)
    outputs = [layers.Dense(latent_dim, dtype="float32", name=name, **_initial())(hidden) for name in names]
    return keras.Model(images, outputs, name="encoder")


def decoder(
    image_size: int,
    channels: int,
    latent_dim: int,
    width: float = 1.0,
    normalization: str = "batch",
    upsampling: str = "transposed",
    output_activation: str = "tanh",
) -> keras.Model:
    """Map latents ``[n, latent_dim]`` to images ``[n, s, s, channels]`` in [-1, 1].

    Args:
        image_size: side s of the images, in pixels.
        channels: channels of the images.
        latent_dim: size of a latent.
        width: factor on the filters.
        normalization: "batch", "virtual", "instance" or "none". "virtual" needs a reference batch of latents, see
            ``tfgan_models.layers.virtual_batch_normalization``.
        upsampling: how maps are doubled: "transposed", the paper's transposed 5×5 convolution, or another one of
            ``blocks.double``.
        output_activation: "tanh" or "sigmoid", see ``blocks.images``.
    """
    blocks.check_generator(normalization, upsampling, output_activation)
    bias = normalization == "none"
    stages = _stages(DECODER, image_size, width)
    side, filters = image_size >> len(stages), _scaled(DECODER_FILTERS, width)
    latents = blocks.symbolic_input((latent_dim,), name="latent")
    hidden = layers.Dense(side * side * filters, **_initial(bias))(latents)
    if normalization == "instance":  # of maps; the others normalize each value of the dense layer
        hidden = blocks.norm_relu(layers.Reshape((side, side, filters))(hidden), normalization)
    else:
        hidden = layers.Reshape((side, side, filters))(blocks.norm_relu(hidden, normalization))
    for filters in stages:
        if upsampling == "transposed":
            hidden = layers.Conv2DTranspose(filters, 5, 2, "same", **_initial(bias))(hidden)
        else:
            hidden = blocks.double(hidden, filters, upsampling, _initial(bias))
        hidden = blocks.norm_relu(hidden, normalization)
    hidden = layers.Conv2D(channels, 5, 1, "same", **_initial())(hidden)
    return keras.Model(latents, blocks.images(hidden, output_activation), name="decoder")


def discriminator(
    image_size: int,
    channels: int,
    attributes: int = 0,
    width: float = 1.0,
    normalization: str = "batch",
    dropout: float = 0.0,
    minibatch_discrimination: bool = False,
) -> keras.Model:
    """Map images ``[n, s, s, channels]`` to a logit ``[n, 1]`` and optional attribute logits ``[n, attributes]``.

    The layer ``features`` is the last strided convolution, before its batch normalization and ReLU. Do not combine
    gradient penalties with batch normalization or minibatch discrimination, which mix the examples' gradients.

    Args:
        image_size: side s of the images, in pixels.
        channels: channels of the images.
        attributes: number of attributes to predict.
        width: factor on the filters and units.
        normalization: "batch", "spectral" (of each kernel, without batch normalization), "instance" (of the
            convolutions) or "none".
        dropout: dropout rate after each activation; not exact on several devices, see ``blocks.apply_dropout``.
        minibatch_discrimination: add distances to the batch's other examples to the logit's input.
    """
    blocks.check_discriminator(normalization, dropout)
    bias = normalization not in ("batch", "instance")
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    first = layers.Conv2D(_scaled(FIRST_FILTERS, width), 5, 1, "same", activation="relu", **_initial())
    hidden = blocks.apply_dropout(blocks.maybe_spectral_norm(first, normalization)(images), dropout)
    stages = _stages(DISCRIMINATOR, image_size, width)
    for i, filters in enumerate(stages, 1):
        name = "features" if i == len(stages) else f"convolution_{i}"
        convolution = layers.Conv2D(filters, 5, 2, "same", name=name, **_initial(bias))
        hidden = blocks.norm_relu(
            blocks.maybe_spectral_norm(convolution, normalization)(hidden), normalization, dropout
        )
    hidden = layers.Flatten()(hidden)
    dense = layers.Dense(_scaled(DISCRIMINATOR_UNITS, width), **_initial(normalization != "batch"))
    hidden = blocks.maybe_spectral_norm(dense, normalization)(hidden)
    hidden = blocks.norm_relu(hidden, blocks.without_maps(normalization), dropout)
    outputs = blocks.logits(hidden, attributes, normalization, minibatch_discrimination, width, _initial)
    return keras.Model(images, outputs, name="discriminator")


generator = decoder


def check_image_size(image_size: int) -> None:
    """Raise ``InputError`` for sizes that these networks do not support."""
    if image_size not in ENCODER:
        sizes = ", ".join(map(str, ENCODER))
        raise InputError(f"image_size {image_size}: the vaegan networks take {sizes}", "image_size")


def _stages(table: dict[int, tuple[int, ...]], image_size: int, width: float) -> list[int]:
    check_image_size(image_size)
    return [_scaled(filters, width) for filters in table[image_size]]


def _scaled(units: int, width: float) -> int:
    # Multiples of 16 fill the CPU's vector registers: with 8 channels batch normalization is 20 times as slow.
    return 16 * math.ceil(units * width / 16)


def _initial(bias: bool = True) -> dict:
    # U(±1/√(3·fan_in)), as in the paper's code. Each layer needs a new initializer, since Keras' repeat their values.
    uniform = keras.initializers.VarianceScaling(1 / 9, "fan_in", "uniform")
    return {"kernel_initializer": uniform, "use_bias": bias}
