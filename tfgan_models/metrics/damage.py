"""Random damage to images, by which the in-domain extractor learns what bad images look like.

An extractor that has seen nothing but data answers arbitrarily on anything else. So it learns to read its labels
through noise, blur, coarse quantization and color casts (the distortions by which Agnolucci et al. 2024, 2310.14918,
train a judge of quality). The same seed gives the same damage.

Checkerboards are left out on purpose: by them ``experiments/metric_cases.py`` tells what the extractor makes of damage
that it has not seen.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

KINDS = ("noise", "blur", "quantization", "cast")
UNDAMAGED = 0.3  # share of images that stay as they are
APPLIED = 0.5  # chance of each kind for all others
MOST_NOISE, MOST_BLUR, MOST_QUANTIZATION, MOST_CAST = 0.8, 2.0, 0.5, 0.5
BLUR_RADIUS, BLOCK = 4, 8


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
    changed = images + MOST_CAST * cast_level * (2 * _uniform(seed, 3, [count, 1, 1, channels]) - 1)
    changed = blurred(changed, MOST_BLUR * blur_level[:, 0, 0, 0])
    changed += MOST_NOISE * noise_level * _noise(images, seed)
    changed = quantized(changed, MOST_QUANTIZATION * quantization_level)
    return tf.clip_by_value(changed, -1.0, 1.0)


def strengths(count: tf.Tensor | int, seed: tf.Tensor) -> tf.Tensor:
    """Strength of each of ``KINDS`` in each image that ``damage`` makes with this seed, 0 to 1: ``[count, 4]``."""
    kinds = len(KINDS)
    applied = (_uniform(seed, 0, [count, 1]) >= UNDAMAGED) & (_uniform(seed, 1, [count, kinds]) < APPLIED)
    return tf.where(applied, _uniform(seed, 2, [count, kinds]), 0.0)


def blurred(images: tf.Tensor, deviation: tf.Tensor) -> tf.Tensor:
    """Images under a Gaussian blur of their own deviation in pixels, ``[n]``; 0 leaves an image as it is."""
    offsets = tf.range(-BLUR_RADIUS, BLUR_RADIUS + 1, dtype=tf.float32)
    weights = tf.exp(-0.5 * tf.square(offsets) / tf.square(tf.maximum(deviation, 0.1))[:, None])
    weights = (weights / tf.reduce_sum(weights, 1, keepdims=True))[:, :, None, None, None]
    for axis in (1, 2):
        size, radius = images.shape[axis], min(BLUR_RADIUS, images.shape[axis] - 1)
        padded = tf.pad(images, [[radius, radius] if a == axis else [0, 0] for a in range(4)], "REFLECT")
        shifted = (
            weights[:, BLUR_RADIUS + shift]
            * tf.gather(padded, tf.range(radius + shift, radius + shift + size), axis=axis)
            for shift in range(-radius, radius + 1)
        )
        images = tf.add_n(list(shifted))
    return images


def quantized(images: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
    """Images whose cosine transform in blocks of 8×8 is rounded, high frequencies more coarsely, as JPEG does.

    Args:
        images: ``[n, h, w, c]``; sides that are no multiple of 8 are continued by mirroring.
        step: ``[n, 1, 1, 1]``, of the lowest frequency; 0 leaves an image as it is.
    """
    height, width = images.shape[1:3]
    padded = tf.pad(images, [[0, 0], [0, -height % BLOCK], [0, -width % BLOCK], [0, 0]], "SYMMETRIC")
    rows, columns = (cosine_transform(side) for side in padded.shape[1:3])
    coefficients = tf.einsum("ui,nijc,vj->nuvc", rows, padded, columns)
    frequency = np.add.outer(np.arange(len(rows)) % BLOCK, np.arange(len(columns)) % BLOCK).astype(np.float32)
    # A step of 0 would divide by 0; one of a millionth changes nothing that can be seen.
    steps = tf.maximum(step, 1e-6) * (1 + frequency)[None, :, :, None]
    rounded = steps * tf.round(coefficients / steps)
    return tf.einsum("ui,nuvc,vj->nijc", rows, rounded, columns)[:, :height, :width]


def cosine_transform(side: int) -> np.ndarray:
    """Orthonormal matrix ``[side, side]`` of the cosine transform in blocks of eight; a multiple of 8."""
    frequency, position = np.arange(BLOCK)[:, None], np.arange(BLOCK)[None, :]
    matrix = np.cos(np.pi * frequency * (2 * position + 1) / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    matrix[0] /= np.sqrt(2)
    return np.kron(np.eye(side // BLOCK), matrix).astype(np.float32)


def _uniform(seed: tf.Tensor, purpose: int, shape: list) -> tf.Tensor:
    return tf.random.stateless_uniform(shape, tf.random.fold_in(seed, purpose))


def _noise(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Gaussian noise of deviation 1, for half of the images in grains of 2×2 pixels."""
    count, (height, width, channels) = tf.shape(images)[0], images.shape[1:]
    fine = tf.random.stateless_normal([count, height, width, channels], tf.random.fold_in(seed, 4))
    coarse = tf.repeat(tf.repeat(fine[:, : -(-height // 2), : -(-width // 2)], 2, 1), 2, 2)[:, :height, :width]
    return tf.where(_uniform(seed, 5, [count, 1, 1, 1]) < 0.5, fine, coarse)
