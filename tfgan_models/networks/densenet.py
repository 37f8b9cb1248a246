"""Densely connected networks after DenseNet (Huang et al. 2017, 1608.06993, section 3), which see images.

Each layer sees the maps of all before it in its block. A processor should bear them: a first convolution halves the
image, then blocks of three layers without bottlenecks, with transitions between them, go down to 4×4. What makes
images is DCGAN's.
"""

from __future__ import annotations

import keras
from keras import layers

from tfgan_models.networks import blocks, dcgan
from tfgan_models.networks.power_of_two import SEED_SIDE, check_image_size

__all__ = ["FIRST_LAYER", "check_image_size", "decoder", "discriminator", "encoder", "generator"]

FIRST_LAYER = "convolution_1"  # the discriminator's, where the most of an image is left
GROWTH, LAYERS, COMPRESSION = 32, 3, 0.5  # maps a layer adds; layers of a block; share that a transition keeps


def encoder(
    image_size: int, channels: int, latent_dim: int, width: float = 1.0, stochastic: bool = True
) -> keras.Model:
    """Images ``[n, s, s, channels]`` to the mean and the log-variance of latents, or to a code: ``[n, latent_dim]``."""
    check_image_size(image_size)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = layers.Flatten()(blocks.activated(_halve(images, width), "batch"))
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
    pooling: bool = False,
    dropout: float = 0.0,
    minibatch_discrimination: bool = False,
) -> keras.Model:
    """Images ``[n, s, s, channels]`` to a logit ``[n, 1]`` and, if asked, attribute logits ``[n, attributes]``.

    The layer ``features`` is all maps of the last block. The logits are of the maps' means after ReLU. Gradient
    penalties want neither batch normalization nor minibatch discrimination, which mix the examples' gradients.

    Args:
        image_size: side s of the images, in pixels.
        channels: of the images.
        attributes: how many to predict.
        width: factor on the maps that each layer adds.
        normalization: "batch"; "spectral", of each kernel and without that of batches; or "none".
        pooling: transitions of 1×1 convolutions and 2×2 average pooling, as in the paper, in place of strided 2×2
            convolutions, which take as many multiplications.
        dropout: share of the values to drop after each activation; not equal over devices, see ``blocks.dropped``.
        minibatch_discrimination: show the logit how close the batch's other examples are.
    """
    blocks.check_discriminator(normalization, dropout)
    check_image_size(image_size)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = blocks.activated(_halve(images, width, normalization, pooling, dropout), normalization, dropout)
    hidden = layers.GlobalAveragePooling2D()(hidden)
    outputs = blocks.logits(hidden, attributes, normalization, minibatch_discrimination, width)
    return keras.Model(images, outputs, name="discriminator")


def _halve(
    images: keras.KerasTensor,
    width: float,
    normalization: str = "batch",
    pooling: bool = False,
    dropout: float = 0.0,
) -> keras.KerasTensor:
    """From images to the maps of the last block, 4×4."""
    growth = max(1, round(GROWTH * width))
    bias = normalization != "batch"  # every convolution's maps come to a batch normalization, which removes a bias

    def convolution(hidden: keras.KerasTensor, filters: int, side: int, strides: int = 1, name: str | None = None):
        layer = layers.Conv2D(filters, side, strides, "same", use_bias=bias, name=name, **_initial())
        return blocks.constrained(layer, normalization)(hidden)

    def pooled(hidden: keras.KerasTensor) -> keras.KerasTensor:
        return layers.AveragePooling2D(2)(hidden) if pooling else hidden

    strides, side = (1, 1) if pooling else (2, 2)
    hidden = pooled(convolution(images, 2 * growth, 3, strides, FIRST_LAYER))
    while True:
        for i in range(LAYERS):
            new = convolution(blocks.activated(hidden, normalization, dropout), growth, 3)
            name = "features" if hidden.shape[1] == SEED_SIDE and i == LAYERS - 1 else None
            hidden = layers.Concatenate(name=name)([hidden, new])
        if hidden.shape[1] == SEED_SIDE:
            return hidden
        kept = max(1, int(COMPRESSION * hidden.shape[-1]))
        hidden = pooled(convolution(blocks.activated(hidden, normalization, dropout), kept, side, strides))


def _initial() -> dict:
    return {"kernel_initializer": keras.initializers.HeNormal()}
