"""Samples of an export with a chosen class or with chosen attributes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tfgan_models.export.exported_model import ExportedModel
from tfgan_models.export.latent_classes import condition_of, latents_of

DRAWN = 1_000  # latents among whose attributes the chosen ones are looked for


def of_class(
    model: ExportedModel, label: int, count: int, seed: int, source: str | None = None
) -> Iterator[dict[str, np.ndarray]]:
    """Draw samples of a class part by part, as ``ExportedModel.samples`` does; all classes have the same styles.

    Args:
        model: a model conditioned on classes, or an adversarial autoencoder with classes in its latents.
        label: number of the class.
        count: number of samples.
        seed: seed of the styles.
        source: source of the latents.
    """
    condition = condition_of(model)
    assert condition is not None
    chosen = np.eye(len(condition["names"]), dtype=np.float32)[label]
    if "condition" in model.manifest:
        yield from model.samples(count, seed, source, chosen)
        return
    for part in model.samples(count, seed, source):
        latents = latents_of(part).copy()
        latents[:, : len(chosen)] = chosen
        yield {"image": model("generate", latent=latents)["image"], "latent": latents}


def of_attributes(
    model: ExportedModel,
    present: Sequence[str],
    absent: Sequence[str],
    count: int,
    seed: int,
    source: str | None = None,
    drawn: np.ndarray | None = None,
) -> Iterator[dict[str, np.ndarray]]:
    """Draw samples with attributes and without others, part by part.

    The attributes that are not named are drawn as they occur together with the named ones. Only if no drawn latent has
    all of the named ones, they are those of a latent that has most of them.

    Args:
        model: a model conditioned on attributes.
        present: attributes that all samples have.
        absent: attributes that no sample has.
        count: number of samples.
        seed: seed of the styles, and of the attributes that are not named.
        source: source of the latents.
        drawn: latents of the source, ``[n, latent_dim]``; by default they are drawn.
    """
    names = model.manifest["condition"]["names"]
    if drawn is None:
        drawn = latents_of(model(model.sampler(source), count=DRAWN, seed=0))
    columns = [names.index(name) for name in (*present, *absent)]
    values = np.repeat(np.array([1, 0], np.float32), [len(present), len(absent)])
    conditions = drawn[:, : len(names)]
    agreeing = (conditions[:, columns] == values).sum(1)
    candidates = conditions[agreeing == agreeing.max()]
    random = np.random.default_rng(seed)
    for part in model.samples(count, seed, source):
        # The first numbers of a generator are the same for any larger number of samples.
        chosen = candidates[(random.random(len(part["image"])) * len(candidates)).astype(int)].copy()
        chosen[:, columns] = values
        latents = model.with_conditions(latents_of(part), chosen, source)
        yield {"image": model("generate", latent=latents)["image"], "latent": latents}
