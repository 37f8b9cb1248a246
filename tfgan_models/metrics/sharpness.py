"""Sharpness as the variance of the Laplacian (Pech-Pacheco et al. 2000; for generated images Tolstikhin et al. 2018,
1711.01558).

Blur reduces second differences, noise raises them: a mean *near the data's* is good, not a high one.
"""

from __future__ import annotations

import numpy as np

from tfgan_models.data.pixels import over_white
from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_images

# ITU-R BT.601, as in Pillow and OpenCV.
LUMINANCE = (0.299, 0.587, 0.114)
BATCH = 256


def sharpness(images: np.ndarray) -> np.ndarray:
    """Variance of the Laplacian of each image's luminance, in squared units of [-1, 1].

    The Laplacian is the sum of the four neighbors minus four times the pixel; border pixels are left out.

    Args:
        images: ``[n, h, w, c]`` in [-1, 1], c 1, 3 or 4, h and w at least 3.

    Returns:
        ``[n]``, float64.

    Raises:
        InputError: shape or range is wrong.
    """
    images = check_images(images)
    images = over_white(images) if images.shape[-1] == 4 else images
    if min(images.shape[1:3]) < 3:
        raise InputError(f"images of {images.shape[1]}×{images.shape[2]} pixels: give at least 3×3")
    weights = np.array(LUMINANCE if images.shape[-1] == 3 else (1.0,))
    # In batches, so that a large set is not copied to float64 at once.
    parts = (images[start : start + BATCH] @ weights for start in range(0, len(images), BATCH))
    return np.concatenate([_laplacian(gray).var(axis=(1, 2)) for gray in parts])


def _laplacian(gray: np.ndarray) -> np.ndarray:
    """``[n, h, w]`` → ``[n, h − 2, w − 2]``."""
    vertical = gray[:, :-2, 1:-1] + gray[:, 2:, 1:-1]
    horizontal = gray[:, 1:-1, :-2] + gray[:, 1:-1, 2:]
    return vertical + horizontal - 4 * gray[:, 1:-1, 1:-1]
