"""Fully connected networks, for small images and quick experiments."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
from keras import layers

FIRST_LAYER = "hidden_1"  # the discriminator's, where the most of an image is left


def encoder(
    image_size: int,
    channels: int,
    latent_dim: int,
    units: Sequence[int] = (512, 512),
    width: float = 1.0,
    stochastic: bool = True,
) -> keras.Model:
    """Images ``[n, s, s, channels]`` to the mean and the log-variance of latents, or to a code: ``[n, latent_dim]``."""
    images = keras.Input((image_size, image_size, channels), name="image")
    hidden = _dense(layers.Flatten()(images), units, width)
    names = ("mean", "log_variance") if stochastic else ("code",)
    outputs = [layers.Dense(latent_dim, dtype="float32", name=name)(hidden) for name in names]
    return keras.Model(images, outputs, name="encoder")


def decoder(
    image_size: int, channels: int, latent_dim: int, units: Sequence[int] = (512, 512), width: float = 1.0
) -> keras.Model:
    """Latents ``[n, latent_dim]`` to images ``[n, s, s, channels]`` in [-1, 1]."""
    shape = (image_size, image_size, channels)
    latents = keras.Input((latent_dim,), name="latent")
    hidden = layers.Dense(math.prod(shape))(_dense(latents, units, width))
    images = layers.Activation("tanh", dtype="float32", name="output")(layers.Reshape(shape)(hidden))
    return keras.Model(latents, images, name="decoder")


generator = decoder


def discriminator(
    image_size: int,
    channels: int,
    attributes: int = 0,
    units: Sequence[int] = (512, 512),
    width: float = 1.0,
    normalized: bool = False,
) -> keras.Model:
    """Images ``[n, s, s, channels]`` to a logit ``[n, 1]`` and, if asked, attribute logits ``[n, attributes]``.

    It has no batch normalization, whatever ``normalized`` says, which other families heed.
    """
    images = keras.Input((image_size, image_size, channels), name="image")
    hidden = layers.Flatten()(images)
    for i, size in enumerate(_scaled(units, width)):
        name = "features" if i == len(units) - 1 else f"hidden_{i + 1}"
        hidden = layers.LeakyReLU(0.2)(layers.Dense(size, name=name)(hidden))
    outputs = [layers.Dense(1, dtype="float32", name="logit")(hidden)]
    if attributes:
        outputs.append(layers.Dense(attributes, dtype="float32", name="attributes")(hidden))
    return keras.Model(images, outputs, name="discriminator")


def check_image_size(image_size: int) -> None:
    """These networks take every size; see the other families."""


def _scaled(units: Sequence[int], width: float) -> list[int]:
    return [max(1, round(size * width)) for size in units]


def _dense(hidden: keras.KerasTensor, units: Sequence[int], width: float) -> keras.KerasTensor:
    for size in _scaled(units, width):
        hidden = layers.Dense(size, activation="relu")(hidden)
    return hidden
