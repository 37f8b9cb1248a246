"""Losses as pure functions. Each returns a float32 scalar, the mean over the batch of a value for each example."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.layers.replicas import all_reduce

Target = float | tf.Tensor  # a scalar, or one for each example: [n, 1]


def cross_entropy(target: Target, logits: tf.Tensor) -> tf.Tensor:
    """Binary cross-entropy of logits against a target in [0, 1], in nats.

    Args:
        target: scalar, or a tensor that broadcasts to the logits' shape. Above 1, the loss is not bounded below.
        logits: any shape; the mean is taken over all elements.
    """
    logits = tf.cast(logits, tf.float32)
    target = tf.broadcast_to(tf.cast(target, tf.float32), tf.shape(logits))
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(target, logits))


def discriminator_real_loss(logits: tf.Tensor, target: Target = 1.0) -> tf.Tensor:
    """−log D(x), the discriminator's loss on real images (Goodfellow et al. 2014, Algorithm 1).

    Another target smooths or swaps the label: see ``target_smoothing``.
    """
    return cross_entropy(target, logits)


def discriminator_fake_loss(logits: tf.Tensor, target: Target = 0.0) -> tf.Tensor:
    """−log(1 − D(x̃)), the discriminator's loss on generated images (Goodfellow et al. 2014, Algorithm 1)."""
    return cross_entropy(target, logits)


def minimax(fake_logits: tf.Tensor) -> tf.Tensor:
    """log(1 − D(x̃)), the generator's loss of the minimax game (Goodfellow et al. 2014, equation 1)."""
    return -discriminator_fake_loss(fake_logits)


def non_saturating(fake_logits: tf.Tensor) -> tf.Tensor:
    """−log D(x̃), the generator's loss that does not saturate (Goodfellow et al. 2014, section 3)."""
    return cross_entropy(1.0, fake_logits)


GENERATOR_LOSSES = {"minimax": minimax, "non_saturating": non_saturating}


def cross_entropy_discriminator(
    real_logits: tf.Tensor, fake_logits: tf.Tensor, real_target: Target = 1.0, fake_target: Target = 0.0
) -> tf.Tensor:
    """−log D(x) − log(1 − D(x̃)): the discriminator's loss against ``minimax`` and ``non_saturating``."""
    return discriminator_real_loss(real_logits, real_target) + discriminator_fake_loss(fake_logits, fake_target)


def least_squares_discriminator(
    real_logits: tf.Tensor, fake_logits: tf.Tensor, real_target: Target = 1.0, fake_target: Target = 0.0
) -> tf.Tensor:
    """½ (D(x) − 1)² + ½ D(x̃)², where the outputs are not probabilities (Mao et al. 2016, equation 9)."""
    return _half_square(real_logits, real_target) + _half_square(fake_logits, fake_target)


def least_squares_generator(fake_logits: tf.Tensor) -> tf.Tensor:
    """½ (D(x̃) − 1)² (Mao et al. 2016, equation 9)."""
    return _half_square(fake_logits, 1.0)


def hinge_discriminator(
    real_logits: tf.Tensor, fake_logits: tf.Tensor, real_target: Target = 1.0, fake_target: Target = 0.0
) -> tf.Tensor:
    """max(0, 1 − D(x)) + max(0, 1 + D(x̃)) (Lim and Ye 2017, section 2).

    Raises:
        InputError: a target is not the number 1 for real or 0 for fake: the hinge has margins in place of targets.
    """
    if any(tf.is_tensor(target) or target != hard for target, hard in ((real_target, 1), (fake_target, 0))):
        raise InputError(
            f"targets {real_target} and {fake_target}: the hinge loss has margins, leave its targets 1 and 0"
        )
    return _mean(tf.nn.relu(1 - _float32(real_logits))) + _mean(tf.nn.relu(1 + _float32(fake_logits)))


def wasserstein_critic(real_scores: tf.Tensor, fake_scores: tf.Tensor, real_target: float = 1.0) -> tf.Tensor:
    """f(x̃) − f(x): minus the estimate of the Wasserstein distance (Arjovsky et al. 2017, Algorithm 1).

    Args:
        real_scores, fake_scores: any shape.
        real_target: factor on the real scores. Below 1, the critic gains by lowering all scores, so that only a bound
            on its weights bounds the loss.
    """
    return _mean(fake_scores) - real_target * _mean(real_scores)


def wasserstein_generator(fake_scores: tf.Tensor) -> tf.Tensor:
    """−f(x̃) (Arjovsky et al. 2017, Algorithm 1); also the generator's loss against the hinge."""
    return -_mean(fake_scores)


class GANLoss(NamedTuple):
    """The losses of two opponents.

    Attributes:
        discriminator: function of (real_logits, fake_logits, real_target=1.0, fake_target=0.0).
        generator: function of (fake_logits). It does not use targets.
        boundary: output of the discriminator above which it classifies an image as real.
    """

    discriminator: Callable[..., tf.Tensor]
    generator: Callable[[tf.Tensor], tf.Tensor]
    boundary: float = 0.0


GAN_LOSSES = {
    "minimax": GANLoss(cross_entropy_discriminator, minimax),
    "non_saturating": GANLoss(cross_entropy_discriminator, non_saturating),
    "least_squares": GANLoss(least_squares_discriminator, least_squares_generator, boundary=0.5),
    "hinge": GANLoss(hinge_discriminator, wasserstein_generator),
}


def relativistic_discriminator(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """softplus(−(D(x) − D(x̃))): each real image against the fake in its row.

    R3GAN (Huang et al. 2025, 2501.05441, equation 2), which also uses ``penalties.zero_centered_gradient_penalty``.
    """
    return _mean(tf.nn.softplus(_float32(fake_logits) - _float32(real_logits)))


def relativistic_generator(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """softplus(−(D(x̃) − D(x))), the pairs as in ``relativistic_discriminator``."""
    return relativistic_discriminator(fake_logits, real_logits)


def energy_discriminator(real_energy: tf.Tensor, fake_energy: tf.Tensor, margin: float) -> tf.Tensor:
    """D(x) + max(0, m − D(x̃)), where D is an energy (Zhao et al. 2016, 1609.03126, equation 1).

    Args:
        real_energy, fake_energy: one energy for each example, such as the error of an autoencoder.
        margin: the energy m above which a fake does not add to the loss.
    """
    return _mean(real_energy) + _mean(tf.nn.relu(margin - _float32(fake_energy)))


def energy_generator(fake_energy: tf.Tensor) -> tf.Tensor:
    """D(x̃) (Zhao et al. 2016, equation 2)."""
    return _mean(fake_energy)


def feature_matching(real_features: tf.Tensor, fake_features: tf.Tensor) -> tf.Tensor:
    """‖E f(x) − E f(x̃)‖², the generator's loss (Salimans et al. 2016, section 3.1): a difference of batch means.

    The means are over all replicas' examples, so that all replicas get the same value. The authors' code also divides
    by the number of features.

    Args:
        real_features: output ``[n, ...]`` of one of the discriminator's layers.
        fake_features: output of the same layer, ``[m, ...]``.
    """
    real, fake = all_reduce("mean", [tf.reduce_mean(_float32(f), 0) for f in (real_features, fake_features)])
    return tf.reduce_sum(tf.square(real - fake))


def squared_error(target: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    """½ Σ (target − output)², summed over each example's elements: −log N(target | output, I) up to a constant.

    Used on pixels, and on features as the learned similarity (Larsen et al. 2015, equation 7).

    Args:
        target: ``[n, ...]``.
        output: tensor of the target's shape.
    """
    difference = tf.cast(target, tf.float32) - tf.cast(output, tf.float32)
    return 0.5 * tf.reduce_sum(tf.square(difference)) / tf.cast(tf.shape(difference)[0], tf.float32)


def relative_error(target: tf.Tensor, output: tf.Tensor, values: int) -> tf.Tensor:
    """½ n E(target − output)² / Var(target): the squared error of n values in units of the data's variance.

    It does not depend on the scale or the number of the features, nor on the growth of a discriminator's weights. An
    output that is the mean of all targets has an error of n / 2. The variance of each feature is over all replicas'
    examples, averaged over the features; it has no gradient.

    Args:
        target: ``[n, ...]``.
        output: tensor of the target's shape.
        values: n, such as the number of an image's values.
    """
    target, output = _float32(target), _float32(output)
    mean, square = all_reduce("mean", [tf.reduce_mean(target, 0), tf.reduce_mean(tf.square(target))])
    variance = tf.stop_gradient(square - tf.reduce_mean(tf.square(mean)))
    return 0.5 * values * _mean(tf.square(target - output)) / tf.maximum(variance, 1e-8)


def pixel_error(target: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    """Mean squared error of a pixel's channel, with images in [-1, 1]; a score, not a loss."""
    return tf.reduce_mean(tf.square(tf.cast(target, tf.float32) - tf.cast(output, tf.float32)))


def accuracy(real_logits: tf.Tensor, fake_logits: tf.Tensor, boundary: float = 0.0) -> tf.Tensor:
    """Accuracy of a discriminator, with equal weights for real and generated images: 0.5 is chance.

    Args:
        real_logits, fake_logits: any shape.
        boundary: output above which the discriminator classifies an image as real; see ``GANLoss``.
    """
    return 0.5 * (
        tf.reduce_mean(tf.cast(real_logits > boundary, tf.float32))
        + tf.reduce_mean(tf.cast(fake_logits <= boundary, tf.float32))
    )


def _float32(values: Target) -> tf.Tensor:
    return tf.cast(values, tf.float32)


def _mean(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(_float32(values))


def _half_square(outputs: tf.Tensor, target: Target) -> tf.Tensor:
    outputs = _float32(outputs)
    return 0.5 * _mean(tf.square(outputs - tf.broadcast_to(_float32(target), tf.shape(outputs))))
