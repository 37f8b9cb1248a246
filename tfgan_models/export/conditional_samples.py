"""Samples of an export with a chosen class or with chosen attributes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tfgan_models.export.exported_model import ExportedModel
from tfgan_models.export.latent_classes import latents_of

DRAWN = 1_000  # samples among whose attributes the chosen ones are looked for, in exports of earlier versions


def of_class(
    model: ExportedModel, label: int, classes: int, count: int, seed: int, source: str | None = None
) -> Iterator[dict[str, np.ndarray]]:
    """Draw samples of a class part by part, as ``ExportedModel.samples`` does; all classes have the same styles.

    Args:
        model: a model conditioned on classes, or an adversarial autoencoder with classes in its latents.
        label: number of the class.
        classes: number of classes.
        count: number of samples.
        seed: seed of the styles.
        source: source of the latents.
    """
    chosen = np.eye(classes, dtype=np.float32)[label]
    if "condition" in model.manifest:
        yield from model.samples(count, seed, source, chosen)
        return
    for part in model.samples(count, seed, source):
        latents = latents_of(part).copy()
        latents[:, :classes] = chosen
        yield {"image": model("generate", latent=latents)["image"], "latent": latents}


def of_attributes(
    model: ExportedModel,
    present: Sequence[str],
    absent: Sequence[str],
    count: int,
    seed: int,
    source: str | None = None,
) -> Iterator[dict[str, np.ndarray]]:
    """Draw samples with attributes and without others, part by part.

    The attributes that are not named are those of training images with the named ones. If no image has all of the
    named ones, they are those of images with most of them.

    Args:
        model: a model conditioned on attributes.
        present: attributes that all samples have.
        absent: attributes that no sample has.
        count: number of samples.
        seed: seed of the styles, and of the attributes that are not named.
        source: source of the latents.
    """
    names = model.manifest["condition"]["names"]
    columns = [names.index(name) for name in (*present, *absent)]
    values = np.repeat(np.array([1, 0], np.float32), [len(present), len(absent)])
    candidates = with_most(rows_of(model), columns, values)
    random = np.random.default_rng(seed)
    for part in model.samples(count, seed, source):
        # The first numbers of a generator are the same for any larger number of samples.
        chosen = candidates[(random.random(len(part["image"])) * len(candidates)).astype(int)]
        latents = model.with_conditions(latents_of(part), chosen, source)
        yield {"image": model("generate", latent=latents)["image"], "latent": latents}


def rows_of(model: ExportedModel) -> np.ndarray:
    """The attributes of training images of a model conditioned on attributes, float32 ``[n, k]``.

    An export of an earlier version does not have them; those of samples take their place.
    """
    rows = getattr(model._loaded, "condition_rows", None)
    if rows is not None:
        return rows.numpy().astype(np.float32)
    size = len(model.manifest["condition"]["names"])
    return np.concatenate([latents_of(part)[:, :size] for part in model.samples(DRAWN)])


def with_most(rows: np.ndarray, columns: Sequence[int], values: np.ndarray) -> np.ndarray:
    """The rows ``[n, k]`` that have the most of some values in these columns, with all of the values."""
    agreeing = (rows[:, columns] == values).sum(1)
    candidates = rows[agreeing == agreeing.max()].copy()
    candidates[:, columns] = values
    return candidates
