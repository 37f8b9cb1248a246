"""Variational autoencoder (Kingma and Welling 2013, 1312.6114), with β (Higgins et al. 2017)."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.models.base import GenerativeModel
from tfgan_models.objectives import losses, priors
from tfgan_models.protocols import Distribution


@keras.saving.register_keras_serializable("tfgan_models")
class VAE(GenerativeModel):
    """An encoder and a decoder that minimize β·KL(q(z|x) ‖ p(z)) − log p(x|z), with p(x|z) = N(x̂, I).

    Args:
        encoder: images ``[n, h, w, c]`` to mean and log-variance, each ``[n, latent_dim]``.
        decoder: latents to images.
        beta: weight of the divergence; 1 is the variational bound.
        prior_name: name of the prior p(z), a key of ``priors.NAMED`` with a density everywhere. The divergence from
            other priors than N(0, I) is estimated from the latents of the step, see ``priors.divergence_estimate``.
        seed: see ``GenerativeModel``.

    Raises:
        InputError: the prior is unknown, or has no density at some latents.
    """

    players = {"autoencoder": ("encoder", "decoder")}
    train_metrics = ("divergence", "error")
    test_metrics = ("pixel_error",)

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        beta: float = 1.0,
        prior_name: str = "standard_gaussian",
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(seed=seed, name=name)
        priors.named(prior_name, decoder.input_shape[-1])  # raises an error if it is unknown
        if prior_name in priors.BOUNDED:
            raise InputError(f"prior {prior_name!r}: it has no density at some latents of a VAE, give another prior")
        self.encoder = encoder
        self.decoder = decoder
        self.beta = beta
        self.prior_name = prior_name

    @property
    def prior(self) -> Distribution:
        """p(z)."""
        return priors.named(self.prior_name, self.decoder.input_shape[-1])

    @property
    def samplers(self) -> tuple[str, ...]:
        """Codes and p(z)."""
        return ("codes", "prior")

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Perform one step of stochastic gradient variational Bayes (Kingma and Welling 2013, Algorithm 1)."""
        images = batch["image"]
        with tf.GradientTape() as tape:
            posterior = self.encode(images, training=True)
            latents = priors.reparameterize(
                posterior, self.noise("posterior", tf.shape(images)[0], posterior.event_shape)
            )
            reconstructions = self.decoder(latents, training=True)
            divergence = self._divergence(posterior, latents)
            error = losses.squared_error(images, reconstructions)
            loss = self.beta * divergence + error
        return self.finish_train_step(**self.update(tape, autoencoder=loss), divergence=divergence, error=error)

    def _divergence(self, posterior: Distribution, latents: tf.Tensor) -> tf.Tensor:
        if self.prior_name == "standard_gaussian":
            return priors.divergence(posterior, self.prior)
        return priors.divergence_estimate(posterior, self.prior, latents)

    def test_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Return the squared error of the reconstructions from the posterior's mean."""
        images = batch["image"]
        return self.track(tf.shape(images)[0], pixel_error=losses.pixel_error(images, self.reconstruct(images)))

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Reconstructions ``[n, h, w, c]`` from the posterior's mean."""
        return self.decoder(self.encode(images, training=training).mean(), training=training)

    def encode(self, images: tf.Tensor, training: bool = False) -> Distribution:
        """The posterior q(z|x), a batch of n distributions over ``[latent_dim]``."""
        return priors.gaussian(*self.encoder(images, training=training))

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Generate images from latents."""
        return self.decoder(latents, training=False)

    def reconstruct(self, images: tf.Tensor) -> tf.Tensor:
        """Return reconstructions from the posteriors' means."""
        return self.generate(self.encode(images).mean())
