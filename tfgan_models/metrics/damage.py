"""Random damage to images, by which the in-domain extractor learns what bad images look like.

An extractor that has seen nothing but data says little of anything else: noise may look to it like many data, a smooth
image like none. So it is trained on images with noise, blur, coarse quantization and color casts (compare the
distortions of ARNIQA, Agnolucci et al. 2024, 2310.14918), and learns their strengths together with its labels.

Every function is pure: images and uniform random numbers in, images out. Checkerboards and shuffled parts are left out
on purpose: they are what the experiments test it with.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

KINDS = ("noise", "blur", "quantization", "cast")
UNDAMAGED = 0.3  # share of images that stay as they are
APPLIED = 0.5  # chance of each kind for all others
MOST_NOISE, MOST_BLUR, MOST_QUANTIZATION, MOST_CAST = 0.8, 2.0, 0.5, 0.5
BLUR_RADIUS, BLOCK = 4, 8


def damage(images: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Damage images at random.

    Args:
        images: float32 ``[n, h, w, c]`` in [-1, 1].
        seed: int64 ``[2]``; the same seed gives the same images.

    Returns:
        Images in [-1, 1], and the strength of each of ``KINDS`` from 0 to 1, ``[n, 4]``.
    """
    count, channels = tf.shape(images)[0], images.shape[-1]

    def uniform(purpose: int, *shape: int) -> tf.Tensor:
        return tf.random.stateless_uniform([count, *shape], tf.random.fold_in(seed, purpose))

    applied = (uniform(0, 1) >= UNDAMAGED) & (uniform(1, len(KINDS)) < APPLIED)
    strength = tf.where(applied, uniform(2, len(KINDS)), 0.0)
    noise_level, blur_level, quantization_level, cast_level = tf.unstack(strength[:, :, None, None, None], axis=1)
    changed = images + MOST_CAST * cast_level * (2 * uniform(3, 1, 1, channels) - 1)
    changed = blurred(changed, MOST_BLUR * blur_level[:, 0, 0, 0])
    changed += MOST_NOISE * noise_level * _noise(images, tf.random.fold_in(seed, 4), uniform(5, 1, 1, 1))
    changed = quantized(changed, MOST_QUANTIZATION * quantization_level)
    return tf.clip_by_value(changed, -1.0, 1.0), strength


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


def _noise(images: tf.Tensor, seed: tf.Tensor, choice: tf.Tensor) -> tf.Tensor:
    """Gaussian noise of deviation 1, for half of the images in grains of 2×2 pixels."""
    count, (height, width, channels) = tf.shape(images)[0], images.shape[1:]
    fine = tf.random.stateless_normal([count, height, width, channels], seed)
    coarse = tf.repeat(tf.repeat(fine[:, : -(-height // 2), : -(-width // 2)], 2, 1), 2, 2)[:, :height, :width]
    return tf.where(choice < 0.5, fine, coarse)
