"""Fully connected networks of Salimans et al. 2016 for MNIST (section 6.1, sizes from the released code)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from tfgan_models.layers.batch_normalization import BatchNormalization
from tfgan_models.layers.gaussian_noise import GaussianNoise
from tfgan_models.layers.weight_normalization import WeightNormalization
from tfgan_models.networks.blocks import class_logits, symbolic_input

PIXEL_NOISE, NOISE, STDDEV = 0.3, 0.5, 0.1


def generator(
    image_size: int, channels: int, latent_dim: int, units: Sequence[int] = (500, 500), width: float = 1.0
) -> keras.Model:
    """Map latents ``[n, latent_dim]`` to images ``[n, s, s, channels]`` in [-1, 1].

    Softplus after batch normalization without gain; the output layer has weight normalization.

    Args:
        image_size: side s of the images, in pixels.
        channels: channels of the images.
        latent_dim: size of a latent.
        units: units of each hidden layer.
        width: factor on the units.
    """
    shape = (image_size, image_size, channels)
    latents = symbolic_input((latent_dim,), name="latent")
    hidden = latents
    for size in _scaled(units, width):
        hidden = layers.Dense(size, use_bias=False)(hidden)
        hidden = layers.Activation("softplus")(BatchNormalization(scale=False)(hidden))
    pixels = WeightNormalization(layers.Dense(math.prod(shape)), name="pixels")(hidden)
    images = layers.Activation("sigmoid", dtype="float32")(layers.Reshape(shape)(pixels))
    return keras.Model(latents, layers.Rescaling(2.0, -1.0, dtype="float32", name="output")(images), name="generator")


def discriminator(
    image_size: int,
    channels: int,
    classes: int,
    units: Sequence[int] = (1000, 500, 250, 250, 250),
    width: float = 1.0,
    minibatch_discrimination: bool = False,
) -> keras.Model:
    """Map images ``[n, s, s, channels]`` to class logits ``[n, classes]``.

    Pixels are rescaled to [0, 1]. Noise is added to the pixels and before every later layer. All layers have weight
    normalization; ``tfgan_models.layers.weight_normalization.initialise`` sets the norms of the hidden layers once, and
    they are not trained.

    Args:
        image_size: side s of the images, in pixels.
        channels: channels of the images.
        classes: number K of classes.
        units: units of each hidden layer; the last one is ``features``.
        width: factor on the units.
        minibatch_discrimination: see ``blocks.class_logits``; it compares the features before their noise.
    """
    images = symbolic_input((image_size, image_size, channels), name="image")
    hidden = GaussianNoise(PIXEL_NOISE)(layers.Flatten()(layers.Rescaling(0.5, 0.5)(images)))
    features = hidden
    for i, size in enumerate(_scaled(units, width)):
        name = "features" if i == len(units) - 1 else f"hidden_{i + 1}"
        dense = layers.Dense(size, activation="relu", kernel_initializer=_initial())
        features = WeightNormalization(dense, train_scale=False, name=name)(hidden)
        hidden = GaussianNoise(NOISE)(features)
    dense = layers.Dense(classes, dtype="float32", name="logits", kernel_initializer=_initial())
    logits = WeightNormalization(dense, name="logits")(hidden)
    logits = class_logits(features, logits, minibatch_discrimination, width)
    return keras.Model(images, logits, name="discriminator")


def check_image_size(image_size: int) -> None:
    """Accept every size. The other architectures have checks of this name, too."""


def _scaled(units: Sequence[int], width: float) -> list[int]:
    return [max(1, round(size * width)) for size in units]


def _initial() -> Any:  # an initializer, against Keras' type hints, which are inferred from defaults
    return keras.initializers.RandomNormal(stddev=STDDEV)
