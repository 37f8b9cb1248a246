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
    """N(0, I) over latents of the given size."""
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
        posterior: from ``gaussian``, a batch of n.
        noise: standard normal, ``[n, latent_dim]``.
    """
    return posterior.mean() + posterior.stddev() * noise


def divergence(posterior: Distribution, prior: Distribution) -> tf.Tensor:
    """KL(posterior ‖ prior) in nats, the mean over the batch: a float32 scalar.

    Args:
        posterior: from ``gaussian``, a batch of n.
        prior: ``standard_gaussian``, or independent normals of another mean and deviation.

    Raises:
        NotImplementedError: TensorFlow Probability has no closed form of the two, such as for another class of prior.
    """
    return tf.reduce_mean(tfd.kl_divergence(posterior, prior))


def deterministic(code: tf.Tensor) -> Distribution:
    """The posterior of an encoder without noise: all of it at the code, ``[n, latent_dim]``."""
    return tfd.VectorDeterministic(tf.cast(code, tf.float32))


def uniform(latent_dim: int) -> Distribution:
    """U(0, 1) in each of the given number of dimensions."""
    return tfd.Independent(tfd.Uniform(tf.zeros(latent_dim), tf.ones(latent_dim)), 1, name="uniform")


def categorical(classes: int) -> Distribution:
    """One of so many classes, all as likely, as a one-hot vector.

    Raises:
        InputError: fewer than two.
    """
    if classes < 2:
        raise InputError(f"prior 'categorical' of {classes} dimensions: give 2 or more")
    return tfd.OneHotCategorical(logits=tf.zeros(classes), dtype=tf.float32, name="categorical")


def ring_of_gaussians(latent_dim: int = 2, modes: int = 10) -> Distribution:
    """Ten petals: Gaussians on a ring, longer towards its middle than they are wide (Makhzani et al. 2015, figure 2).

    Args:
        latent_dim: must be 2.
        modes: Gaussians, each of deviation 0.5 along the ring's radius, which is 2, and of 0.15 across.

    Raises:
        InputError: another number of dimensions.
    """
    _check_plane("ring_of_gaussians", latent_dim)
    angles = 2 * np.pi * np.arange(modes) / modes
    outwards = np.stack([np.cos(angles), np.sin(angles)], 1)
    across = np.stack([-outwards[:, 1], outwards[:, 0]], 1)
    axes = np.stack([0.5 * outwards, 0.15 * across], 2)
    covariances = axes @ axes.transpose(0, 2, 1)
    return _mixture("ring_of_gaussians", 2.0 * outwards, np.linalg.cholesky(covariances))


def swiss_roll(latent_dim: int = 2, turns: float = 2.0, gaussians: int = 200) -> Distribution:
    """A spiral of even density and radius 3 (Makhzani et al. 2015, figure 4).

    It is a mixture of small Gaussians, of deviation 0.1, so close to each other along the spiral that they make one
    line.

    Args:
        latent_dim: must be 2.
        turns: of the spiral.
        gaussians: how many, from its middle outwards.

    Raises:
        InputError: another number of dimensions.
    """
    _check_plane("swiss_roll", latent_dim)
    way = np.sqrt((np.arange(gaussians) + 0.5) / gaussians)  # the spiral's length grows as the square of its angle
    angles = 2 * np.pi * turns * way
    centres = 3.0 * way[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1)
    return _mixture("swiss_roll", centres, np.broadcast_to(0.1 * np.eye(2), (gaussians, 2, 2)))


NAMED = {
    "standard_gaussian": standard_gaussian,
    "uniform": uniform,
    "ring_of_gaussians": ring_of_gaussians,
    "swiss_roll": swiss_roll,
    "categorical": categorical,
}


def named(name: str, latent_dim: int) -> Distribution:
    """The prior of a name in ``NAMED``, to which any function of ``latent_dim`` that gives a distribution may be added.

    Raises:
        InputError: no such name, or the prior has another number of dimensions.
    """
    if name not in NAMED:
        raise InputError(f"prior {name!r}: there are {', '.join(NAMED)}")
    return NAMED[name](latent_dim)


def class_and_style(classes: int, style_dim: int) -> Distribution:
    """A one-hot class beside a Gaussian style: ``[classes + style_dim]`` (Makhzani et al. 2015, section 5)."""
    return tfd.Blockwise([categorical(classes), standard_gaussian(style_dim)], name="class_and_style")


def sampler(distribution: Distribution) -> Callable[..., tf.Tensor]:
    """A distribution as ``GenerativeModel.noise`` draws, called as ``draw((n,), seed=...)``: ``[n, ...]``."""

    def draw(shape: tuple[int | tf.Tensor, ...], seed: tf.Tensor) -> tf.Tensor:
        return distribution.sample(shape[0], seed=to_32_bits(seed))

    return draw


def components_per_class(prior: Distribution, classes: int) -> int:
    """How many of a mixture's components each class has: they are dealt out in equal runs, in their order.

    Of ten petals one to each of ten classes, of a spiral a tenth of its length (Makhzani et al. 2015, section 2.3).

    Raises:
        InputError: no mixture whose components divide by the classes.
    """
    components = getattr(prior, "components_distribution", None)
    count = components.batch_shape[0] if components is not None else 0
    if not count or count % classes:
        raise InputError(
            f"prior {prior.name!r}: its parts cannot be dealt out to {classes} classes, take a mixture whose "
            "components divide by them"
        )
    return count // classes


def sample_class_components(drawn: tf.Tensor, chance: tf.Tensor, labels: tf.Tensor, classes: int) -> tf.Tensor:
    """A draw from each label's part of a mixture, p(z | y), out of draws of all its components.

    Args:
        drawn: from every component, ``[n, components, d]``.
        chance: uniform in [0, 1), ``[n]``: decides between the components of a part.
        labels: ``[n]``, integers below the number of classes.
        classes: how many there are.

    Returns:
        ``[n, d]``. The components of a part count as equally likely.
    """
    each = static_size(drawn.shape[1]) // classes
    # A float32 near 1 times a number can be rounded up to it.
    within = tf.minimum(tf.cast(chance * each, tf.int32), each - 1)
    return tf.gather(drawn, tf.cast(labels, tf.int32) * each + within, batch_dims=1)


def _check_plane(name: str, latent_dim: int) -> None:
    if latent_dim != 2:
        raise InputError(f"prior {name!r}: it has 2 dimensions, not {latent_dim}")


def gaussian_mixture(centres: tf.Tensor) -> Distribution:
    """N(c, I) around centres ``[n, d]``, all as likely."""
    components = tfd.MultivariateNormalDiag(loc=centres, scale_diag=tf.ones_like(centres))
    return tfd.MixtureSameFamily(tfd.Categorical(logits=tf.zeros(centres.shape[:1])), components)


def _mixture(name: str, centres: np.ndarray, scales: np.ndarray) -> Distribution:
    components = tfd.MultivariateNormalTriL(np.float32(centres), np.float32(scales))
    return tfd.MixtureSameFamily(tfd.Categorical(logits=tf.zeros(len(centres))), components, name=name)
