"""Walks through latent space, and grids of codes over a prior."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from tfgan_models.protocols import Distribution


def interpolate(start: np.ndarray, end: np.ndarray, steps: int, spherical: bool = False) -> np.ndarray:
    """Interpolate between pairs of latents.

    Args:
        start: ``[n, latent_dim]``.
        end: ``[n, latent_dim]``.
        steps: number of latents in each walk, including both ends.
        spherical: interpolate along the great circle, where a Gaussian of many dimensions has its mass (White 2016,
            1609.04468), instead of linearly.

    Returns:
        ``[n, steps, latent_dim]``.
    """
    start, end = np.asarray(start, np.float32)[:, None], np.asarray(end, np.float32)[:, None]
    share = np.linspace(0, 1, steps, dtype=np.float32)[None, :, None]
    if not spherical:
        return (1 - share) * start + share * end
    lengths = np.linalg.norm(start, axis=-1) * np.linalg.norm(end, axis=-1)
    cosine = np.sum(start * end, -1) / np.where(lengths == 0, 1, lengths)
    angle = np.where(lengths == 0, 0, np.arccos(np.clip(cosine, -1, 1)))[..., None]
    # Parallel latents, or one at the origin, do not define a circle.
    flat = np.sin(angle) < 1e-6
    sine = np.where(flat, 1, np.sin(angle))
    from_start = np.where(flat, 1 - share, np.sin((1 - share) * angle) / sine)
    from_end = np.where(flat, share, np.sin(share * angle) / sine)
    return (from_start * start + from_end * end).astype(np.float32)


def manifold(prior: Distribution, rows: int = 10, columns: int = 10) -> np.ndarray | None:
    """Codes all over a two-dimensional prior, in the order of their images in a picture.

    A Gaussian gets a grid with equal mass between its lines (Kingma and Welling 2013, appendix A), a uniform
    distribution an even grid. A ring of Gaussians gets the longer axis of each, two deviations to either side. A roll
    of many Gaussians gets points along it.

    Args:
        prior: a distribution of ``tfgan_models.objectives.priors``.
        rows: rows of the picture; a ring has one for each Gaussian.
        columns: columns of the picture.

    Returns:
        float32 ``[rows, columns, 2]``; None for other priors.
    """
    if tuple(prior.event_shape) != (2,):
        return None
    components = getattr(prior, "components_distribution", None)
    if components is None:
        quantiles = {"standard_gaussian": norm.ppf, "uniform": np.asarray, "centered_uniform": lambda p: 2 * p - 1}
        if prior.name not in quantiles:
            return None
        across, down = (quantiles[prior.name](np.arange(1, 2 * n, 2) / (2 * n)) for n in (columns, rows))
        return np.stack(np.meshgrid(across, down[::-1]), -1).astype(np.float32)
    centers = components.mean().numpy()
    along = np.linspace(0, len(centers) - 1, rows * columns)
    if len(centers) >= rows * columns:
        return centers[along.round().astype(int)].reshape(rows, columns, 2)
    if prior.name == "swiss_roll":  # with more codes than Gaussians, others lie between the centers
        between = [np.interp(along, np.arange(len(centers)), coordinates) for coordinates in centers.T]
        return np.stack(between, -1).reshape(rows, columns, 2).astype(np.float32)
    deviations, axes = np.linalg.eigh(components.covariance().numpy())
    offsets = 2 * np.linspace(-1, 1, columns)[:, None] * (np.sqrt(deviations[:, -1:]) * axes[:, :, -1])[:, None]
    return (centers[:, None] + offsets).astype(np.float32)
