"""Gates that let the stronger of two opponents wait for the weaker."""

from __future__ import annotations

import tensorflow as tf

from tfgan_models.layers.replicas import all_reduce


def equilibrium_gates(real_loss: tf.Tensor, fake_loss: tf.Tensor, center: float, margin: float) -> dict[str, tf.Tensor]:
    """Gates of the two opponents: the stronger waits for the weaker.

    The discriminator waits while one of its cross-entropies is below ``center − margin``. The decoder waits while one
    of them is above ``center + margin``. If both would wait, both learn. At chance, both cross-entropies are
    ln 2 = 0.69. The rule is not in the paper, but in its authors' code (model/aegan.py of
    andersbll/autoencoding_beyond_pixels) and in lucabergamini/VAEGAN-PYTORCH.

    Args:
        real_loss: the discriminator's mean cross-entropy on this replica's real images, in nats; a scalar.
        fake_loss: the same on fakes.
        center: cross-entropy in equilibrium.
        margin: tolerated distance from it.

    Returns:
        A scalar bool for ``decoder`` and ``discriminator``, the same on all replicas: true if the player learns.
    """
    cross_entropies = tf.stack(all_reduce("mean", [real_loss, fake_loss]))
    discriminator = tf.reduce_all(cross_entropies >= center - margin)
    decoder = tf.reduce_all(cross_entropies <= center + margin)
    neither = tf.logical_not(tf.logical_or(decoder, discriminator))
    return {
        "decoder": tf.logical_or(decoder, neither),
        "discriminator": tf.logical_or(discriminator, neither),
    }
