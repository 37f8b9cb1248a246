"""Discriminator of codes in adversarial autoencoders (Makhzani et al. 2015, appendix A)."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from tfgan_models.networks.blocks import symbolic_input


def discriminator(size: int, units: Sequence[int] = (1000, 1000), name: str = "discriminator") -> keras.Model:
    """Map codes ``[n, size]`` to a logit ``[n, 1]`` by hidden layers with ReLU.

    Args:
        size: size of a code with its label information.
        units: units of each hidden layer.
        name: name of the network.
    """
    codes = hidden = symbolic_input((size,), name="code")
    for width in units:
        hidden = layers.Dense(width, activation="relu")(hidden)
    return keras.Model(codes, layers.Dense(1, dtype="float32", name="logit")(hidden), name=name)
