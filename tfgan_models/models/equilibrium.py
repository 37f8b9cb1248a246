"""Which of two opponents may learn, so that neither runs away from the other."""

from __future__ import annotations

import tensorflow as tf

from tfgan_models.layers.replicas import all_reduce


def equilibrium_gates(real_loss: tf.Tensor, fake_loss: tf.Tensor, centre: float, margin: float) -> dict[str, tf.Tensor]:
    """Which of the two opponents may learn: the stronger waits for the weaker.

    The discriminator waits while either of its cross-entropies is under ``centre − margin``, the decoder while either
    is over ``centre + margin``; if both would wait, both learn. A discriminator that cannot tell has ln 2 = 0.69 in
    both. From lucabergamini/VAEGAN-PYTORCH; not in the paper.

    Args:
        real_loss: the discriminator's mean cross-entropy on real images, in nats; a scalar, this replica's.
        fake_loss: the same on fakes.
        centre: cross-entropy in equilibrium.
        margin: tolerated distance from it.

    Returns:
        For ``decoder`` and ``discriminator`` a scalar bool, the same on all replicas: true where it learns.
    """
    cross_entropies = tf.stack(all_reduce("mean", [real_loss, fake_loss]))
    discriminator = tf.reduce_all(cross_entropies >= centre - margin)
    decoder = tf.reduce_all(cross_entropies <= centre + margin)
    neither = tf.logical_not(tf.logical_or(decoder, discriminator))
    return {
        "decoder": tf.logical_or(decoder, neither),
        "discriminator": tf.logical_or(discriminator, neither),
    }
