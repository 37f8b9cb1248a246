"""Densely connected encoders and discriminators after DenseNet (Huang et al. 2017, 1608.06993, section 3).

The input of each layer is the maps of all layers before it in its block. The networks are sized to train on a CPU: a
first convolution halves the image, then blocks of three layers without bottlenecks, with transitions between them, go
down to 4×4 (5×5 to 7×7 for sizes that are no powers of two). Generator and decoder are DCGAN's.
"""

from __future__ import annotations

import keras
from keras import layers

from tfgan_models.networks import blocks, dcgan
from tfgan_models.networks.halvings import check_image_size, seed_side

__all__ = ["FIRST_LAYER", "check_image_size", "decoder", "discriminator", "encoder", "generator"]

FIRST_LAYER = "convolution_1"  # the discriminator's, with the highest resolution
GROWTH, LAYERS, COMPRESSION = 32, 3, 0.5  # maps added by a layer; layers of a block; share of maps after a transition


def encoder(
    image_size: int, channels: int, latent_dim: int, width: float = 1.0, stochastic: bool = True
) -> keras.Model:
    """Map images ``[n, s, s, channels]`` to mean and log-variance of latents, or to a code: ``[n, latent_dim]``."""
    check_image_size(image_size)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = layers.Flatten()(blocks.norm_relu(_halve(images, width), "batch"))
    names = ("mean", "log_variance") if stochastic else ("code",)
    outputs = [layers.Dense(latent_dim, dtype="float32", name=name)(hidden) for name in names]
    return keras.Model(images, outputs, name="encoder")


generator = decoder = dcgan.generator


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

    The layer ``features`` has all maps of the last block. The logits' input is the maps' means after ReLU. Do not
    combine gradient penalties with batch normalization or minibatch discrimination, which mix the examples' gradients.

    Args:
        image_size: side s of the images, in pixels.
        channels: channels of the images.
        attributes: number of attributes to predict.
        width: factor on the number of maps added by each layer.
        normalization: "batch", "spectral" (of each kernel, without batch normalization), "instance" (not before the
            logits) or "none".
        downsampling: transitions are "strides", which are 2×2 convolutions, or 1×1 convolutions, which cost as much,
            with 2×2 pooling: "average", as in the paper, or "max".
        dropout: dropout rate after each activation; not exact on several devices, see ``blocks.apply_dropout``.
        minibatch_discrimination: add distances to the batch's other examples to the logit's input.
    """
    blocks.check_discriminator(normalization, dropout, downsampling)
    check_image_size(image_size)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = _halve(images, width, normalization, downsampling, dropout)
    hidden = blocks.norm_relu(hidden, blocks.without_maps(normalization), dropout)
    hidden = layers.GlobalAveragePooling2D()(hidden)
    outputs = blocks.logits(hidden, attributes, normalization, minibatch_discrimination, width)
    return keras.Model(images, outputs, name="discriminator")


def _halve(
    images: keras.KerasTensor,
    width: float,
    normalization: str = "batch",
    downsampling: str = "strides",
    dropout: float = 0.0,
) -> keras.KerasTensor:
    """Map images to the maps of the last block, of 4×4 to 7×7."""
    growth, innermost = max(1, round(GROWTH * width)), seed_side(images.shape[1])
    bias = normalization not in ("batch", "instance")  # they follow every convolution, and remove a bias

    def convolution(hidden: keras.KerasTensor, filters: int, side: int, strides: int = 1, name: str | None = None):
        layer = layers.Conv2D(filters, side, strides, "same", use_bias=bias, name=name, **_initial())
        return blocks.maybe_spectral_norm(layer, normalization)(hidden)

    strides = side = 2 if downsampling == "strides" else 1
    hidden = blocks.pool(convolution(images, 2 * growth, 3, strides, FIRST_LAYER), downsampling)
    while True:
        for i in range(LAYERS):
            new = convolution(blocks.norm_relu(hidden, normalization, dropout), growth, 3)
            name = "features" if hidden.shape[1] == innermost and i == LAYERS - 1 else None
            hidden = layers.Concatenate(name=name)([hidden, new])
        if hidden.shape[1] == innermost:
            return hidden
        filters = max(1, int(COMPRESSION * hidden.shape[-1]))
        hidden = convolution(blocks.norm_relu(hidden, normalization, dropout), filters, side, strides)
        hidden = blocks.pool(hidden, downsampling)


def _initial() -> dict:
    return {"kernel_initializer": keras.initializers.HeNormal()}
