"""Conditional VAE/GAN, the attribute-conditioned model of Larsen et al. 2015 (1512.09300, section 4.2)."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.models.conditional_vae import ConditionalVAE
from tfgan_models.models.latent_gan import check_opponent
from tfgan_models.models.vaegan_game import VAEGANGame, check
from tfgan_models.objectives.conditions import Condition, images_with_conditions
from tfgan_models.protocols import Distribution


@keras.saving.register_keras_serializable("tfgan_models")
class ConditionalVAEGAN(VAEGANGame, ConditionalVAE):
    """A VAE/GAN whose encoder, decoder and discriminator get the condition of each image.

    A latent is the condition followed by the style. The discriminator gets a reconstruction with the condition of its
    original. Samples of the prior have the conditions of the batch's images and styles of N(0, I).

    Args:
        encoder: images with one more channel for each element of the condition, ``[n, h, w, c + size]``, to mean and
            log-variance of the style, each ``[n, style_dim]``.
        decoder: latents ``[n, size + style_dim]`` to images.
        discriminator: images and conditions to logits ``[n, 1]``, as ``networks.conditional.discriminator`` makes it
            for the condition's ``conditioning``: ``concat``, as in the paper, or ``projection``.
        condition: what the networks are told of each image.
        similarity_layer: as for ``VAEGAN``. ``image`` is the image without the channels of the condition.
        gamma, beta, reconstruction, judge_reconstructions, loss: as for ``VAEGAN``.
        equilibrium, equilibrium_margin, relative_error, balanced_gradients, encoder_gan: as for ``VAEGAN``.
        refine_steps: as for ``VAEGAN``; the condition stays as it is.
        judge_samples: as for ``VAEGAN``. Without them draw styles from the codes, see ``latent.code_prior``.
        seed: see ``GenerativeModel``.

    Raises:
        InputError: the loss, the reconstruction or a layer is unknown; the discriminator gets no fakes, or has
            minibatch discrimination and judges samples; the networks do not fit the condition, or its conditioning
            is ``auxiliary``.
    """

    train_metrics = (
        "divergence",
        "error",
        "gan",
        "discriminator_accuracy",
        "decoder_gate_closed",
        "discriminator_gate_closed",
    )

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        discriminator: keras.Model,
        condition: Condition,
        similarity_layer: str | Sequence[str] = "features",
        gamma: float = 1e-6,
        beta: float = 1.0,
        reconstruction: str = "features",
        judge_reconstructions: bool = True,
        loss: str = "minimax",
        equilibrium: float | None = None,
        equilibrium_margin: float = 0.35,
        relative_error: bool = False,
        balanced_gradients: bool = False,
        judge_samples: bool = True,
        encoder_gan: bool = False,
        refine_steps: int = 0,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        check(loss, reconstruction, judge_reconstructions, judge_samples, refine_steps, discriminator)
        if condition.conditioning == "auxiliary":
            raise InputError(
                "conditioning 'auxiliary': the discriminator of a VAE/GAN is told, give concat or projection"
            )
        super().__init__(encoder, decoder, condition, beta, seed=seed, name=name)
        check_opponent(condition, decoder.output_shape[-1], discriminator)
        self.set_discriminator(discriminator, similarity_layer)
        self.gamma = gamma
        self.reconstruction = reconstruction
        self.judge_reconstructions = judge_reconstructions
        self.judge_samples = judge_samples
        self.loss = loss
        self.equilibrium = equilibrium
        self.equilibrium_margin = equilibrium_margin
        self.relative_error = relative_error
        self.balanced_gradients = balanced_gradients
        self.encoder_gan = encoder_gan
        self.refine_steps = refine_steps

    def conditions(self, batch: dict[str, tf.Tensor]) -> tf.Tensor:
        """The conditions of a batch's images."""
        return self.condition.of(batch)

    def posterior(self, images: tf.Tensor, conditions: tf.Tensor | None) -> Distribution:
        """The posterior of the styles q(z|x, y), in training mode."""
        assert conditions is not None
        return self.encode_as(images, conditions, training=True)

    def discriminator_inputs(self, images: tf.Tensor, conditions: tf.Tensor | None) -> tf.Tensor | list[tf.Tensor]:
        """The discriminator's inputs for images and their conditions.

        Raises:
            InputError: there are no conditions.
        """
        if conditions is None:
            raise InputError("conditions: give them, because ConditionalVAEGAN judges images by their conditions")
        return images_with_conditions(self.condition.conditioning, images, conditions)

    def _features_and_outputs(
        self, images: tf.Tensor, conditions: tf.Tensor | None
    ) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """Return the features in which the error is measured, and the discriminator's outputs."""
        features, outputs = super()._features_and_outputs(images, conditions)
        layers = [self.similarity_layer] if isinstance(self.similarity_layer, str) else self.similarity_layer
        # The channels of the condition have no error, but their variance would count in a relative error.
        is_input = [layer == self.discriminator.inputs[0].name for layer in layers]
        return [images if own else feature for own, feature in zip(is_input, features, strict=True)], outputs

    def discriminate(self, images: tf.Tensor, conditions: tf.Tensor | None = None) -> tf.Tensor:
        """Return logits ``[n, 1]``, positive for images classified as real under their conditions ``[n, size]``."""
        return self.discriminator(self.discriminator_inputs(images, conditions), training=False)
