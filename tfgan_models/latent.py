"""Walks through latent space."""

from __future__ import annotations

import numpy as np


def interpolate(start: np.ndarray, end: np.ndarray, steps: int, spherical: bool = False) -> np.ndarray:
    """The way from one latent to another.

    Args:
        start: ``[n, latent_dim]``.
        end: ``[n, latent_dim]``.
        steps: latents on each way, both ends included.
        spherical: keep to the great circle, where a Gaussian of many dimensions has its mass (White 2016,
            1609.04468); straight otherwise.

    Returns:
        ``[n, steps, latent_dim]``.
    """
    start, end = np.asarray(start, np.float32)[:, None], np.asarray(end, np.float32)[:, None]
    way = np.linspace(0, 1, steps, dtype=np.float32)[None, :, None]
    if not spherical:
        return (1 - way) * start + way * end
    lengths = np.linalg.norm(start, axis=-1) * np.linalg.norm(end, axis=-1)
    cosine = np.sum(start * end, -1) / np.where(lengths == 0, 1, lengths)
    angle = np.where(lengths == 0, 0, np.arccos(np.clip(cosine, -1, 1)))[..., None]
    # Latents on one ray, or at the origin, have no circle between them.
    flat = np.sin(angle) < 1e-6
    sine = np.where(flat, 1, np.sin(angle))
    from_start = np.where(flat, 1 - way, np.sin((1 - way) * angle) / sine)
    from_end = np.where(flat, way, np.sin(way * angle) / sine)
    return (from_start * start + from_end * end).astype(np.float32)
