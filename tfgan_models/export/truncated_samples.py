"""Samples of an export whose latents are truncated, as ``latent.truncation`` says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.export.exported_model import ExportedModel
from tfgan_models.latent.truncation import truncate

if TYPE_CHECKING:
    from tfgan_models.metrics.sampling import Sample

REFERENCE = 1_000  # latents whose mean is the center of truncation


def reference(model: ExportedModel, signature: str) -> np.ndarray:
    """Latents of a signature such as ``sample_prior``, whose mean is the center of truncation: ``[n, latent_dim]``.

    Raises:
        InputError: the export is too old to return latents.
    """
    latents = [part["latent"] for part in model.samples(REFERENCE, 0, source_of(signature)) if "latent" in part]
    if not latents:
        raise InputError(f"truncation: {model.path} is of an older version, export it again", "truncation")
    return np.concatenate(latents)


def truncated(
    model: ExportedModel, signature: str, parts: Iterable[dict[str, np.ndarray]], truncation: float
) -> Iterator[dict[str, np.ndarray]]:
    """Move the latents of samples nearer to the mean of the signature's latents, and generate their images.

    In a model whose styles depend on the condition, the mean is that of the sample's condition.

    Args:
        model: the exported model.
        signature: the signature that the samples are from, such as ``sample_prior``.
        parts: samples with ``image`` ``[n, h, w, c]`` and ``latent`` ``[n, latent_dim]``.
        truncation: factor from 0 to 1 on the distance of latents from their mean. With 1 the parts are passed through.

    Raises:
        InputError: the export is too old to return latents.
    """
    if truncation == 1:
        yield from parts
        return
    drawn = reference(model, signature)
    for part in parts:
        yield _moved(model, signature, part["latent"], truncation, drawn)


def truncate_latents(
    model: ExportedModel, latents: np.ndarray, truncation: float, drawn: np.ndarray, source: str | None = None
) -> np.ndarray:
    """Move latents ``[n, latent_dim]`` nearer to the mean of latents with the same condition.

    Args:
        model: the exported model.
        latents: latents of the source.
        truncation: factor from 0 to 1 on the distance of latents from their mean.
        drawn: latents of the source, as of ``reference``.
        source: ``codes`` or ``prior``; by default the model's own.
    """
    center = drawn.mean(0, dtype=np.float64)
    if "condition" in model.manifest:  # styles may depend on it
        size = len(model.manifest["condition"]["names"])
        center = model.with_conditions(np.tile(center, (len(latents), 1)), latents[:, :size], source)
    return truncate(latents, truncation, drawn, center)


def sampler(model: ExportedModel, signature: str, truncation: float) -> Sample:
    """A function of count and seed that draws images ``[count, h, w, c]``, truncated as by ``truncated``.

    Raises:
        InputError: the export is too old to return latents.
    """
    if truncation == 1:
        return lambda count, seed: model(signature, count=count, seed=seed)["image"]
    drawn = reference(model, signature)

    def sample(count: int, seed: int) -> np.ndarray:
        latents = model(signature, count=count, seed=seed)["latent"]
        return _moved(model, signature, latents, truncation, drawn)["image"]

    return sample


def _moved(
    model: ExportedModel, signature: str, latents: np.ndarray, truncation: float, drawn: np.ndarray
) -> dict[str, np.ndarray]:
    """Truncate latents of a signature ``[n, latent_dim]``; return them and their images."""
    latents = truncate_latents(model, latents, truncation, drawn, source_of(signature))
    return {"image": model("generate", latent=latents)["image"], "latent": latents}


def source_of(signature: str) -> str | None:
    """The source of a signature's latents: the prior, or None for the model's own."""
    return "prior" if signature == "sample_prior" else None
