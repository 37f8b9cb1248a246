"""Multi-scale structural similarity (Wang, Simoncelli & Bovik 2003), and diversity by it (Odena et al. 2017,
1610.09585, section 4.2).

Images of a diverse set differ from each other: their mean MS-SSIM is near the data's, that of a collapsed set near 1.
Odena et al. compare within a class; pass the images of one class to do the same. Scales are halvings of the image. The
smallest must contain the 11-pixel window, so images below 176 pixels have fewer than the paper's five scales, and the
remaining weights are normalized. Below 22 pixels a single scale remains, which is plain SSIM, and below 11 pixels the
window has the image's side. Figures of different image sizes are not comparable.
"""

from __future__ import annotations

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_images

# Wang et al. 2003, section 3.2: the weights of the scales, the finest first.
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
WINDOW = 11
BATCH = 64


def ms_ssim_diversity(images: np.ndarray, pairs: int = 1000, seed: int = 0) -> float:
    """Mean MS-SSIM of random pairs of images; lower is more diverse, and blur raises it.

    Args:
        images: ``[n, h, w, c]``, c 1, 3 or 4, n at least 2: floats in [-1, 1], or uint8, which is copied for 64 pairs
            at a time only.
        pairs: number of random pairs of different images.
        seed: the same seed gives the same figure.

    Raises:
        InputError: there are fewer than two images or no pairs, or shape or range is wrong.
    """
    images = check_images(images, or_bytes=True)
    if len(images) < 2 or pairs < 1:
        raise InputError(f"{pairs} pairs of {len(images)} images: give at least 1 pair and 2 images")
    generator = np.random.default_rng(seed)
    first = generator.integers(len(images), size=pairs)
    second = (first + generator.integers(1, len(images), size=pairs)) % len(images)
    parts = range(0, pairs, BATCH)
    values = [ms_ssim(images[first[i : i + BATCH]], images[second[i : i + BATCH]]) for i in parts]
    return float(np.concatenate(values).mean())


def ms_ssim(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """MS-SSIM of pairs of images in the same row, averaged over channels.

    Args:
        first: ``[n, h, w, c]``, floats in [-1, 1] or uint8.
        second: images of the same shape.

    Returns:
        ``[n]`` in [0, 1]; 1 for equal images. Inverse structures count as 0.

    Raises:
        InputError: shapes differ, or the range is wrong.
    """
    import tensorflow as tf

    first, second = check_images(first, "first images", True), check_images(second, "second images", True)
    if first.shape != second.shape:
        raise InputError(f"images of shapes {first.shape} and {second.shape}: give pairs of one shape")
    weights = scale_weights(min(first.shape[1:3]))
    first, second = _from_zero_to_one(first), _from_zero_to_one(second)
    window = min(WINDOW, *first.shape[1:3])
    return tf.image.ssim_multiscale(first, second, 1.0, weights, filter_size=window).numpy().astype(np.float64)


def _from_zero_to_one(images: np.ndarray) -> np.ndarray:
    # The luminance term is a ratio of means, which needs values that are not negative.
    if images.dtype == np.uint8:
        return images.astype(np.float32) / 255
    return np.clip(images.astype(np.float32) / 2 + 0.5, 0, 1)


def scale_weights(side: int) -> tuple[float, ...]:
    """Normalized weights of the scales that fit an image of this side, the finest first."""
    scales = sum(side >> scale >= WINDOW for scale in range(len(WEIGHTS))) or 1
    weights = WEIGHTS[:scales]
    return tuple(weight / sum(weights) for weight in weights)
