"""Directions of a trained model that need no labels, in units of its latents.

Each has the length of a standard deviation of the latents along it: a latent that moves by three times a direction is
about as far from the others as latents come.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from tfgan_models.data.image_set import ImageSet
from tfgan_models.errors import InputError, NotFinite
from tfgan_models.latent import directions
from tfgan_models.latent.attribute_codes import mean_codes
from tfgan_models.latent.codes import mean_styles, spread_rows
from tfgan_models.models.base import GenerativeModel
from tfgan_models.protocols import HasDecoder, SupportsEncode, SupportsEncodeAs, SupportsPrior

COUNT = 10  # directions of each method
LATENTS = 2_000  # to measure standard deviations and principal axes


@dataclasses.dataclass(frozen=True)
class ModelDirections:
    """Directions of two methods.

    Attributes:
        names: ``codes_1``, ``codes_2``, … for principal axes of codes, and ``weights_1``, … for directions of the
            decoder's first layer, the most important one of each method first.
        vectors: float32 ``[k, latent_dim]``. Each is as long as the standard deviation of the latents along it.
        shares: float64 ``[k]``: of codes, the share of their variance along the direction; of weights, the share of
            the squared change of the layer's output, summed over steps of length 1 along all directions.
    """

    names: tuple[str, ...]
    vectors: np.ndarray
    shares: np.ndarray

    def about(self) -> dict[str, Any]:
        """Return everything but the vectors, as JSON values."""
        return {"names": list(self.names), "shares": [round(float(share), 4) for share in self.shares]}


def fit_to_model(model: GenerativeModel, train: ImageSet, count: int = COUNT) -> ModelDirections | None:
    """Compute the directions of a model.

    Principal axes are of the mean codes of at most 2,000 training images, if the model has an encoder. Latents that
    begin with a condition have directions of their style only; an encoder is told the images' own conditions.

    Args:
        model: a trained model.
        train: training images.
        count: number of directions of each method.

    Returns:
        The directions; None if the model has none, because its latents contain classes, or it has neither an encoder
        nor a first layer that is affine.

    Raises:
        NotFinite: latents are NaN or infinite, for example after a diverged training.
    """
    if isinstance(model, SupportsPrior) and model.prior.name == "class_and_style":
        return None
    condition = getattr(model, "condition", None)
    first = 0 if condition is None else condition.size
    latents = _latents(model, train)
    if latents is None:
        return None
    if not np.isfinite(latents).all():
        raise NotFinite("latents became not finite")
    latents = np.asarray(latents, np.float64)
    centered = latents - latents.mean(0)
    parts: list[tuple[str, directions.Directions]] = []
    with threadpool_limits(1):  # so that the same latents give the same bits
        if isinstance(model, SupportsEncode | SupportsEncodeAs):
            parts.append(("codes", directions.of_codes(latents)))
        try:
            kernel = directions.first_kernel(model.decoder if isinstance(model, HasDecoder) else model.generator)
            parts.append(("weights", directions.of_weights(kernel[first:])))
        except InputError:  # another kind of first layer
            pass
        deviations = [np.sqrt(np.square(centered @ found.vectors[:count].T).mean(0)) for _, found in parts]
    if not parts:
        return None
    vectors = [found.vectors[:count] * d[:, np.newaxis] for (_, found), d in zip(parts, deviations, strict=True)]
    shares = [found.eigenvalues[:count] / (found.eigenvalues.sum() or 1.0) for _, found in parts]
    return ModelDirections(
        tuple(f"{method}_{i + 1}" for method, found in parts for i in range(len(found.vectors[:count]))),
        np.pad(np.concatenate(vectors), ((0, 0), (first, 0))).astype(np.float32),
        np.concatenate(shares),
    )


def _latents(model: GenerativeModel, train: ImageSet) -> np.ndarray | None:
    """Mean codes of training images, or latents of the prior, without a condition; None if the model has neither."""
    encodes = isinstance(model, SupportsEncode | SupportsEncodeAs)
    if encodes and len(train.images) < 2:
        return None
    if isinstance(model, SupportsEncodeAs):
        return mean_styles(model, train, LATENTS)
    if isinstance(model, SupportsEncode):
        return mean_codes(model, train.images, spread_rows(train, LATENTS))
    if not isinstance(model, SupportsPrior):
        return None
    condition = getattr(model, "condition", None)
    return np.asarray(model.prior.sample(LATENTS, seed=(0, 1)))[:, 0 if condition is None else condition.size :]
