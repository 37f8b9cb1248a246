"""Discriminators of conditional models, made of the discriminators of any architecture.

Generators need no change: a latent is the condition followed by the style.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from tfgan_models.networks import blocks


def discriminator(
    make: Callable[..., keras.Model], image_size: int, channels: int, size: int, conditioning: str, **options: Any
) -> keras.Model:
    """Make a discriminator that is conditioned on vectors ``[n, size]``.

    Args:
        make: function ``discriminator`` of an architecture.
        image_size: side of the images, in pixels.
        channels: channels of the images.
        size: size of a condition.
        conditioning: one of ``objectives.conditions.CONDITIONINGS``. ``projection``: the inputs are image and
            condition; ``auxiliary``: the second output has the logits of the condition; ``concat``: the image has
            ``channels + size`` channels.
        **options: options of the architecture.
    """
    if conditioning == "auxiliary":
        return make(image_size, channels, size, **options)
    if conditioning == "concat":
        return make(image_size, channels + size, **options)
    return with_projection(make(image_size, channels, **options), size, options.get("normalization", "none"))


def with_projection(discriminator: keras.Model, size: int, normalization: str = "none") -> keras.Model:
    """Add yᵀ V φ(x) to the logit ψ(φ(x)) (Miyato and Koyama 2018, 1802.05637, equation 3).

    φ(x) is the input of the discriminator's layer ``logit``, and V a matrix with a row for each element of the
    condition y.

    Args:
        discriminator: images to a logit ``[n, 1]`` by a dense layer of the name ``logit``.
        size: size of a condition.
        normalization: "spectral" also normalizes V, as in the paper.

    Returns:
        A network of the two inputs image and condition ``[n, size]``, with the same layers.
    """
    features = discriminator.get_layer("logit").input
    condition = blocks.symbolic_input((size,), name="condition")
    dense = layers.Dense(features.shape[-1], use_bias=False, dtype="float32", name="projection")
    embedding = blocks.maybe_spectral_norm(dense, normalization)(condition)
    product = layers.Dot(1, dtype="float32", name="condition_logit")([embedding, features])
    logit = layers.Add(dtype="float32", name="conditional_logit")([discriminator.outputs[0], product])
    return keras.Model([discriminator.input, condition], logit, name=discriminator.name)
