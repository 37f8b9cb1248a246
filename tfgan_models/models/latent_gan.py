"""Base of the generative adversarial networks: a generator that turns latents into images."""

from __future__ import annotations

from typing import ClassVar

import keras
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.models.base import GenerativeModel
from tfgan_models.models.virtual_batch_generator import with_reference
from tfgan_models.objectives import priors
from tfgan_models.protocols import Distribution


class LatentGAN(GenerativeModel):
    """A model that generates images from latents of a prior. A subclass adds the opponent and the training step.

    Attributes:
        prior_name: name of the prior p(z), a key of ``priors.NAMED``.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``. With virtual batch normalization it becomes a
            ``VirtualBatchGenerator``, whose reference follows from the seed.
        seed: see ``GenerativeModel``.
    """

    prior_name: ClassVar[str] = "standard_gaussian"

    def __init__(self, generator: keras.Model, *, seed: int = 0, name: str | None = None):
        super().__init__(seed=seed, name=name)
        self.generator = with_reference(generator, self.prior_name, seed)

    @property
    def prior(self) -> Distribution:
        """p(z)."""
        return priors.named(self.prior_name, self.generator.input_shape[-1])

    def latents(self, purpose: str, examples: int | tf.Tensor) -> tf.Tensor:
        """Latents ``[examples, latent_dim]`` from the prior, a pure function of (seed, step, purpose)."""
        return self.noise(purpose, examples, self.prior.event_shape)

    def fakes(self, purpose: str, examples: int | tf.Tensor) -> tf.Tensor:
        """Images ``[examples, h, w, c]`` of ``latents``, generated in training mode."""
        return self.generator(self.latents(purpose, examples), training=True)

    def call(self, latents: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Generate images ``[n, h, w, c]`` from latents."""
        return self.generator(latents, training=training)

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Generate images from latents."""
        return self.generator(latents, training=False)


def layer_output(network: keras.Model, layer: str, kind: str, argument: str) -> keras.KerasTensor:
    """The output of one of a network's layers.

    Args:
        network: functional model.
        layer: the layer's name.
        kind: kind of the network, for the error message.
        argument: name of the argument that names the layer, for the error message.

    Raises:
        InputError: the network has no such layer.
    """
    names = [each.name for each in network.layers]
    if layer not in names:
        raise InputError(f"{argument} {layer}: the {kind} has {', '.join(names)}", argument)
    return network.get_layer(layer).output
