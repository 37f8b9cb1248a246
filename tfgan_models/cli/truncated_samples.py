"""Truncated samples of an export: ``--truncation`` of ``tfgan sample`` and ``tfgan evaluate``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from tfgan_models.latent.truncation import truncate
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    from tfgan_models.export import ExportedModel
    from tfgan_models.metrics.sampling import Sample

REFERENCE = 1_000  # latents whose mean is the center of truncation


def truncated(
    model: ExportedModel, signature: str, parts: Iterable[dict[str, np.ndarray]], truncation: float
) -> Iterator[dict[str, np.ndarray]]:
    """Move the latents of samples nearer to the mean of the signature's latents, and generate their images.

    Args:
        model: the exported model.
        signature: the signature that the samples are from, such as ``sample_prior``.
        parts: samples with ``image`` ``[n, h, w, c]`` and ``latent`` ``[n, d]``.
        truncation: factor on the distance of latents from their mean. With 1 the parts are passed through.

    Raises:
        InputError: the export is too old to return the latents that would be truncated.
    """
    if truncation == 1:
        yield from parts
        return
    reference = _reference(model, signature, truncation)
    for part in parts:
        latents = truncate(part["latent"], truncation, reference)
        yield {"image": model("generate", latent=latents)["image"], "latent": latents}


def sampler(model: ExportedModel, signature: str, truncation: float) -> Sample:
    """A function of count and seed that draws images ``[count, h, w, c]``, with truncated latents if below 1.

    Raises:
        InputError: the export is too old to return the latents that would be truncated.
    """
    if truncation == 1:
        return lambda count, seed: model(signature, count=count, seed=seed)["image"]
    reference = _reference(model, signature, truncation)

    def sample(count: int, seed: int) -> np.ndarray:
        latents = model(signature, count=count, seed=seed)["latent"]
        return model("generate", latent=truncate(latents, truncation, reference))["image"]

    return sample


def _reference(model: ExportedModel, signature: str, truncation: float) -> np.ndarray:
    outputs = model(signature, count=REFERENCE, seed=0)
    if "latent" not in outputs:
        raise refusal("truncation", truncation, f"{model.path} is of an older version, export it again")
    return outputs["latent"]
