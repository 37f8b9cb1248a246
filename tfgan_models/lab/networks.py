"""Small networks for points in the plane."""

from __future__ import annotations

import random
from collections.abc import Callable

import keras
from keras import layers

from tfgan_models.layers.batch_normalization import BatchNormalization
from tfgan_models.layers.maxout import Maxout
from tfgan_models.layers.minibatch_discrimination import MinibatchDiscrimination
from tfgan_models.layers.spectral_normalization import SpectralNormalization
from tfgan_models.layers.virtual_batch_normalization import VirtualBatchNormalization
from tfgan_models.networks.hidden_layers import with_dropout, with_leaky_relu, with_noise

LATENT_DIM, UNITS, HIDDEN_LAYERS, CODE_DIM = 2, 128, 2, 8
KERNELS, KERNEL_DIMENSIONS = 5, 2  # arguments of minibatch discrimination


def generator(
    normalization: str = "none",
    units: int = UNITS,
    dropout: float = 0.0,
    in_samples: bool = False,
    noise: float = 0.0,
    leaky: bool = False,
) -> keras.Model:
    """Map latents ``[n, LATENT_DIM]`` to points ``[n, 2]``.

    Args:
        normalization: type of normalization after each hidden layer: "none", "batch" or "virtual".
        units: units of each hidden layer.
        dropout: dropout rate after each hidden layer, in training.
        in_samples: keep dropout on in samples.
        noise: standard deviation of Gaussian noise after each hidden layer, in training.
        leaky: use LeakyReLU in place of ReLU.
    """
    normalizations: dict[str, Callable] = {"batch": BatchNormalization, "virtual": VirtualBatchNormalization}
    latents = hidden = keras.Input((LATENT_DIM,), name="latent")
    for _ in range(HIDDEN_LAYERS):
        hidden = layers.Dense(units)(hidden)
        if normalization != "none":
            hidden = normalizations[normalization]()(hidden)
        hidden = layers.ReLU()(hidden)
    model = keras.Model(latents, layers.Dense(2, name="point")(hidden), name="generator")
    model = with_leaky_relu(model) if leaky else model
    model = with_noise(model, noise) if noise else model
    return with_dropout(model, dropout, in_samples) if dropout else model


def discriminator(
    normalization: str = "none",
    dropout: float = 0.0,
    maxout: int = 0,
    minibatch_discrimination: bool = False,
    gain: float = 1.0,
) -> keras.Model:
    """Map points ``[n, 2]`` to logits ``[n, 1]``; the last hidden layer is called ``features``.

    Args:
        normalization: "none", "batch" (after each hidden layer but the first) or "spectral" (of each kernel).
        dropout: dropout rate after each hidden layer.
        maxout: number of pieces of each maxout unit; 0 for ReLU units.
        minibatch_discrimination: add the closeness of the batch's other points to the features.
        gain: factor on the logit.
    """

    def dense(units: int) -> layers.Layer:
        layer = layers.Dense(units)
        return SpectralNormalization(layer) if normalization == "spectral" else layer

    points = hidden = keras.Input((2,), name="point")
    for i in range(HIDDEN_LAYERS):
        name = "features" if i == HIDDEN_LAYERS - 1 else None
        if maxout:
            hidden = Maxout(UNITS, maxout, name=name)(hidden)
        else:
            hidden = dense(UNITS)(hidden)
            if normalization == "batch" and i:
                hidden = BatchNormalization()(hidden)
            hidden = layers.ReLU(name=name)(hidden)
        if dropout:
            hidden = layers.Dropout(dropout, seed=random.randint(1, 10**9))(hidden)
    if minibatch_discrimination:
        hidden = MinibatchDiscrimination(KERNELS, KERNEL_DIMENSIONS)(hidden)
    logits = dense(1)(hidden)
    if gain != 1:
        logits = layers.Rescaling(gain)(logits)
    return keras.Model(points, logits, name="discriminator")


def autoencoder() -> tuple[keras.Model, keras.Model]:
    """Return the discriminator of an energy-based GAN: its encoder to codes ``[n, CODE_DIM]``, and its decoder."""
    points, codes = keras.Input((2,), name="point"), keras.Input((CODE_DIM,), name="code")
    encoded = layers.Dense(CODE_DIM)(layers.Dense(UNITS, activation="relu")(points))
    decoded = layers.Dense(2)(layers.Dense(UNITS, activation="relu")(codes))
    return keras.Model(points, encoded, name="encoder"), keras.Model(codes, decoded, name="decoder")
