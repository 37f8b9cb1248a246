"""Walks through latent space, and codes all over it."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from tfgan_models.protocols import Distribution


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


def manifold(prior: Distribution, rows: int = 10, columns: int = 10) -> np.ndarray | None:
    """Codes all over a prior of two dimensions, in the order in which their images are to be shown.

    Of a Gaussian a grid whose lines have as much of it between them (Kingma and Welling 2013, appendix A), and of a
    uniform distribution an even grid; of a ring of Gaussians each one's longer axis, two deviations to either side; of
    a roll of many the way along it.

    Args:
        prior: of ``tfgan_models.objectives.priors``.
        rows: of the picture; of a ring it has one for each Gaussian.
        columns: of the picture.

    Returns:
        float32 ``[rows, columns, 2]``; None of other priors.
    """
    if tuple(prior.event_shape) != (2,):
        return None
    components = getattr(prior, "components_distribution", None)
    if components is None:
        if prior.name not in ("standard_gaussian", "uniform"):
            return None
        shares = [np.arange(1, 2 * count, 2) / (2 * count) for count in (columns, rows)]
        if prior.name == "standard_gaussian":
            shares = [norm.ppf(share) for share in shares]
        across, down = shares
        return np.stack(np.meshgrid(across, down[::-1]), -1).astype(np.float32)
    centres = components.mean().numpy()
    if len(centres) >= rows * columns:
        return centres[np.linspace(0, len(centres) - 1, rows * columns).round().astype(int)].reshape(rows, columns, 2)
    deviations, axes = np.linalg.eigh(components.covariance().numpy())
    way = 2 * np.linspace(-1, 1, columns)[:, None] * (np.sqrt(deviations[:, -1:]) * axes[:, :, -1])[:, None]
    return (centres[:, None] + way).astype(np.float32)
