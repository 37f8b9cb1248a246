"""Truncation: latents nearer to their mean give images with fewer faults and less variety.

Brock et al. 2019 (1809.11096, section 3.1) draw the components of z from a truncated normal distribution. Karras et al.
2019 (1812.04948, appendix B) scale the distance of a latent from the mean latent, which suits any distribution. This is
the second way.
"""

from __future__ import annotations

import numpy as np


def truncate(
    latents: np.ndarray, truncation: float, reference: np.ndarray, center: np.ndarray | None = None
) -> np.ndarray:
    """Scale the distance of latents from the mean of others.

    Args:
        latents: float ``[n, d]``.
        truncation: factor from 0 to 1. 1 leaves the latents as they are, and 0 gives the mean for all.
        reference: latents of the same distribution ``[m, d]``, whose mean is the center. Dimensions that are 0 or 1 in
            all of them are of classes or attributes, and do not change.
        center: another center, of each latent ``[n, d]``.

    Returns:
        float32 ``[n, d]``.
    """
    moves = is_continuous(reference)
    mean = reference.mean(0, dtype=np.float64) if center is None else center
    return np.where(moves, mean + truncation * (latents - mean), latents).astype(np.float32)


def is_continuous(latents: np.ndarray) -> np.ndarray:
    """Return bool ``[d]``: whether a dimension of latents ``[n, d]`` has other values than the 0 and 1 of classes."""
    return np.logical_not(np.isin(latents, (0, 1)).all(0))
