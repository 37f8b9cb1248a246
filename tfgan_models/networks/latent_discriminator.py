"""What judges codes in adversarial autoencoders: two hidden layers of ReLU (Makhzani et al. 2015, appendix A)."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from tfgan_models.networks.blocks import symbolic_input


def discriminator(size: int, units: Sequence[int] = (1000, 1000), name: str = "discriminator") -> keras.Model:
    """Codes ``[n, size]`` to a logit ``[n, 1]``.

    Args:
        size: of a code, with all that is told beside it.
        units: of each hidden layer.
        name: of the network.
    """
    codes = hidden = symbolic_input((size,), name="code")
    for width in units:
        hidden = layers.Dense(width, activation="relu")(hidden)
    return keras.Model(codes, layers.Dense(1, dtype="float32", name="logit")(hidden), name=name)
