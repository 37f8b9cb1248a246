"""The networks of DCGAN (Radford et al. 2015, section 3): strided convolutions, batch normalization, LeakyReLU.

The generator doubles a 4×4 map, the discriminator halves down to 4×4, for images of 8, 16, 32, … pixels. The map of
images of 10, 20, 40, … pixels is 5×5, that of 12, 24, 48, … pixels 6×6, and that of 14, 28, 56, … pixels 7×7.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
from keras import layers

from tfgan_models.layers.convolution import Conv2D
from tfgan_models.layers.fade_in import FadeIn
from tfgan_models.networks import blocks
from tfgan_models.networks.growing import OLD, Growth, layer_name
from tfgan_models.networks.halvings import check_image_size, filters_of_stages, seed_side

FIRST_LAYER = "convolution_1"  # the discriminator's, with the highest resolution; absent below 16 pixels
SLOPE = 0.2


def encoder(
    image_size: int,
    channels: int,
    latent_dim: int,
    width: float = 1.0,
    stochastic: bool = True,
    growth: Growth | None = None,
) -> keras.Model:
    """Map images ``[n, s, s, channels]`` to mean and log-variance of latents, or to a code: ``[n, latent_dim]``."""
    check_image_size(image_size)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = layers.Flatten()(_halve(images, image_size, width, growth=growth))
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
    growth: Growth | None = None,
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
        growth: the state of a network that grows.
    """
    blocks.check_generator(normalization, upsampling, output_activation)
    *stages, seed_filters = filters_of_stages(image_size, width, growth.full_size if growth else None)
    seed = seed_side(image_size)
    bias = normalization == "none"
    latents = blocks.symbolic_input((latent_dim,), name="latent")
    options = {"use_bias": bias, "name": layer_name(growth, "maps", seed), **_initial()}
    hidden = layers.Dense(seed * seed * seed_filters, **options)(latents)
    hidden = layers.Reshape((seed, seed, seed_filters))(hidden)
    hidden = before = blocks.norm_relu(hidden, normalization, name=layer_name(growth, "normalization", seed))
    for i, filters in enumerate(reversed(stages), 1):
        before, side = hidden, seed << i
        options = {"use_bias": bias, "name": layer_name(growth, "maps", side), **_initial()}
        hidden = blocks.double(hidden, filters, upsampling, options)
        hidden = blocks.norm_relu(hidden, normalization, name=layer_name(growth, "normalization", side))
        hidden = _deepen(hidden, layers.ReLU, normalization, 0.0, growth, i - 1, len(stages))
    options = {"name": layer_name(growth, "image", image_size), **_initial()}
    hidden = blocks.double(hidden, channels, upsampling, options)
    if growth and growth.fades:
        options = {"name": layer_name(growth, "image", image_size // 2), **_initial()}
        old = blocks.double(before, channels, upsampling, options)
        hidden = FadeIn(name="fade_in")([hidden, blocks.repeat_pixels(old)])
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
    growth: Growth | None = None,
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
        growth: the state of a network that grows.
    """
    blocks.check_discriminator(normalization, dropout, downsampling)
    check_image_size(image_size)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = layers.Flatten()(_halve(images, image_size, width, normalization, downsampling, dropout, growth))
    outputs = blocks.logits(hidden, attributes, normalization, minibatch_discrimination, width, _initial)
    return keras.Model(images, outputs, name="discriminator")


def _halve(
    images: keras.KerasTensor,
    image_size: int,
    width: float,
    normalization: str = "batch",
    downsampling: str = "strides",
    dropout: float = 0.0,
    growth: Growth | None = None,
) -> keras.KerasTensor:
    full_size = growth.full_size if growth else image_size
    stages, further = filters_of_stages(image_size, width, full_size), (full_size // image_size).bit_length() - 1

    def halve(hidden: keras.KerasTensor, filters: int, name: str, normalized: bool) -> keras.KerasTensor:
        strides = 2 if downsampling == "strides" else 1
        convolution = Conv2D(filters, 4, strides, "same", use_bias=not normalized, name=name, **_initial())
        hidden = blocks.maybe_spectral_norm(convolution, normalization)(hidden)
        if normalized:
            hidden = blocks.normalize(hidden, normalization, layer_name(growth, "normalization", name))
        hidden = blocks.apply_dropout(layers.LeakyReLU(SLOPE)(hidden), dropout)
        return blocks.pool(hidden, downsampling)

    hidden = images
    for i, filters in enumerate(stages):
        # The first layer is not normalized, as in the paper. The last convolution is called "features".
        name = "features" if i == len(stages) - 1 else f"convolution_{i + 1 + further}"
        hidden = halve(hidden, filters, name, normalization in ("batch", "instance") and i > 0)
        if growth and growth.fades and i == 1:
            old = halve(layers.AveragePooling2D(2)(images), filters, f"{OLD}{name}", normalized=False)
            hidden = FadeIn(name="fade_in")([hidden, old])
        if name != "features":  # feature matching and the learned similarity compare the last convolution
            activation, place = functools.partial(layers.LeakyReLU, SLOPE), len(stages) - 2 - i
            hidden = _deepen(hidden, activation, normalization, dropout, growth, place, len(stages) - 1)
    return hidden


def _deepen(
    hidden: keras.KerasTensor,
    activation: Callable[[], layers.Layer],
    normalization: str,
    dropout: float,
    growth: Growth | None,
    place: int,
    places: int,
) -> keras.KerasTensor:
    """Add the residual blocks that growth in depth has put at a place."""
    for number in growth.blocks_of(place, places) if growth else ():
        hidden = blocks.identity_block(hidden, activation(), normalization, dropout, f"block_{number}", _initial())
    return hidden


def _initial() -> dict:
    return {"kernel_initializer": keras.initializers.RandomNormal(stddev=0.02)}
