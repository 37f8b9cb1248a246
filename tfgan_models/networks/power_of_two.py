"""Sizes of networks that halve images down to 4×4."""

from __future__ import annotations

from tfgan_models.errors import InputError

FILTERS, MAX_FILTERS, SEED_SIDE = 64, 512, 4


def check_image_size(image_size: int) -> None:
    """Raise ``InputError`` for sizes that these networks do not support."""
    if image_size < 8 or image_size & (image_size - 1):
        raise InputError(
            f"image_size {image_size}: the dcgan, resnet and densenet networks take powers of two from 8 on",
            "image_size",
        )


def filters_of_stages(image_size: int, width: float, full_size: int | None = None) -> list[int]:
    """Numbers of filters of each halving, from the image down to 4×4.

    Args:
        image_size: side of the images, in pixels.
        width: factor on the filters.
        full_size: side of the images that a network grows to, whose innermost halvings count; by default
            ``image_size``.
    """
    check_image_size(image_size)
    halvings = (full_size or image_size).bit_length() - SEED_SIDE.bit_length()
    filters = [max(1, round(min(FILTERS << i, MAX_FILTERS) * width)) for i in range(halvings)]
    return filters[-(image_size.bit_length() - SEED_SIDE.bit_length()) :]
