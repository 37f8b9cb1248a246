"""A generator with virtual batch normalization, which runs its own reference batch."""

from __future__ import annotations

import zlib
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.layers.virtual_batch_normalization import has_virtual_batch_norm, virtual_batch
from tfgan_models.objectives import priors

REFERENCE_EXAMPLES = 64


@keras.saving.register_keras_serializable("tfgan_models")
class VirtualBatchGenerator(keras.Model):
    """A functional model whose layers ``VirtualBatchNormalization`` refer to one fixed batch of latents.

    In training, each call runs the reference batch first, so that its statistics belong to the current weights and
    gradients flow through them (Salimans et al. 2016, section 3.5). In inference, the layers use the last statistics,
    which are saved with them. All replicas run the complete reference batch and get the same statistics.

    The model has the layers and the variables of the functional model that it is built from, and no others.

    Args:
        inputs, outputs, name, kwargs: as in ``keras.Model``.
        prior_name: name of the prior that the reference is drawn from, a key of ``priors.NAMED``.
        reference_seed: seed of the reference batch, which is the same at every step.
    """

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        name: str | None = None,
        *,
        prior_name: str = "standard_gaussian",
        reference_seed: int = 0,
        **kwargs,
    ):
        super().__init__(inputs=inputs, outputs=outputs, name=name, **kwargs)
        self.prior_name = prior_name
        self.reference_seed = reference_seed

    @property
    def reference(self) -> tf.Tensor:
        """The reference batch of latents, ``[REFERENCE_EXAMPLES, latent_dim]``."""
        prior = priors.named(self.prior_name, self.input_shape[-1])
        return prior.sample(REFERENCE_EXAMPLES, seed=(self.reference_seed, zlib.crc32(b"reference")))

    def __call__(self, latents: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Generate images from latents, in training with the statistics of the reference batch.

        This is not ``call``, so that reference and latents each call the layers in a name scope of their own.
        TensorFlow sums gradients in the order of names, which determines their last bits.
        """
        network = super().__call__
        if not training:
            return network(latents, training=False)
        with virtual_batch(network, self.reference):
            return network(latents, training=True)

    def get_config(self) -> dict[str, Any]:
        """The functional model's configuration, with the reference."""
        return {**super().get_config(), "prior_name": self.prior_name, "reference_seed": self.reference_seed}


def with_reference(generator: keras.Model, prior_name: str, seed: int) -> keras.Model:
    """Return the generator, as a ``VirtualBatchGenerator`` with the same layers if it needs a reference batch.

    Args:
        generator: latents to images, with layers of type ``VirtualBatchNormalization`` or without.
        prior_name: name of the prior of the latents.
        seed: seed of the reference; a ``VirtualBatchGenerator`` keeps its own.
    """
    if isinstance(generator, VirtualBatchGenerator) or not has_virtual_batch_norm(generator):
        return generator
    return VirtualBatchGenerator(
        generator.input, generator.output, generator.name, prior_name=prior_name, reference_seed=seed
    )
