"""Dropout in the generators of all architectures."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tfgan_models.layers.latent_dropout import LatentDropout
from tfgan_models.networks import blocks


def with_dropout(generator: keras.Model, rate: float, in_samples: bool = False) -> keras.Model:
    """Copy a generator, with the same weights, and with dropout after each ReLU.

    Args:
        generator: functional model of latents ``[n, latent_dim]``.
        rate: probability with which a value becomes 0.
        in_samples: keep dropout on when samples are drawn. A latent still has one image, see ``LatentDropout``.
    """
    latents = blocks.symbolic_input(generator.input_shape[1:], name="latent")

    def call(layer: layers.Layer, *arguments: Any, **options: Any) -> Any:
        hidden = layer(*arguments, **options)
        if isinstance(layer, layers.ReLU) or getattr(layer, "activation", None) is keras.activations.relu:
            return LatentDropout(rate, in_samples)([hidden, latents])
        return hidden

    copy: Any = keras.models.clone_model(generator, input_tensors=latents, call_function=call)
    copy.set_weights(generator.get_weights())
    return copy
