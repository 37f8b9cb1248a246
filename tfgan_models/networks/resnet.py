"""Residual networks after those of WGAN-GP (Gulrajani et al. 2017) and SNGAN (Miyato et al. 2018, appendix B.4).

Pre-activation blocks of two 3×3 convolutions (He et al. 2016, 1603.05027) halve an image down to 4×4 (5×5 to 7×7 for
sizes that are no powers of two), or double maps by nearest-neighbor upsampling. They are sized to train on a CPU:
unlike in the papers, no block keeps the size, filters double when the side halves, and a generator's block doubles
between its convolutions, not before them.
"""

from __future__ import annotations

import keras
from keras import layers

from tfgan_models.networks import blocks
from tfgan_models.networks.halvings import check_image_size, filters_of_stages, seed_side

__all__ = ["FIRST_LAYER", "check_image_size", "decoder", "discriminator", "encoder", "generator"]

FIRST_LAYER = "block_1"  # the discriminator's, with the highest resolution; absent below 16 pixels


def encoder(
    image_size: int, channels: int, latent_dim: int, width: float = 1.0, stochastic: bool = True
) -> keras.Model:
    """Map images ``[n, s, s, channels]`` to mean and log-variance of latents, or to a code: ``[n, latent_dim]``."""
    check_image_size(image_size)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = layers.Flatten()(blocks.norm_relu(_halve(images, image_size, width), "batch"))
    names = ("mean", "log_variance") if stochastic else ("code",)
    outputs = [layers.Dense(latent_dim, dtype="float32", name=name)(hidden) for name in names]
    return keras.Model(images, outputs, name="encoder")


def generator(
    image_size: int,
    channels: int,
    latent_dim: int,
    width: float = 1.0,
    normalization: str = "batch",
    upsampling: str = "nearest",
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
    seed = seed_side(image_size)
    last = max(1, (stages or [seed_filters])[0] // 2)
    latents = blocks.symbolic_input((latent_dim,), name="latent")
    hidden = layers.Dense(seed * seed * seed_filters)(latents)
    hidden = layers.Reshape((seed, seed, seed_filters))(hidden)
    for filters in [*reversed(stages), last]:
        hidden = _double(hidden, filters, normalization, upsampling)
    hidden = blocks.norm_relu(hidden, normalization)
    hidden = layers.Conv2D(channels, 3, 1, "same", **_initial(gain=1.0))(hidden)
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

    The layer ``features`` is the last block's sum. The logits' input is the means of its maps after ReLU. Do not
    combine gradient penalties with batch normalization or minibatch discrimination, which mix the examples' gradients.

    Args:
        image_size: side s of the images, in pixels.
        channels: channels of the images.
        attributes: number of attributes to predict.
        width: factor on the filters.
        normalization: "batch" or "instance" (except in the first block; the latter not before the logits), "spectral"
            (of each kernel, without batch normalization) or "none".
        downsampling: "strides", or convolutions of stride 1 and 2×2 pooling: "average", as in the papers, or "max".
        dropout: dropout rate after each activation; not exact on several devices, see ``blocks.apply_dropout``.
        minibatch_discrimination: add distances to the batch's other examples to the logit's input.
    """
    blocks.check_discriminator(normalization, dropout, downsampling)
    check_image_size(image_size)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = _halve(images, image_size, width, normalization, downsampling, dropout)
    hidden = blocks.norm_relu(hidden, blocks.without_maps(normalization), dropout)
    hidden = layers.GlobalAveragePooling2D()(hidden)
    outputs = blocks.logits(hidden, attributes, normalization, minibatch_discrimination, width)
    return keras.Model(images, outputs, name="discriminator")


def _halve(
    images: keras.KerasTensor,
    image_size: int,
    width: float,
    normalization: str = "batch",
    downsampling: str = "strides",
    dropout: float = 0.0,
) -> keras.KerasTensor:
    """Blocks down to the innermost map: twice ReLU and convolution, the second one halving, plus a skip connection."""
    bias = normalization not in ("batch", "instance")  # a later normalization would remove a bias
    hidden, stages = images, filters_of_stages(image_size, width)
    stride = 2 if downsampling == "strides" else 1
    for i, filters in enumerate(stages):
        name = "features" if i == len(stages) - 1 else f"block_{i + 1}"
        if i == 0:
            convolution = layers.Conv2D(filters, 3, 1, "same", **_initial())
            residual = blocks.maybe_spectral_norm(convolution, normalization)(hidden)
            residual = blocks.norm_relu(residual, "none", dropout)
        else:
            residual = blocks.norm_relu(hidden, normalization, dropout)
            convolution = layers.Conv2D(hidden.shape[-1], 3, 1, "same", **_initial(bias))
            residual = blocks.maybe_spectral_norm(convolution, normalization)(residual)
            residual = blocks.norm_relu(residual, normalization, dropout)
        convolution = layers.Conv2D(filters, 3, stride, "same", **_initial(bias))
        residual = blocks.maybe_spectral_norm(convolution, normalization)(residual)
        # Average pooling commutes with the linear skip connection. It comes first there, to save work.
        residual, hidden = blocks.pool(residual, downsampling), blocks.pool(hidden, downsampling)
        skip = layers.Conv2D(filters, stride, stride, "same", **_initial(False, gain=1.0))
        hidden = layers.Add(name=name)([residual, blocks.maybe_spectral_norm(skip, normalization)(hidden)])
    return hidden


def _double(hidden: keras.KerasTensor, filters: int, normalization: str, upsampling: str) -> keras.KerasTensor:
    """A block that doubles the side. The skip convolution comes first, and then repeats its pixels, to save work."""
    bias = normalization == "none"
    residual = blocks.norm_relu(hidden, normalization)
    residual = layers.Conv2D(filters, 3, 1, "same", **_initial(bias))(residual)
    residual = blocks.double(blocks.norm_relu(residual, normalization), filters, upsampling, _initial(bias))
    skip = layers.Conv2D(filters, 1, 1, **_initial(False, gain=1.0))(hidden)
    return layers.Add()([residual, blocks.repeat_pixels(skip)])


def _initial(bias: bool = True, gain: float = 2.0) -> dict:
    # Glorot's uniform distribution, with twice the variance after ReLU, as in SNGAN's code.
    uniform = keras.initializers.VarianceScaling(gain, "fan_avg", "uniform")
    return {"kernel_initializer": uniform, "use_bias": bias}
