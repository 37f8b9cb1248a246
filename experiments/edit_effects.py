"""Measure what edits change: ``python experiments/edit_effects.py --models saved_models/faces saved_models/vae/1``.

Held-out pictures are reconstructed and edited by one attribute at a time: it is added to the pictures in which the
in-domain extractor does not read it, and removed from the others. The extractor then reads all attributes of the
edited pictures. An edit should change the chosen attribute much and the others little. The extractor does not read
every attribute of real pictures either, and edits cannot be expected to be read more often.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tyro

from tfgan_models import export
from tfgan_models.cli import training_data
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.errors import InputError
from tfgan_models.latent.parts import in_parts
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.in_domain_extractor import in_domain

PART = 500  # pictures that are read at a time


@dataclasses.dataclass(kw_only=True)
class EditEffectsFlags:
    """Measure the effects of edits on the attributes that a network reads."""

    models: tuple[Path, ...]
    """Folders of exports of one data set, whose models encode pictures and were trained on attributes."""
    attributes: tuple[str, ...] = ()
    """Attributes to edit; by default all."""
    strength: float = 2.0
    """Strength of the edits; it is negative where the attribute is removed."""
    count: int = 300
    """Number of held-out pictures."""
    seed: int = 0
    """Seed of the choice of pictures."""
    cache_dir: str | None = None
    """Folder for decoded images and the extractor."""


@dataclasses.dataclass(frozen=True)
class EditEffect:
    """The effect of an edit, averaged over pictures.

    Attributes:
        appears: share of the pictures without the attribute that are read as with it after the edit; NaN without any.
        vanishes: share of the pictures with the attribute that are read as without it after the edit; NaN without any.
        change: change of the attribute's probability in the direction of the edit.
        others: absolute change of the probability of another attribute, averaged over the other attributes.
        most: the other attribute that changes most, with its absolute change.
    """

    appears: float
    vanishes: float
    change: float
    others: float
    most: tuple[str, float]


def effect(before: np.ndarray, after: np.ndarray, column: int, names: tuple[str, ...]) -> EditEffect:
    """Compare probabilities ``[n, attributes]`` before and after an edit of the attribute of a column."""
    present = before[:, column] > 0.5
    switched = (after[:, column] > 0.5) != present
    differences = after - before
    absolute = np.abs(differences).mean(axis=0)
    other = np.delete(np.arange(len(names)), column)
    most = other[np.argmax(absolute[other])]
    appears, vanishes = (
        float(switched[those].mean()) if those.any() else float("nan") for those in (~present, present)
    )
    return EditEffect(
        appears,
        vanishes,
        float(np.mean(differences[:, column] * np.where(present, -1, 1))),
        float(absolute[other].mean()),
        (names[most], float(absolute[most])),
    )


def recalls(test: ImageSet, extractor: Extractor) -> dict[str, float]:
    """Share of the pictures with each attribute in which the extractor reads it; NaN if no picture has it."""
    read = in_parts(lambda part: extractor(to_float(part)).probabilities, test.images, PART) > 0.5
    has = np.asarray(test.attributes, bool)
    shares = np.where(has.any(axis=0), (read & has).sum(axis=0) / np.maximum(has.sum(axis=0), 1), np.nan)
    return dict(zip(test.attribute_names, shares.tolist(), strict=True))


def measure(
    model: export.ExportedModel,
    images: np.ndarray,
    extractor: Extractor,
    names: tuple[str, ...],
    flags: EditEffectsFlags,
) -> dict[str, EditEffect]:
    """The effect of each attribute's edit."""
    codes = model.codes(images)
    before = extractor(model("generate", latent=codes)["image"]).probabilities
    effects = {}
    for name in flags.attributes or model.editable:
        column = names.index(name)
        strengths = np.where(before[:, column] > 0.5, -flags.strength, flags.strength)
        after = extractor(model.edit(codes, {name: strengths})).probabilities
        effects[name] = effect(before, after, column, names)
    return effects


def markdown(effects: dict[str, EditEffect], recall: dict[str, float]) -> str:
    """A row for each attribute, and the mean over attributes."""
    lines = [
        "| attribute | appears | in real ones | vanishes | its change | change of others | the most changed other |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in effects.items():
        shares = f"{_share(one.appears)} | {_share(recall[name])} | {_share(one.vanishes)}"
        most = f"{one.most[0]} {one.most[1]:.2f}"
        lines.append(f"| {name} | {shares} | {one.change:.2f} | {one.others:.3f} | {most} |")
    columns = ("appears", "vanishes", "change", "others")
    appears, vanishes, change, others = (
        np.nanmean([getattr(one, column) for one in effects.values()]) for column in columns
    )
    shares = f"{appears:.0%} | {np.nanmean([recall[name] for name in effects]):.0%} | {vanishes:.0%}"
    lines.append(f"| mean | {shares} | {change:.2f} | {others:.3f} | |")
    return "\n".join(lines)


def load_splits(model: export.ExportedModel, cache_dir: str | None) -> tuple[ImageSet, ImageSet]:
    """The training and held-out images of a model's data set.

    Raises:
        InputError: the export does not name its data, or the data have no attributes.
    """
    missing = f"{model.path} does not name its training data"
    train = training_data.load(model.manifest, "train", missing, cache_dir=cache_dir)
    test = training_data.load(model.manifest, "test", missing, cache_dir=cache_dir)
    if train.attributes is None:
        raise InputError(f"{model.path}: {train.name} has no attributes, which the edits are measured by")
    return train, test


def main(flags: EditEffectsFlags) -> None:
    """Print a table for each model."""
    models = [export.load(path) for path in flags.models]
    for model in models:
        model.check_encodes()
        model.check_editable()
    train, test = load_splits(models[0], flags.cache_dir)
    extractor = in_domain(train, test, flags.cache_dir)
    rows = np.sort(np.random.default_rng(flags.seed).permutation(len(test.images))[: flags.count])
    images = to_float(np.asarray(test.images[rows]))
    recall = recalls(test, extractor)
    print(f"extractor {extractor.name} {extractor.digest}: {extractor.accuracy:.1%} of held-out attributes")
    for model in models:
        effects = measure(model, images, extractor, tuple(train.attribute_names), flags)
        print(f"\n{model.path} ({model.manifest['algorithm']}), strength {flags.strength:g}, {len(images)} pictures\n")
        print(markdown(effects, recall), flush=True)


def _share(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.0%}"


if __name__ == "__main__":
    main(tyro.cli(EditEffectsFlags))
