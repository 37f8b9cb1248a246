"""Fully connected networks, for small images and quick experiments."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
from keras import layers

from tfgan_models.errors import InputError
from tfgan_models.layers.maxout import Maxout
from tfgan_models.networks import blocks

FIRST_LAYER = "hidden_1"  # the discriminator's, where the most of an image is left
SLOPE, PIECES = 0.2, 5


def encoder(
    image_size: int,
    channels: int,
    latent_dim: int,
    units: Sequence[int] = (512, 512),
    width: float = 1.0,
    stochastic: bool = True,
    normalization: str = "none",
) -> keras.Model:
    """Images ``[n, s, s, channels]`` to the mean and the log-variance of latents, or to a code: ``[n, latent_dim]``.

    Args:
        image_size: side s of the images, in pixels.
        channels: of the images.
        latent_dim: size of a latent.
        units: of each hidden layer.
        width: factor on the units.
        stochastic: give mean and log-variance, in place of a code.
        normalization: "none" or "batch".
    """
    blocks.check_encoder(normalization)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = _dense(layers.Flatten()(images), units, width, normalization)
    names = ("mean", "log_variance") if stochastic else ("code",)
    outputs = [layers.Dense(latent_dim, dtype="float32", name=name)(hidden) for name in names]
    return keras.Model(images, outputs, name="encoder")


def decoder(
    image_size: int,
    channels: int,
    latent_dim: int,
    units: Sequence[int] = (512, 512),
    width: float = 1.0,
    normalization: str = "none",
) -> keras.Model:
    """Latents ``[n, latent_dim]`` to images ``[n, s, s, channels]`` in [-1, 1].

    Args:
        image_size: side s of the images, in pixels.
        channels: of the images.
        latent_dim: size of a latent.
        units: of each hidden layer.
        width: factor on the units.
        normalization: "none", "batch" or "virtual". A virtual one wants a reference batch of latents, see
            ``tfgan_models.layers.virtual_batch_normalization``.
    """
    blocks.check_generator(normalization)
    shape = (image_size, image_size, channels)
    latents = blocks.symbolic_input((latent_dim,), name="latent")
    hidden = layers.Dense(math.prod(shape))(_dense(latents, units, width, normalization))
    images = layers.Activation("tanh", dtype="float32", name="output")(layers.Reshape(shape)(hidden))
    return keras.Model(latents, images, name="decoder")


generator = decoder


def discriminator(
    image_size: int,
    channels: int,
    attributes: int = 0,
    units: Sequence[int] = (512, 512),
    width: float = 1.0,
    normalization: str = "none",
    dropout: float = 0.0,
    minibatch_discrimination: bool = False,
    maxout: bool = False,
    pixel_dropout: float = 0.0,
) -> keras.Model:
    """Images ``[n, s, s, channels]`` to a logit ``[n, 1]`` and, if asked, attribute logits ``[n, attributes]``.

    With ``maxout``, ``units=(240, 240)``, ``dropout=0.5`` and ``pixel_dropout=0.2`` it is that of the first GAN
    (Goodfellow et al. 2014, in the released ``mnist.yaml``).

    Args:
        image_size: side s of the images, in pixels.
        channels: of the images.
        attributes: how many to predict.
        units: of each hidden layer.
        width: factor on the units.
        normalization: "none"; "batch", after each hidden layer but the first, which sees the images; or "spectral", of
            each kernel.
        dropout: share of the values to drop after each activation; not equal over devices, see ``blocks.dropped``.
        minibatch_discrimination: show the logit how close the batch's other examples are.
        maxout: hidden layers of the largest of 5 linear functions in place of LeakyReLU, which see the pixels in
            [0, 1], and initial weights U(±0.005). They are not normalized. The layer ``features`` is after its maximum.
        pixel_dropout: share of the pixels to drop.
    """
    blocks.check_discriminator(normalization, dropout)
    blocks.check_share("pixel_dropout", pixel_dropout)
    if maxout and normalization != "none":
        raise InputError(f"normalization {normalization!r}: layers of maxout take none")
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    # Between -1 and 1, black paper would weigh as much as ink: SGD at the paper's rate then ends in infinities.
    pixels = layers.Rescaling(0.5, 0.5)(images) if maxout else images
    hidden = blocks.dropped(layers.Flatten()(pixels), pixel_dropout)
    for i, size in enumerate(_scaled(units, width)):
        name = "features" if i == len(units) - 1 else f"hidden_{i + 1}"
        if maxout:
            hidden = Maxout(size, PIECES, name=name, **_small())(hidden)
        else:
            batch = normalization == "batch" and i > 0
            dense = blocks.constrained(layers.Dense(size, use_bias=not batch, name=name), normalization)
            hidden = blocks.normalized(dense(hidden), "batch" if batch else "none")
            hidden = layers.LeakyReLU(SLOPE)(hidden)
        hidden = blocks.dropped(hidden, dropout)
    initial = _small if maxout else dict
    outputs = blocks.logits(hidden, attributes, normalization, minibatch_discrimination, width, initial)
    return keras.Model(images, outputs, name="discriminator")


def check_image_size(image_size: int) -> None:
    """These networks take every size; see the other families."""


def _scaled(units: Sequence[int], width: float) -> list[int]:
    return [max(1, round(size * width)) for size in units]


def _small() -> dict:
    return {"kernel_initializer": keras.initializers.RandomUniform(-0.005, 0.005)}


def _dense(
    hidden: keras.KerasTensor, units: Sequence[int], width: float, normalization: str = "none"
) -> keras.KerasTensor:
    for size in _scaled(units, width):
        if normalization == "none":
            hidden = layers.Dense(size, activation="relu")(hidden)
        else:
            hidden = blocks.activated(layers.Dense(size, use_bias=False)(hidden), normalization)
    return hidden
