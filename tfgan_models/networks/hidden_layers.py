"""Copies of generators of all architectures with other hidden layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from tfgan_models.layers.latent_dropout import LatentDropout
from tfgan_models.layers.latent_noise import LatentNoise
from tfgan_models.networks import blocks

SLOPE = 0.2  # of the LeakyReLU in the discriminators of dcgan and mlp


def with_dropout(generator: keras.Model, rate: float, in_samples: bool = False) -> keras.Model:
    """Copy a generator, with the same weights, and with dropout after each activation of a hidden layer.

    Args:
        generator: functional model of latents ``[n, latent_dim]``.
        rate: probability with which a value becomes 0.
        in_samples: keep dropout on when samples are drawn. A latent still has one image, see ``LatentDropout``.
    """
    return _with_layers(generator, lambda: LatentDropout(rate, in_samples))


def with_noise(generator: keras.Model, stddev: float) -> keras.Model:
    """Copy a generator, with the same weights, and with Gaussian noise after each activation of a hidden layer.

    The noise is on in training only.

    Args:
        generator: functional model of latents ``[n, latent_dim]``.
        stddev: standard deviation of the noise.
    """
    return _with_layers(generator, lambda: LatentNoise(stddev))


def with_leaky_relu(generator: keras.Model) -> keras.Model:
    """Copy a generator, with the same weights, and with LeakyReLU of slope 0.2 in place of each ReLU.

    Its gradient is nowhere zero, unlike that of ReLU.
    """

    def replace(layer: layers.Layer) -> layers.Layer:
        if isinstance(layer, layers.ReLU):
            return layers.LeakyReLU(SLOPE, name=layer.name, dtype=layer.dtype_policy)
        config = layer.get_config()
        if getattr(layer, "activation", None) is keras.activations.relu:
            config["activation"] = "leaky_relu"  # whose slope is the same
        return type(layer).from_config(config)

    copy: Any = keras.models.clone_model(generator, clone_function=replace)
    copy.set_weights(generator.get_weights())
    return copy


def _with_layers(generator: keras.Model, make: Callable[[], layers.Layer]) -> keras.Model:
    """Copy a generator with a new layer of ``[hidden, latents]`` after each activation of a hidden layer."""
    latents = blocks.symbolic_input(generator.input_shape[1:], name="latent")

    def call(layer: layers.Layer, *arguments: Any, **options: Any) -> Any:
        hidden = layer(*arguments, **options)
        return make()([hidden, latents]) if _is_activation(layer) else hidden

    copy: Any = keras.models.clone_model(generator, input_tensors=latents, call_function=call)
    copy.set_weights(generator.get_weights())
    return copy


def _is_activation(layer: layers.Layer) -> bool:
    """Whether a layer is, or ends in, ReLU or LeakyReLU."""
    activations = (keras.activations.relu, keras.activations.leaky_relu)
    return isinstance(layer, layers.ReLU | layers.LeakyReLU) or getattr(layer, "activation", None) in activations
