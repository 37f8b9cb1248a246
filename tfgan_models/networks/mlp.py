"""Fully connected networks, for small images and quick experiments."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
from keras import layers

from tfgan_models.errors import InputError
from tfgan_models.layers.maxout import Maxout
from tfgan_models.networks import blocks

FIRST_LAYER = "hidden_1"  # the discriminator's first hidden layer
SLOPE, PIECES = 0.2, 5  # of LeakyReLU and of maxout units


def encoder(
    image_size: int,
    channels: int,
    latent_dim: int,
    units: Sequence[int] = (512, 512),
    width: float = 1.0,
    stochastic: bool = True,
    normalization: str = "none",
) -> keras.Model:
    """Map images ``[n, s, s, channels]`` to mean and log-variance of latents, or to a code: ``[n, latent_dim]``.

    Args:
        image_size: side s of the images, in pixels.
        channels: channels of the images.
        latent_dim: size of a latent.
        units: units of each hidden layer.
        width: factor on the units.
        stochastic: return mean and log-variance instead of a code.
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
    output_activation: str = "tanh",
) -> keras.Model:
    """Map latents ``[n, latent_dim]`` to images ``[n, s, s, channels]`` in [-1, 1].

    Args:
        image_size: side s of the images, in pixels.
        channels: channels of the images.
        latent_dim: size of a latent.
        units: units of each hidden layer.
        width: factor on the units.
        normalization: "none", "batch" or "virtual". "virtual" needs a reference batch of latents, see
            ``tfgan_models.layers.virtual_batch_normalization``.
        output_activation: "tanh" or "sigmoid", see ``blocks.images``.
    """
    blocks.check_generator(normalization, output_activation=output_activation)
    _check_maps(normalization)
    shape = (image_size, image_size, channels)
    latents = blocks.symbolic_input((latent_dim,), name="latent")
    hidden = layers.Dense(math.prod(shape))(_dense(latents, units, width, normalization))
    images = blocks.images(layers.Reshape(shape)(hidden), output_activation)
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
    """Map images ``[n, s, s, channels]`` to a logit ``[n, 1]`` and optional attribute logits ``[n, attributes]``.

    With ``maxout``, ``units=(240, 240)``, ``dropout=0.5`` and ``pixel_dropout=0.2`` it is the discriminator of the
    first GAN (Goodfellow et al. 2014, in the released ``mnist.yaml``).

    Args:
        image_size: side s of the images, in pixels.
        channels: channels of the images.
        attributes: number of attributes to predict.
        units: units of each hidden layer.
        width: factor on the units.
        normalization: "none", "batch" (after each hidden layer but the first) or "spectral" (of each kernel).
        dropout: dropout rate after each activation; not exact on several devices, see ``blocks.apply_dropout``.
        minibatch_discrimination: add the closeness of the batch's other examples to the features.
        maxout: use maxout units of 5 pieces instead of LeakyReLU, pixels in [0, 1], and initial weights U(±0.005). They
            are not normalized. The layer ``features`` then includes the activation.
        pixel_dropout: dropout rate of the pixels.
    """
    blocks.check_discriminator(normalization, dropout)
    _check_maps(normalization)
    blocks.check_share("pixel_dropout", pixel_dropout)
    if maxout and normalization != "none":
        raise InputError(f"normalization {normalization!r}: maxout layers are not normalized, give none")
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    # Pixels in [-1, 1] make SGD diverge at the paper's learning rate, because the background is then not 0.
    pixels = layers.Rescaling(0.5, 0.5)(images) if maxout else images
    hidden = blocks.apply_dropout(layers.Flatten()(pixels), pixel_dropout)
    for i, size in enumerate(_scaled(units, width)):
        name = "features" if i == len(units) - 1 else f"hidden_{i + 1}"
        if maxout:
            hidden = Maxout(size, PIECES, name=name, **_small_initializer())(hidden)
        else:
            batch_norm = normalization == "batch" and i > 0
            dense = blocks.maybe_spectral_norm(layers.Dense(size, use_bias=not batch_norm, name=name), normalization)
            hidden = blocks.normalize(dense(hidden), "batch" if batch_norm else "none")
            hidden = layers.LeakyReLU(SLOPE)(hidden)
        hidden = blocks.apply_dropout(hidden, dropout)
    initializer = _small_initializer if maxout else dict
    outputs = blocks.logits(hidden, attributes, normalization, minibatch_discrimination, width, initializer)
    return keras.Model(images, outputs, name="discriminator")


def check_image_size(image_size: int) -> None:
    """Accept every size. The other architectures have checks of this name, too."""


def _check_maps(normalization: str) -> None:
    """Refuse instance normalization, with an ``InputError``."""
    if normalization == "instance":
        raise InputError("normalization 'instance': mlp has no maps to normalize, give batch or none", "normalization")


def _scaled(units: Sequence[int], width: float) -> list[int]:
    return [max(1, round(size * width)) for size in units]


def _small_initializer() -> dict:
    return {"kernel_initializer": keras.initializers.RandomUniform(-0.005, 0.005)}


def _dense(
    hidden: keras.KerasTensor, units: Sequence[int], width: float, normalization: str = "none"
) -> keras.KerasTensor:
    for size in _scaled(units, width):
        if normalization == "none":
            hidden = layers.Dense(size, activation="relu")(hidden)
        else:
            hidden = blocks.norm_relu(layers.Dense(size, use_bias=False)(hidden), normalization)
    return hidden
