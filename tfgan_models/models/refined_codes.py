"""Refined codes of a part of each batch, from which the decoder of a VAE/GAN learns.

This is a simplification of semi-amortized inference (Kim et al. 2018, 1802.02550): there the posterior's parameters are
refined by the ELBO, and the encoder's gradient passes through the steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from tfgan_models.layers.replicas import replica
from tfgan_models.objectives import refinement
from tfgan_models.objectives.conditions import with_condition

if TYPE_CHECKING:
    from tfgan_models.models.vaegan_game import VAEGANGame


def every_second(
    model: VAEGANGame, images: tf.Tensor, conditions: tf.Tensor | None, codes: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Refine the codes of every second image of the global batch by the model's ``refine_steps``.

    Args:
        model: its decoder is called in inference mode, as an exported decoder is.
        images: those of this replica, ``[n, h, w, c]``.
        conditions: their conditions ``[n, k]``, which stay as they are; None of an unconditional model.
        codes: their codes, or their styles after conditions, ``[n, d]``.

    Returns:
        The rows of the images on this replica, int32 ``[m]``, and their refined codes, float32 ``[m, d]``, through
        which no gradient passes.
    """
    examples = tf.shape(images)[0]
    rows = tf.range(tf.math.floormod(replica().index * examples + 1, 2), examples, 2)  # odd ones of the global batch
    told = None if conditions is None else tf.gather(conditions, rows)

    def generate(styles: tf.Tensor) -> tf.Tensor:
        return model.decoder(with_condition(told, styles), training=False)

    starts, unit = tf.gather(codes, rows), refinement.deviation(codes)
    return rows, refinement.refine(generate, tf.gather(images, rows), starts, model.refine_steps, unit)


def error_weight(examples: tf.Tensor) -> tf.Tensor:
    """The weight of the error in the encoder's loss, for the examples on this replica.

    It is 2 if the codes of half of the global batch are the encoder's own, and a little less if these are one more.
    """
    total = examples * replica().count
    return tf.cast(total / ((total + 1) // 2), tf.float32)
