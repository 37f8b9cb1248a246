"""Samples of a seed, from a sampler, with truncation and a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_models.data.pixels import to_bytes
from tfgan_models.errors import InputError
from tfgan_models.export import conditional_samples
from tfgan_models.export.latent_classes import latents_of
from tfgan_models.export.truncated_samples import truncate_latents
from tfgan_models.studio import html
from tfgan_models.studio.workspace import Workspace

if TYPE_CHECKING:
    from tfgan_models.export import ExportedModel

COUNT, MOST = 24, 100  # samples by default, and at most
MAX_SEED = 2**31 - 1


def samplers(model: ExportedModel) -> list[str]:
    """Sources of latents that a model has, the default first."""
    default = model.manifest.get("sampler", "prior")
    others = ["prior"] if default == "codes" and "sample_prior" in model.manifest["signatures"] else []
    return [default, *others] if "sample" in model.manifest["signatures"] else []


def condition_names(workspace: Workspace, name: str, kind: str) -> list[str]:
    """Names of the classes (``labels``) or attributes of a model that samples can be conditioned on; mostly none."""
    condition = workspace.condition(name) or {}
    return list(condition["names"]) if condition.get("kind") == kind else []


def draw(
    workspace: Workspace,
    name: str,
    seed: int,
    count: int = COUNT,
    source: str | None = None,
    truncation: float = 1.0,
    label: str | None = None,
    present: Sequence[str] = (),
    absent: Sequence[str] = (),
) -> dict[str, np.ndarray]:
    """Draw samples: ``image`` uint8 ``[count, h, w, c]`` and ``latent`` float32 ``[count, latent_dim]``.

    Args:
        workspace: models and caches.
        name: name of the model.
        seed: the same seed gives the same samples.
        count: number of samples, at most 100.
        source: ``codes`` or ``prior``; by default the model's own.
        truncation: as in ``latent.truncation``.
        label: class of the samples of a model conditioned on classes, or with classes in its latents.
        present: attributes that samples have, of a model conditioned on attributes.
        absent: attributes that they do not have.

    Raises:
        InputError: the model does not have the sampler or the condition, or a number is out of range.
    """
    model = workspace.model(name)
    seed, count = check_number("seed", seed, 0, MAX_SEED), check_number("number of samples", count, 1, MOST)
    if label:
        number = _index(label, classes := condition_names(workspace, name, "labels"))
        parts = conditional_samples.of_class(model, number, len(classes), count, seed, source)
    elif present or absent:
        _check_attributes(present, absent, condition_names(workspace, name, "attributes"))
        parts = conditional_samples.of_attributes(model, present, absent, count, seed, source)
    else:
        parts = model.samples(count, seed, source)
    (drawn,) = parts  # one part, as there are at most 128
    if truncation == 1:
        return {"image": to_bytes(drawn["image"])} | ({"latent": drawn["latent"]} if "latent" in drawn else {})
    reference = workspace.reference(name, source)
    latents = truncate_latents(model, latents_of(drawn), truncation, reference, source)
    return {"image": to_bytes(model("generate", latent=latents)["image"]), "latent": latents}


def check_number(what: str, value: Any, low: int, high: int) -> int:
    """A whole number of the page, which a visitor may have left empty.

    Raises:
        InputError: it is empty or out of range.
    """
    if value is None or not low <= value <= high or value != int(value):
        raise InputError(f"{what}: give a whole number from {low} to {high}")
    return int(value)


def _check_attributes(present: Sequence[str], absent: Sequence[str], names: Sequence[str]) -> None:
    for name in (*present, *absent):
        _index(name, names)
    for name in present:
        if name in absent:
            raise InputError(f"{html.readable(name)} is in With and in Without, remove it from one of them")


def _index(name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise InputError(f"this model has no condition {name!r}" + (f": choose from {', '.join(names)}" * bool(names)))
    return names.index(name)
