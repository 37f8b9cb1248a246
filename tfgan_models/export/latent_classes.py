"""Classes and attributes that stand first in the latents of an export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.export.exported_model import ExportedModel


def condition_of(model: ExportedModel) -> dict[str, Any] | None:
    """The condition of a conditional model, or of an adversarial autoencoder whose latents are a class and a style.

    Returns:
        ``kind`` (``"labels"`` or ``"attributes"``) and ``names``, one for each of the first dimensions of a latent;
        None if latents have no such part.
    """
    if condition := model.manifest.get("condition"):
        return condition
    if model.manifest.get("prior") != "class_and_style":
        return None
    names = [] if has_clusters(model) else list(model.manifest.get("label_names") or ())
    count = _count_classes(model)
    return {"kind": "labels", "names": names if len(names) == count else [str(i) for i in range(count)]}


def is_told_attributes(model: ExportedModel) -> bool:
    """Return True if latents begin with attributes."""
    return (model.manifest.get("condition") or {}).get("kind") == "attributes"


def has_clusters(model: ExportedModel) -> bool:
    """Return True if the classes in latents are clusters, whose numbers have nothing to do with those of labels."""
    return model.manifest.get("algorithm") == "ClusteringAAE"


def latents_of(drawn: Mapping[str, np.ndarray]) -> np.ndarray:
    """The latents of samples.

    Raises:
        InputError: the export is too old to return them.
    """
    if "latent" not in drawn:
        raise InputError("this model was exported by an older version that does not return latents, export it again")
    return drawn["latent"]


def _count_classes(model: ExportedModel) -> int:
    """Number of leading dimensions that hold a class, which are 0 or 1 in all samples."""
    latents = latents_of(model(model.sampler("prior"), count=64, seed=0))
    return int(np.cumprod(np.isin(latents, (0, 1)).all(axis=0)).sum())
