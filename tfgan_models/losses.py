"""Losses as pure functions. Each returns a float32 scalar: the mean over the batch of a value for each example."""

from __future__ import annotations

import tensorflow as tf


def cross_entropy(target: float | tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Binary cross-entropy of logits against a target in [0, 1], in nats.

    Args:
        target: scalar, or a tensor of the logits' shape.
        logits: any shape; the mean is taken over all elements, so it does not grow with their number.
    """
    logits = tf.cast(logits, tf.float32)
    target = tf.broadcast_to(tf.cast(target, tf.float32), tf.shape(logits))
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(target, logits))


def real_is_real(logits: tf.Tensor) -> tf.Tensor:
    """−log D(x), the discriminator's loss on real images (Goodfellow et al. 2014, Algorithm 1)."""
    return cross_entropy(1.0, logits)


def fake_is_fake(logits: tf.Tensor) -> tf.Tensor:
    """−log(1 − D(x̃)), the discriminator's loss on generated images (Goodfellow et al. 2014, Algorithm 1)."""
    return cross_entropy(0.0, logits)


def minimax(fake_logits: tf.Tensor) -> tf.Tensor:
    """log(1 − D(x̃)), the generator's loss of the minimax game (Goodfellow et al. 2014, equation 1)."""
    return -fake_is_fake(fake_logits)


def non_saturating(fake_logits: tf.Tensor) -> tf.Tensor:
    """−log D(x̃), the generator's loss that does not saturate (Goodfellow et al. 2014, section 3)."""
    return cross_entropy(1.0, fake_logits)


GENERATOR_LOSSES = {"minimax": minimax, "non_saturating": non_saturating}


def squared_error(target: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    """½ Σ (target − output)², summed over each example's elements: −log N(target | output, I) up to a constant.

    Used on pixels, and on features as the learned similarity (Larsen et al. 2015, equation 7).

    Args:
        target: ``[n, ...]``.
        output: of the target's shape.
    """
    difference = tf.cast(target, tf.float32) - tf.cast(output, tf.float32)
    return 0.5 * tf.reduce_sum(tf.square(difference)) / tf.cast(tf.shape(difference)[0], tf.float32)


def pixel_error(target: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    """Mean squared error of a pixel's channel, with images in [-1, 1]: a score, not a loss."""
    return tf.reduce_mean(tf.square(tf.cast(target, tf.float32) - tf.cast(output, tf.float32)))


def accuracy(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """How often a discriminator is right, real and generated images weighing the same: 0.5 is chance."""
    return 0.5 * (
        tf.reduce_mean(tf.cast(real_logits > 0, tf.float32)) + tf.reduce_mean(tf.cast(fake_logits <= 0, tf.float32))
    )
