"""Conditional variational autoencoder (Sohn et al. 2015, Learning Structured Output Representation)."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.models.base import GenerativeModel
from tfgan_models.objectives import losses, priors
from tfgan_models.objectives.conditions import Condition, append_channels
from tfgan_models.protocols import Distribution


@keras.saving.register_keras_serializable("tfgan_models")
class ConditionalVAE(GenerativeModel):
    """A VAE whose encoder and decoder get the condition y: β·KL(q(z|x, y) ‖ N(0, I)) − log p(x|y, z).

    A latent is the condition followed by the style z, so that the style need not hold the condition.

    Args:
        encoder: images with one more channel for each element of the condition, ``[n, h, w, c + size]``, to mean and
            log-variance of the style, each ``[n, style_dim]``.
        decoder: latents ``[n, size + style_dim]`` to images.
        condition: what both are told of each image. Its ``conditioning`` has no effect without a discriminator.
        beta: weight of the divergence; 1 is the variational bound.
        seed: see ``GenerativeModel``.

    Raises:
        InputError: the networks do not fit the condition.
    """

    players = {"autoencoder": ("encoder", "decoder")}
    train_metrics = ("divergence", "error")
    test_metrics = ("pixel_error",)

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        condition: Condition,
        beta: float = 1.0,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(seed=seed, name=name)
        _check_networks(condition, encoder, decoder)
        self.encoder = encoder
        self.decoder = decoder
        self.condition = condition
        self.beta = beta
        self.style_dim = decoder.input_shape[-1] - condition.size

    @property
    def prior(self) -> Distribution:
        """p(y) p(z): the conditions of the training images, and a Gaussian style."""
        return self.condition.latent_prior(priors.standard_gaussian(self.style_dim))

    @property
    def samplers(self) -> tuple[str, ...]:
        """Styles of codes and p(z)."""
        return ("codes", "prior")

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Perform one step of stochastic gradient variational Bayes with the images' own conditions."""
        images, conditions = batch["image"], self.condition.of(batch)
        with tf.GradientTape() as tape:
            posterior = self.encode_as(images, conditions, training=True)
            styles = priors.reparameterize(posterior, self.noise("posterior", tf.shape(images)[0], (self.style_dim,)))
            reconstructions = self.decoder(tf.concat([conditions, styles], -1), training=True)
            divergence = priors.divergence(posterior, priors.standard_gaussian(self.style_dim))
            error = losses.squared_error(images, reconstructions)
            loss = self.beta * divergence + error
        return self.finish_train_step(**self.update(tape, autoencoder=loss), divergence=divergence, error=error)

    def test_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Return the squared error of the reconstructions from the mean style and the images' conditions."""
        images = batch["image"]
        reconstructions = self.reconstruct_as(images, self.condition.of(batch))
        return self.track(tf.shape(images)[0], pixel_error=losses.pixel_error(images, reconstructions))

    def call(self, latents: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Generate images ``[n, h, w, c]`` from latents."""
        return self.decoder(latents, training=training)

    def encode_as(self, images: tf.Tensor, conditions: tf.Tensor, training: bool = False) -> Distribution:
        """The posterior of the style q(z|x, y) for conditions ``[n, size]``, a batch of n distributions."""
        return priors.gaussian(*self.encoder(append_channels(images, conditions), training=training))

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Generate images from latents: a condition followed by a style."""
        return self.decoder(latents, training=False)

    def reconstruct_as(self, images: tf.Tensor, conditions: tf.Tensor, targets: tf.Tensor | None = None) -> tf.Tensor:
        """Generate images with the mean style of ``images``.

        Args:
            images: ``[n, h, w, c]``.
            conditions: the images' own conditions, ``[n, size]``.
            targets: conditions of the results; by default the images' own.
        """
        conditions = tf.convert_to_tensor(conditions, tf.float32)
        styles = self.encode_as(images, conditions).mean()
        return self.generate(tf.concat([conditions if targets is None else targets, styles], -1))


def _check_networks(condition: Condition, encoder: keras.Model, decoder: keras.Model) -> None:
    """Refuse networks that do not fit a condition, with an ``InputError``."""
    size, style_dim, channels = condition.size, encoder.output_shape[0][-1], decoder.output_shape[-1]
    if encoder.input_shape[-1] != channels + size:
        raise InputError(
            f"condition: give an encoder of images with {channels} + {size} channels, not {encoder.input_shape[-1]}"
        )
    if decoder.input_shape[-1] != size + style_dim:
        raise InputError(
            f"condition: give a decoder of latents with {size} + {style_dim} values, not {decoder.input_shape[-1]}"
        )
