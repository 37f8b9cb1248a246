"""Differentiable augmentation: random changes of the images that a discriminator sees, real and fake alike.

Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training" (2006.10738), Table 1 and the authors'
code (mit-han-lab/data-efficient-gans). It is applied to real *and* generated images, and in the generator's step its
gradient flows through it. Each function is pure: images and uniform noise in, images out.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.shapes import static_size

NOISE = 7  # uniform numbers for each image, whatever the policy: 3 for color, 2 for translation, 2 for cutout
NEUTRAL = 0.5  # the noise that changes nothing, except that a cutout always cuts


@keras.saving.register_keras_serializable("tfgan_models")
@dataclasses.dataclass(frozen=True)
class DiffAugment:
    """Augmentation as an argument of a model.

    Attributes:
        policy: names of ``POLICIES`` with commas between them, in the order in which they are applied.

    Raises:
        InputError: the policy has an unknown name.
    """

    policy: str = "color,translation,cutout"

    def __post_init__(self):
        names(self.policy)

    def __call__(self, images: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """Images after the changes: see ``augment``."""
        return augment(images, noise, self.policy)

    def get_config(self) -> dict[str, Any]:
        """The attributes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DiffAugment:
        """Rebuild the object from ``get_config``."""
        return cls(**config)


def augment(images: tf.Tensor, noise: tf.Tensor, policy: str = "color,translation,cutout") -> tf.Tensor:
    """Apply the changes of a policy to images, in its order.

    Args:
        images: ``[n, h, w, c]`` in [-1, 1].
        noise: ``[n, NOISE]``, uniform in [0, 1).
        policy: names of ``POLICIES`` with commas between them; empty for no change.

    Returns:
        float32 images, not clipped to the range: a clipped pixel would have no gradient.

    Raises:
        InputError: the policy has an unknown name.
    """
    images = tf.cast(images, tf.float32)
    for name in names(policy):
        change, columns = POLICIES[name]
        images = change(images, noise[:, columns])
    return images


def names(policy: str) -> list[str]:
    """The names in a policy.

    Raises:
        InputError: one of them is unknown.
    """
    parts = [name.strip() for name in policy.split(",") if name.strip()]
    for name in parts:
        if name not in POLICIES:
            raise InputError(f"policy {policy!r} has an unknown {name!r}: give some of {','.join(POLICIES)}", "policy")
    return parts


def color(images: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Brightness by −0.5 to 0.5, saturation times 0 to 2, contrast times 0.5 to 1.5; noise ``[n, 3]`` in this order."""
    if images.shape[-1] == 4:  # The fourth channel is transparency, which has no color.
        colors, transparency = tf.split(images, [3, 1], -1)
        return tf.concat([color(colors, noise), transparency], -1)
    brightness, saturation, contrast = tf.unstack(noise[:, :, tf.newaxis, tf.newaxis, tf.newaxis], axis=1)
    images = images + (brightness - 0.5)
    images = _scale_around_mean(images, 3, 2 * saturation)
    return _scale_around_mean(images, (1, 2, 3), contrast + 0.5)


def _scale_around_mean(images: tf.Tensor, axes: int | tuple[int, ...], factor: tf.Tensor) -> tf.Tensor:
    mean = tf.reduce_mean(images, axes, keepdims=True)
    return (images - mean) * factor + mean


def translation(images: tf.Tensor, noise: tf.Tensor, ratio: float = 0.125) -> tf.Tensor:
    """Shift images by whole pixels, up to a fraction of the size in each direction; the uncovered part is 0.

    Args:
        images: ``[n, h, w, c]``.
        noise: ``[n, 2]``: down and right from 0.5 on.
        ratio: maximum shift as a fraction of height and width.
    """
    for axis in (1, 2):
        size = static_size(images.shape[axis])
        furthest = _share(size, ratio)
        shift = _whole(noise[:, axis - 1], 2 * furthest + 1) - furthest
        padded = tf.pad(images, [[1, 1] if a == axis else [0, 0] for a in range(4)])
        source = tf.clip_by_value(tf.range(size) - shift[:, tf.newaxis] + 1, 0, size + 1)
        images = tf.gather(padded, source, axis=axis, batch_dims=1)
    return images


def cutout(images: tf.Tensor, noise: tf.Tensor, ratio: float = 0.5) -> tf.Tensor:
    """Set a rectangle to 0. Its center may be anywhere, so that a part of it may be outside of the image.

    Args:
        images: ``[n, h, w, c]``.
        noise: ``[n, 2]``: the rectangle's row and column.
        ratio: sides of the rectangle as a fraction of height and width.
    """
    inside = []
    for axis, size in enumerate(map(static_size, images.shape[1:3])):
        side = _share(size, ratio)
        first = _whole(noise[:, axis], size + 1 - side % 2)[:, tf.newaxis] - side // 2
        position = tf.range(size)
        inside.append(tf.cast((position >= first) & (position < first + side), images.dtype))
    rows, columns = inside
    return images * (1 - rows[:, :, tf.newaxis, tf.newaxis] * columns[:, tf.newaxis, :, tf.newaxis])


def _share(size: int, ratio: float) -> int:
    return int(size * ratio + 0.5)


def _whole(noise: tf.Tensor, count: int) -> tf.Tensor:
    """Uniform noise in [0, 1) to whole numbers from 0 to count − 1."""
    return tf.minimum(tf.cast(noise * count, tf.int32), count - 1)


POLICIES = {"color": (color, slice(0, 3)), "translation": (translation, slice(3, 5)), "cutout": (cutout, slice(5, 7))}
