"""Random damage to images, as augmentation in the training of the in-domain extractor.

The outputs of an extractor trained on undamaged data are arbitrary for other images. So it is trained under noise,
blur, coarse quantization and color casts, the distortions of Agnolucci et al. 2024 (2310.14918) for a measure of image
quality. The same seed gives the same damage.

Checkerboards are left out on purpose: ``experiments/metric_cases.py`` uses them as damage that the extractor was not
trained on.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfgan_models.seeds import fold_in
from tfgan_models.shapes import static_size

KINDS = ("noise", "blur", "quantization", "cast")
UNDAMAGED = 0.5  # share of undamaged images
APPLIED = 0.5  # probability of each kind for all other images
MAX_NOISE, MAX_BLUR, MAX_QUANTIZATION, MAX_CAST = 0.8, 2.0, 0.5, 0.5
BLOCK = 8


def damage(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Damage images at random.

    Args:
        images: float32 ``[n, h, w, c]`` in [-1, 1].
        seed: int64 ``[2]``; the same seed gives the same images.

    Returns:
        Images in [-1, 1].
    """
    count, channels = tf.shape(images)[0], images.shape[-1]
    levels = strengths(count, seed)
    noise_level, blur_level, quantization_level, cast_level = tf.unstack(levels[:, :, None, None, None], axis=1)
    damaged = images + MAX_CAST * cast_level * (2 * _uniform(seed, 3, [count, 1, 1, channels]) - 1)
    damaged = blur(damaged, MAX_BLUR * blur_level[:, 0, 0, 0])
    damaged += MAX_NOISE * noise_level * _noise(images, seed)
    damaged = quantize(damaged, MAX_QUANTIZATION * quantization_level)
    return tf.clip_by_value(damaged, -1.0, 1.0)


def strengths(count: tf.Tensor | int, seed: tf.Tensor) -> tf.Tensor:
    """Strength of each of ``KINDS`` in each image of ``damage`` with this seed, 0 to 1: ``[count, 4]``."""
    kinds = len(KINDS)
    applied = (_uniform(seed, 0, [count, 1]) >= UNDAMAGED) & (_uniform(seed, 1, [count, kinds]) < APPLIED)
    return tf.where(applied, _uniform(seed, 2, [count, kinds]), 0.0)


def blur(images: tf.Tensor, deviation: tf.Tensor) -> tf.Tensor:
    """Blur images by Gaussians of given deviations in pixels, ``[n]``; 0 leaves an image unchanged."""
    height, width, channels = (static_size(size) for size in images.shape[1:])
    count = tf.shape(images)[0]
    rows, columns = (_gaussian_matrix(side, deviation) for side in (height, width))
    images = tf.reshape(rows @ tf.reshape(images, [count, height, width * channels]), [count, height, width, channels])
    # Multiplying by one matrix for each image is several times as fast as shifted sums or a grouped convolution.
    images = tf.reshape(tf.transpose(images, [0, 2, 1, 3]), [count, width, height * channels])
    images = tf.reshape(columns @ images, [count, width, height, channels])
    return tf.transpose(images, [0, 2, 1, 3])


def _gaussian_matrix(side: int, deviation: tf.Tensor) -> tf.Tensor:
    """Weights of each pixel in each blurred pixel, ``[n, side, side]``, normalized at the borders."""
    distance = tf.square(tf.range(side, dtype=tf.float32)[:, None] - tf.range(side, dtype=tf.float32)[None, :])
    weights = tf.exp(-0.5 * distance / tf.square(tf.maximum(deviation, 0.1))[:, None, None])
    return weights / tf.reduce_sum(weights, 2, keepdims=True)


def quantize(images: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
    """Quantize the cosine transform of 8×8 blocks, high frequencies more coarsely, as JPEG does.

    Args:
        images: ``[n, h, w, c]``; they are padded to multiples of 8 by mirroring.
        step: step of the lowest frequency, ``[n, 1, 1, 1]``; 0 leaves an image unchanged.
    """
    height, width, channels = (static_size(size) for size in images.shape[1:])
    padded = tf.pad(images, [[0, 0], [0, -height % BLOCK], [0, -width % BLOCK], [0, 0]], "SYMMETRIC")
    rows, columns = -(-height // BLOCK), -(-width // BLOCK)
    transform = cosine_transform()
    across = np.kron(transform, np.eye(channels, dtype=np.float32))  # columns and channels are one axis
    lines = [-1, rows, BLOCK, columns * BLOCK * channels]
    segments = [-1, BLOCK * channels]
    coefficients = tf.reshape(transform @ tf.reshape(padded, lines), segments) @ across.T
    frequency = np.add.outer(np.arange(8 * rows) % BLOCK, np.arange(8 * columns) % BLOCK).astype(np.float32)
    # A step of 0 would divide by 0; a millionth makes no visible change.
    steps = tf.maximum(step, 1e-6) * (1 + frequency)[None, :, :, None]
    rounded = steps * tf.round(tf.reshape(coefficients, tf.shape(padded)) / steps)
    restored = transform.T @ tf.reshape(tf.reshape(rounded, segments) @ across, lines)
    return tf.reshape(restored, tf.shape(padded))[:, :height, :width]


def cosine_transform() -> np.ndarray:
    """Orthonormal matrix of the discrete cosine transform of eight values."""
    frequency, position = np.arange(BLOCK)[:, None], np.arange(BLOCK)[None, :]
    matrix = np.cos(np.pi * frequency * (2 * position + 1) / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    matrix[0] /= np.sqrt(2)
    return matrix.astype(np.float32)


def _uniform(seed: tf.Tensor, purpose: int, shape: list) -> tf.Tensor:
    return tf.random.stateless_uniform(shape, fold_in(seed, tf.constant(purpose)))


def _noise(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Gaussian noise of deviation 1; half of the images get grains of 2×2 pixels."""
    count = tf.shape(images)[0]
    height, width, channels = (static_size(size) for size in images.shape[1:])
    fine = tf.random.stateless_normal(tf.shape(images), fold_in(seed, tf.constant(4)))
    rows, columns = -(-height // 2), -(-width // 2)
    grains = tf.broadcast_to(fine[:, :rows, None, :columns, None], [count, rows, 2, columns, 2, channels])
    coarse = tf.reshape(grains, [count, 2 * rows, 2 * columns, channels])[:, :height, :width]
    return tf.where(_uniform(seed, 5, [count, 1, 1, 1]) < 0.5, fine, coarse)
