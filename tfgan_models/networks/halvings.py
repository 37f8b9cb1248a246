"""Sizes of networks that halve images down to a map of 4×4 to 7×7, and double such a map to an image."""

from __future__ import annotations

from tfgan_models.errors import InputError

FILTERS, MAX_FILTERS = 64, 512
SMALLEST_SEED = 4  # side of the smallest map; a map of twice that side can be halved


def check_image_size(image_size: int) -> None:
    """Raise ``InputError`` for sizes that these networks do not support."""
    seed_side(image_size)


def seed_side(image_size: int) -> int:
    """Side of the innermost map, from 4 to 7: 4 for 8, 16, 32, … pixels; 5 for 160; 6 for 48, 96; 7 for 28, 224.

    Raises:
        InputError: the size is not 4, 5, 6 or 7 times 2, 4, 8, ….
    """
    if image_size >= 2 * SMALLEST_SEED:
        unit = _unit(image_size)
        if image_size % unit == 0:
            return image_size // unit
        sizes = f"{image_size // unit * unit} or {(image_size // unit + 1) * unit}"
    else:
        sizes = f"{2 * SMALLEST_SEED}"
    raise InputError(
        f"image_size {image_size}: the dcgan, resnet and densenet networks take 4, 5, 6 or 7 times 2, 4, 8, …, "
        f"give {sizes}",
        "image_size",
    )


def filters_of_stages(image_size: int, width: float, full_size: int | None = None) -> list[int]:
    """Numbers of filters of each halving, from the image down to the innermost map.

    Args:
        image_size: side of the images, in pixels.
        width: factor on the filters.
        full_size: side of the images that a network grows to, whose innermost halvings count; by default
            ``image_size``.
    """
    check_image_size(image_size)
    halvings = _unit(full_size or image_size).bit_length() - 1
    filters = [max(1, round(min(FILTERS << i, MAX_FILTERS) * width)) for i in range(halvings)]
    return filters[-(_unit(image_size).bit_length() - 1) :]


def _unit(image_size: int) -> int:
    """Pixels of the image for one of the innermost map: the largest power of two that leaves 4 or more."""
    return 1 << (image_size.bit_length() - SMALLEST_SEED.bit_length())
