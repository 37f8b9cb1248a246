"""Priors and posteriors over latents, as TensorFlow Probability distributions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfgan_models.errors import InputError
from tfgan_models.protocols import Distribution
from tfgan_models.seeds import to_32_bits
from tfgan_models.shapes import static_size

tfd = tfp.distributions


def standard_gaussian(latent_dim: int) -> Distribution:
    """N(0, I) over latents of one size."""
    return tfd.Independent(tfd.Normal(tf.zeros(latent_dim), tf.ones(latent_dim)), 1, name="standard_gaussian")


def gaussian(mean: tf.Tensor, log_variance: tf.Tensor) -> Distribution:
    """q(z|x) = N(mean, diag exp(log_variance)) (Kingma and Welling 2013, appendix C.2).

    Args:
        mean: ``[n, latent_dim]``.
        log_variance: ``[n, latent_dim]``.

    Returns:
        A batch of n distributions. ``reparameterize`` draws from it.
    """
    scale = tf.exp(0.5 * tf.cast(log_variance, tf.float32))
    # A MultivariateNormalDiag is the same distribution, and takes several times as long outside of graphs.
    return tfd.Independent(tfd.Normal(tf.cast(mean, tf.float32), scale), 1)


def reparameterize(posterior: Distribution, noise: tf.Tensor) -> tf.Tensor:
    """z = mean + stddev · noise, the reparameterization trick (Kingma and Welling 2013, section 2.4).

    Args:
        posterior: result of ``gaussian``, a batch of n.
        noise: standard normal, ``[n, latent_dim]``.
    """
    return posterior.mean() + posterior.stddev() * noise


def divergence(posterior: Distribution, prior: Distribution) -> tf.Tensor:
    """KL(posterior ‖ prior) in nats, the mean over the batch: a float32 scalar.

    Args:
        posterior: result of ``gaussian``, a batch of n.
        prior: ``standard_gaussian``, or independent normals of another mean and deviation.

    Raises:
        NotImplementedError: TensorFlow Probability has no closed form of the two, such as for another class of prior.
    """
    return tf.reduce_mean(tfd.kl_divergence(posterior, prior))


def divergence_estimate(posterior: Distribution, prior: Distribution, latents: tf.Tensor) -> tf.Tensor:
    """Estimate KL(posterior ‖ prior) in nats for any prior with a density: a float32 scalar.

    It is the mean of log q(z|x) − log p(z) over the batch (Kingma and Welling 2013, equation 6, with L = 1).

    Args:
        posterior: result of ``gaussian``, a batch of n.
        prior: a distribution over ``[latent_dim]`` with a density everywhere, such as a mixture.
        latents: one sample of each posterior, ``[n, latent_dim]``. Gradients flow through them.
    """
    return tf.reduce_mean(posterior.log_prob(latents) - prior.log_prob(latents))


def deterministic(code: tf.Tensor) -> Distribution:
    """The posterior of an encoder without noise, with all its mass at the code ``[n, latent_dim]``."""
    return tfd.VectorDeterministic(tf.cast(code, tf.float32))


def uniform(latent_dim: int) -> Distribution:
    """U(0, 1) in each dimension."""
    return tfd.Independent(tfd.Uniform(tf.zeros(latent_dim), tf.ones(latent_dim)), 1, name="uniform")


def centered_uniform(latent_dim: int) -> Distribution:
    """U(-1, 1) in each dimension, the latents of DCGAN's released code (Radford et al. 2015)."""
    ones = tf.ones(latent_dim)
    return tfd.Independent(tfd.Uniform(-ones, ones), 1, name="centered_uniform")


def categorical(classes: int) -> Distribution:
    """A one-hot vector of a class, with equal probabilities.

    Raises:
        InputError: fewer than two.
    """
    if classes < 2:
        raise InputError(f"prior 'categorical' of {classes} dimensions: give 2 or more")
    return tfd.OneHotCategorical(logits=tf.zeros(classes), dtype=tf.float32, name="categorical")


def ring_of_gaussians(latent_dim: int = 2, modes: int = 10) -> Distribution:
    """A mixture of ten Gaussians on a ring, elongated in the radial direction (Makhzani et al. 2015, figure 2).

    The ring has the radius 2. The standard deviation of each Gaussian is 0.5 along the radius and 0.15 across.

    Args:
        latent_dim: must be 2.
        modes: number of Gaussians.

    Raises:
        InputError: another number of dimensions.
    """
    _check_plane("ring_of_gaussians", latent_dim)
    angles = 2 * np.pi * np.arange(modes) / modes
    radial = np.stack([np.cos(angles), np.sin(angles)], 1)
    tangential = np.stack([-radial[:, 1], radial[:, 0]], 1)
    axes = np.stack([0.5 * radial, 0.15 * tangential], 2)
    covariances = axes @ axes.transpose(0, 2, 1)
    return _mixture("ring_of_gaussians", 2.0 * radial, np.linalg.cholesky(covariances))


def swiss_roll(latent_dim: int = 2, turns: float = 2.0, gaussians: int = 200) -> Distribution:
    """A spiral of uniform density and radius 3 (Makhzani et al. 2015, figure 4).

    It is a mixture of Gaussians of deviation 0.1, which are close enough along the spiral to form a continuous line.

    Args:
        latent_dim: must be 2.
        turns: number of turns of the spiral.
        gaussians: number of Gaussians; the first is the innermost.

    Raises:
        InputError: another number of dimensions.
    """
    _check_plane("swiss_roll", latent_dim)
    # The root makes distances along the spiral equal, because its length grows as the square of its angle.
    radii = np.sqrt((np.arange(gaussians) + 0.5) / gaussians)
    angles = 2 * np.pi * turns * radii
    centers = 3.0 * radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1)
    return _mixture("swiss_roll", centers, np.broadcast_to(0.1 * np.eye(2), (gaussians, 2, 2)))


NAMED = {
    "standard_gaussian": standard_gaussian,
    "uniform": uniform,
    "ring_of_gaussians": ring_of_gaussians,
    "swiss_roll": swiss_roll,
    "categorical": categorical,
    "centered_uniform": centered_uniform,
}


# Names of priors without a density outside of a bounded region.
BOUNDED = ("uniform", "centered_uniform", "categorical")


def named(name: str, latent_dim: int) -> Distribution:
    """Return the prior of a name in ``NAMED``. To add a prior, add its function of ``latent_dim`` to that table.

    Raises:
        InputError: the name is unknown, or the prior has another number of dimensions.
    """
    if name not in NAMED:
        raise InputError(f"prior {name!r}: give one of {', '.join(NAMED)}")
    return NAMED[name](latent_dim)


def class_and_style(classes: int, style_dim: int) -> Distribution:
    """A one-hot class followed by a Gaussian style: ``[classes + style_dim]`` (Makhzani et al. 2015, section 5)."""
    return tfd.Blockwise([categorical(classes), standard_gaussian(style_dim)], name="class_and_style")


def sampler(distribution: Distribution) -> Callable[..., tf.Tensor]:
    """Return a distribution as an argument ``draw`` of ``GenerativeModel.noise``.

    It is called as ``draw((n,), seed=...)`` and returns ``[n, ...]``.
    """

    def draw(shape: tuple[int | tf.Tensor, ...], seed: tf.Tensor) -> tf.Tensor:
        return distribution.sample(shape[0], seed=to_32_bits(seed))

    return draw


def components_per_class(prior: Distribution, classes: int) -> int:
    """Return the number of a mixture's components that belong to each class.

    Each class gets the same number of successive components: one of ten Gaussians on a ring for each of ten classes, or
    a tenth of a spiral (Makhzani et al. 2015, section 2.3).

    Raises:
        InputError: the prior is not a mixture, or the number of classes does not divide its number of components.
    """
    components = getattr(prior, "components_distribution", None)
    count = components.batch_shape[0] if components is not None else 0
    if not count or count % classes:
        raise InputError(
            f"prior {prior.name!r}: it cannot be divided among {classes} classes; give a mixture with a multiple of "
            f"{classes} components"
        )
    return count // classes


def sample_class_components(samples: tf.Tensor, noise: tf.Tensor, labels: tf.Tensor, classes: int) -> tf.Tensor:
    """Sample p(z | y), the part of a mixture that belongs to each label, from samples of all components.

    Args:
        samples: a sample of each component for each label, ``[n, components, d]``.
        noise: uniform in [0, 1), ``[n]``. It selects one of the components of the label.
        labels: ``[n]``, integers below the number of classes.
        classes: number of classes.

    Returns:
        ``[n, d]``. The components of a label are equally likely.
    """
    per_class = static_size(samples.shape[1]) // classes
    # The minimum is needed because a float32 near 1 times a number can be rounded up to that number.
    component = tf.minimum(tf.cast(noise * per_class, tf.int32), per_class - 1)
    return tf.gather(samples, tf.cast(labels, tf.int32) * per_class + component, batch_dims=1)


def _check_plane(name: str, latent_dim: int) -> None:
    if latent_dim != 2:
        raise InputError(f"prior {name!r}: it has 2 dimensions, not {latent_dim}")


def gaussian_mixture(centers: tf.Tensor) -> Distribution:
    """A mixture of N(c, I) around centers ``[n, d]``, with equal weights."""
    components = tfd.MultivariateNormalDiag(loc=centers, scale_diag=tf.ones_like(centers))
    return tfd.MixtureSameFamily(tfd.Categorical(logits=tf.zeros(centers.shape[:1])), components)


def _mixture(name: str, centers: np.ndarray, scales: np.ndarray) -> Distribution:
    components = tfd.MultivariateNormalTriL(np.float32(centers), np.float32(scales))
    return tfd.MixtureSameFamily(tfd.Categorical(logits=tf.zeros(len(centers))), components, name=name)
