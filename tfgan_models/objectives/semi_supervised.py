"""A classifier of K classes as a discriminator of K + 1 (Salimans et al. 2016, section 5): its losses.

The class K + 1 is «generated». Its logit is fixed at 0, as only differences of logits count, so that with
Z(x) = Σₖ exp lₖ(x) the discriminator is D(x) = Z / (Z + 1), and log Z is its logit.
"""

from __future__ import annotations

import tensorflow as tf


def real_logit(logits: tf.Tensor) -> tf.Tensor:
    """log Z(x) = logsumexp l(x): the logit of D(x), the probability of being real.

    Args:
        logits: logits of the K classes, ``[n, K]``.

    Returns:
        float32 ``[n]``.
    """
    return tf.reduce_logsumexp(tf.cast(logits, tf.float32), -1)


def labelled_loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """−log p(y | x, y ≤ K) = log Z − l_y, the mean over the labelled examples.

    Args:
        logits: ``[n, K]``.
        labels: ``[n]``, integers below K.
    """
    logits = tf.cast(logits, tf.float32)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def unlabelled_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """−½ E log D(x) − ½ E log(1 − D(x̃)), with −log D = softplus(log Z) − log Z and −log(1 − D) = softplus(log Z).

    Args:
        real_logits: of unlabelled images, ``[n, K]``.
        fake_logits: of generated ones, ``[m, K]``.
    """
    real, fake = real_logit(real_logits), real_logit(fake_logits)
    return 0.5 * tf.reduce_mean(tf.nn.softplus(real) - real) + 0.5 * tf.reduce_mean(tf.nn.softplus(fake))


def probabilities(logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """p(y | x, real), ``[n, K]``, and the probability of being generated, 1 − D(x), ``[n]``."""
    logits = tf.cast(logits, tf.float32)
    return tf.nn.softmax(logits), tf.sigmoid(-real_logit(logits))
