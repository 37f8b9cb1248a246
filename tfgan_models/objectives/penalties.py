"""Penalties as pure functions: terms that a model adds to a player's loss."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tfgan_models.layers.replicas import all_reduce, replica

Critic = Callable[[tf.Tensor], tf.Tensor]


def gradient_penalty(critic: Critic, real: tf.Tensor, fake: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """(‖∇f(x̂)‖ − 1)² with x̂ = ε x + (1 − ε) x̃ (Gulrajani et al. 2017, Algorithm 1); to be multiplied by λ = 10.

    It is two-sided: gradients that are too short cost as much as gradients that are too long. Its own gradient reaches
    the weights of the critic, but not those of the generator.

    Args:
        critic: images to scores ``[n, 1]``, each of which depends on one image, so without batch normalization.
        real: ``[n, ...]``.
        fake: tensor of the same shape.
        noise: ε, uniform in [0, 1), one number for each example: ``[n, 1, ...]`` of the images' rank, or ``[n]``.
    """
    real, fake = (tf.cast(images, tf.float32) for images in (real, fake))
    noise = tf.reshape(noise, (-1, *[1] * (real.shape.rank - 1)))
    lengths = tf.sqrt(_squared_gradients(critic, noise * real + (1 - noise) * fake) + 1e-12)  # √ has no slope at 0
    return tf.reduce_mean(tf.square(lengths - 1))


def zero_centered_gradient_penalty(critic: Critic, images: tf.Tensor) -> tf.Tensor:
    """‖∇D(x)‖² (Mescheder et al. 2018, equations 9 and 10): R₁ on real images, R₂ on fakes; to be multiplied by γ/2.

    Its own gradient reaches the weights of the critic, but not those of the generator.

    Args:
        critic: images to logits ``[n, 1]``, each of which depends on one image.
        images: ``[n, ...]``.
    """
    return tf.reduce_mean(_squared_gradients(critic, tf.cast(images, tf.float32)))


def _squared_gradients(critic: Critic, images: tf.Tensor) -> tf.Tensor:
    """‖∇‖² of each example's score with respect to its image, ``[n]``."""
    images = tf.stop_gradient(images)
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(tf.cast(critic(images), tf.float32))
    gradients = tf.convert_to_tensor(tape.gradient(total, images))
    return tf.reduce_sum(tf.square(gradients), range(1, images.shape.rank))


def pull_away(codes: tf.Tensor) -> tf.Tensor:
    """Mean squared cosine between the codes of two different fakes (Zhao et al. 2016, 1609.03126, equation 4).

    Pairs are those of the global batch, so that all replicas get the same value, from 0 (all orthogonal) to 1.

    Args:
        codes: codes from the discriminator's encoder, ``[n, ...]``; one alone has no pair, so that its term is 0.
    """
    codes = tf.cast(tf.reshape(codes, (tf.shape(codes)[0], -1)), tf.float32)
    directions = tf.math.l2_normalize(codes, axis=1)
    all_directions = directions
    if replica().count > 1:
        all_directions = tf.distribute.get_replica_context().all_gather(directions, axis=0)
    # The products of codes with themselves are subtracted, because they are not pairs.
    diagonal = tf.reduce_sum(tf.square(tf.reduce_sum(tf.square(directions), 1)))
    squares = tf.reduce_sum(tf.square(tf.matmul(directions, all_directions, transpose_b=True)))
    (total,) = all_reduce("sum", [squares - diagonal])
    count = tf.cast(tf.shape(all_directions)[0], tf.float32)
    return tf.math.divide_no_nan(total, count * (count - 1))


def head_spacing_penalty(points: tf.Tensor, distance: float) -> tf.Tensor:
    """Σ max(0, η − ‖w_i − w_j‖) over pairs of cluster heads that are too close (Makhzani et al. 2015, section 7).

    Args:
        points: ``[n, d]``, n of 2 or more.
        distance: η, the smallest distance without a penalty.
    """
    points = tf.convert_to_tensor(points)
    squares = tf.reduce_sum(tf.square(points[:, tf.newaxis] - points), -1)
    lack = tf.nn.relu(distance - tf.sqrt(squares + 1e-12))  # √ has no slope at 0
    return tf.reduce_sum(tf.linalg.set_diag(lack, tf.zeros(points.shape[:1]))) / 2
