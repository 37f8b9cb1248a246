"""Codes that gradient descent on the error of the pixels brings nearer to their images.

An encoder finds each code in one pass, and seldom the best one. Kim et al. 2018 (1802.02550) call the difference the
amortization gap, and refine the parameters of the posterior by the ELBO. Here the code moves, and only by the pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.layers.replicas import all_reduce

RAMP_UP, RAMP_DOWN = 0.05, 0.25  # shares of the steps
LEARNING_RATE = 0.1  # relative to the standard deviation of codes
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7  # Adam's, as in Keras


def rate(step: int, steps: int) -> float:
    """The factor on the learning rate of a step: a linear rise, a constant part, and half a cosine at the end.

    It is that of StyleGAN2's projection (Karras et al. 2020, 1912.04958, appendix D).
    """
    progress = step / steps
    rise = min(1.0, (progress + 1 / steps) / RAMP_UP)
    fall = 0.5 - 0.5 * math.cos(math.pi * min(1.0, (1 - progress) / RAMP_DOWN))
    return rise * fall


def deviation(codes: tf.Tensor) -> tf.Tensor:
    """The standard deviation of codes ``[n, d]`` over all replicas' examples, a scalar: the mean of the dimensions'."""
    mean, square = all_reduce("mean", [tf.reduce_mean(codes, 0), tf.reduce_mean(tf.square(codes), 0)])
    return tf.reduce_mean(tf.sqrt(tf.nn.relu(square - tf.square(mean))))


def blurred(images: tf.Tensor, sigma: float) -> tf.Tensor:
    """Blur images ``[n, h, w, c]`` by a Gaussian of standard deviation sigma in pixels; 0 leaves them as they are."""
    if not sigma:
        return images
    size, images = 2 * math.ceil(3 * sigma) + 1, tf.cast(images, tf.float32)
    gaussian: Any = keras.ops.image.gaussian_blur
    return gaussian(images, (size, size), (sigma, sigma), data_format="channels_last")


def refine(
    generate: Callable[[tf.Tensor], tf.Tensor], images: tf.Tensor, codes: tf.Tensor, steps: int, unit: tf.Tensor | float
) -> tf.Tensor:
    """Refine the code of each image by steps of Adam. The images are refined independently.

    Args:
        generate: maps codes ``[n, d]`` to images; in inference mode, or it mixes the images.
        images: ``[n, h, w, c]`` in [-1, 1].
        codes: an encoder's codes, ``[n, d]``.
        steps: number of steps; 0 leaves the codes as they are.
        unit: the standard deviation of codes; the learning rate is a tenth of it.

    Returns:
        float32 ``[n, d]``, without a gradient.
    """
    codes = tf.stop_gradient(tf.cast(codes, tf.float32))
    first, second = tf.zeros_like(codes), tf.zeros_like(codes)  # moments
    for step in range(steps):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(codes)
            differences = tf.cast(generate(codes), tf.float32) - tf.cast(images, tf.float32)
            # A sum, because the gradient of a mean could vanish in float16.
            error = 0.5 * tf.reduce_sum(tf.square(differences))
        gradient: Any = tape.gradient(error, codes)
        first = BETA_1 * first + (1 - BETA_1) * gradient
        second = BETA_2 * second + (1 - BETA_2) * tf.square(gradient)
        correction = math.sqrt(1 - BETA_2 ** (step + 1)) / (1 - BETA_1 ** (step + 1))
        codes -= LEARNING_RATE * unit * rate(step, steps) * correction * first / (tf.sqrt(second) + EPSILON)
    return tf.stop_gradient(codes)
