"""The networks of DCGAN (Radford et al. 2015, section 3): strided convolutions, batch normalization, LeakyReLU.

Image sizes are 8, 16, 32, … pixels. The generator doubles a 4×4 map, the discriminator halves down to 4×4.
"""

from __future__ import annotations

import keras
from keras import layers

from tfgan_models.layers.convolution import Conv2D
from tfgan_models.networks import blocks
from tfgan_models.networks.power_of_two import SEED_SIDE, check_image_size, filters_of_stages

FIRST_LAYER = "convolution_1"  # the discriminator's, with the highest resolution; absent for 8 pixels
SLOPE = 0.2


def encoder(
    image_size: int, channels: int, latent_dim: int, width: float = 1.0, stochastic: bool = True
) -> keras.Model:
    """Map images ``[n, s, s, channels]`` to mean and log-variance of latents, or to a code: ``[n, latent_dim]``."""
    check_image_size(image_size)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = layers.Flatten()(_halve(images, image_size, width))
    names = ("mean", "log_variance") if stochastic else ("code",)
    outputs = [layers.Dense(latent_dim, dtype="float32", name=name)(hidden) for name in names]
    return keras.Model(images, outputs, name="encoder")


def generator(
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
        upsampling: how maps are doubled, see ``blocks.double``.
        output_activation: "tanh" or "sigmoid", see ``blocks.images``.
    """
    blocks.check_generator(normalization, upsampling, output_activation)
    *stages, seed_filters = filters_of_stages(image_size, width)
    bias = normalization == "none"
    latents = blocks.symbolic_input((latent_dim,), name="latent")
    hidden = layers.Dense(SEED_SIDE * SEED_SIDE * seed_filters, use_bias=bias, **_initial())(latents)
    hidden = layers.Reshape((SEED_SIDE, SEED_SIDE, seed_filters))(hidden)
    hidden = blocks.norm_relu(hidden, normalization)
    for filters in reversed(stages):
        hidden = blocks.double(hidden, filters, upsampling, {"use_bias": bias, **_initial()})
        hidden = blocks.norm_relu(hidden, normalization)
    hidden = blocks.double(hidden, channels, upsampling, _initial())
    return keras.Model(latents, blocks.images(hidden, output_activation), name="generator")


decoder = generator


def discriminator(
    image_size: int,
    channels: int,
    attributes: int = 0,
    width: float = 1.0,
    normalization: str = "batch",
    downsampling: str = "strides",
    dropout: float = 0.0,
    minibatch_discrimination: bool = False,
) -> keras.Model:
    """Map images ``[n, s, s, channels]`` to a logit ``[n, 1]`` and optional attribute logits ``[n, attributes]``.

    Do not combine gradient penalties with batch normalization or minibatch discrimination, which mix the examples'
    gradients.

    Args:
        image_size: side s of the images, in pixels.
        channels: channels of the images.
        attributes: number of attributes to predict.
        width: factor on the filters.
        normalization: "batch", "spectral" (of each kernel, without batch normalization), "instance" or "none".
        downsampling: "strides", or convolutions of stride 1 with 2×2 pooling after the activation: "average" or "max".
        dropout: dropout rate after each activation; not exact on several devices, see ``blocks.apply_dropout``.
        minibatch_discrimination: add distances to the batch's other examples to the logit's input.
    """
    blocks.check_discriminator(normalization, dropout, downsampling)
    check_image_size(image_size)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = layers.Flatten()(_halve(images, image_size, width, normalization, downsampling, dropout))
    outputs = blocks.logits(hidden, attributes, normalization, minibatch_discrimination, width, _initial)
    return keras.Model(images, outputs, name="discriminator")


def _halve(
    images: keras.KerasTensor,
    image_size: int,
    width: float,
    normalization: str = "batch",
    downsampling: str = "strides",
    dropout: float = 0.0,
) -> keras.KerasTensor:
    stages = filters_of_stages(image_size, width)
    hidden = images
    for i, filters in enumerate(stages):
        # The first layer is not normalized, as in the paper. The last convolution is called "features".
        name = "features" if i == len(stages) - 1 else f"convolution_{i + 1}"
        normalized = normalization in ("batch", "instance") and i > 0
        strides = 2 if downsampling == "strides" else 1
        convolution = Conv2D(filters, 4, strides, "same", use_bias=not normalized, name=name, **_initial())
        hidden = blocks.maybe_spectral_norm(convolution, normalization)(hidden)
        if normalized:
            hidden = blocks.normalize(hidden, normalization)
        hidden = blocks.apply_dropout(layers.LeakyReLU(SLOPE)(hidden), dropout)
        hidden = blocks.pool(hidden, downsampling)
    return hidden


def _initial() -> dict:
    return {"kernel_initializer": keras.initializers.RandomNormal(stddev=0.02)}
