"""Losses of a classifier of K classes that is also a discriminator (Salimans et al. 2016, section 5).

Class K + 1 means "generated". Its logit is fixed at 0, because only differences of logits matter. With
Z(x) = Σₖ exp lₖ(x), the discriminator is D(x) = Z / (Z + 1), and its logit is log Z.
"""

from __future__ import annotations

import tensorflow as tf


def real_logit(logits: tf.Tensor) -> tf.Tensor:
    """Compute log Z(x) = logsumexp l(x), the logit of the probability D(x) that an image is real.

    Args:
        logits: logits of the K classes, ``[n, K]``.

    Returns:
        float32 ``[n]``.
    """
    return tf.reduce_logsumexp(tf.cast(logits, tf.float32), -1)


def labelled_loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Compute the mean of −log p(y | x, y ≤ K) = log Z − l_y over labeled examples.

    Args:
        logits: ``[n, K]``.
        labels: ``[n]``, integers below K.
    """
    logits = tf.cast(logits, tf.float32)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def unlabelled_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """Compute −½ E log D(x) − ½ E log(1 − D(x̃)).

    The terms are −log D = softplus(log Z) − log Z and −log(1 − D) = softplus(log Z).

    Args:
        real_logits: logits of unlabeled images, ``[n, K]``.
        fake_logits: logits of generated images, ``[m, K]``.
    """
    real, fake = real_logit(real_logits), real_logit(fake_logits)
    return 0.5 * tf.reduce_mean(tf.nn.softplus(real) - real) + 0.5 * tf.reduce_mean(tf.nn.softplus(fake))


def probabilities(logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return p(y | x, real), ``[n, K]``, and the probability 1 − D(x) that an image is generated, ``[n]``."""
    logits = tf.cast(logits, tf.float32)
    return tf.nn.softmax(logits), tf.sigmoid(-real_logit(logits))
