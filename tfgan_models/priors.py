"""Priors and posteriors over latents, as TensorFlow Probability distributions."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_probability as tfp

tfd = tfp.distributions


def standard_gaussian(latent_dim: int) -> tfd.Distribution:
    """N(0, I) over latents of the given size."""
    return tfd.MultivariateNormalDiag(
        loc=tf.zeros(latent_dim), scale_diag=tf.ones(latent_dim), name="standard_gaussian"
    )


def gaussian(mean: tf.Tensor, log_variance: tf.Tensor) -> tfd.Distribution:
    """q(z|x) = N(mean, diag exp(log_variance)) (Kingma and Welling 2013, appendix C.2).

    Args:
        mean: ``[n, latent_dim]``.
        log_variance: ``[n, latent_dim]``.

    Returns:
        A batch of n distributions. ``reparameterize`` draws from it.
    """
    scale = tf.exp(0.5 * tf.cast(log_variance, tf.float32))
    return tfd.MultivariateNormalDiag(loc=tf.cast(mean, tf.float32), scale_diag=scale)


def reparameterize(posterior: tfd.Distribution, noise: tf.Tensor) -> tf.Tensor:
    """z = mean + stddev · noise, the reparameterization trick (Kingma and Welling 2013, section 2.4).

    Args:
        posterior: from ``gaussian``, a batch of n.
        noise: standard normal, ``[n, latent_dim]``.
    """
    return posterior.mean() + posterior.stddev() * noise


def divergence(posterior: tfd.Distribution, prior: tfd.Distribution) -> tf.Tensor:
    """KL(posterior ‖ prior) in nats, the mean over the batch: a float32 scalar."""
    return tf.reduce_mean(tfd.kl_divergence(posterior, prior))


def deterministic(code: tf.Tensor) -> tfd.Distribution:
    """The posterior of an encoder without noise: all of it at the code, ``[n, latent_dim]``."""
    return tfd.VectorDeterministic(tf.cast(code, tf.float32))


def uniform(latent_dim: int) -> tfd.Distribution:
    """U(0, 1) in each of the given number of dimensions."""
    return tfd.Independent(tfd.Uniform(tf.zeros(latent_dim), tf.ones(latent_dim)), 1, name="uniform")
