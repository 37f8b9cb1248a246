"""Sheets of ``tfgan edit`` by models whose latents begin with a class or attributes, which the edits change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tfgan_models.cli import edit_subjects
from tfgan_models.export.condition_edits import with_attribute, with_classes
from tfgan_models.export.latent_classes import condition_of
from tfgan_models.plots import captions, image_grid
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    from tfgan_models.cli.edit import EditFlags
    from tfgan_models.export import ExportedModel

STEPS = 5  # from without an attribute to with it


def changes_condition(flags: EditFlags, model: ExportedModel) -> bool:
    """Return True if the edits change the class or the attributes in latents, and not a vector of latents."""
    if flags.plus or flags.directions or (condition := condition_of(model)) is None:
        return False
    return not model.editable or set(flags.attributes) <= set(condition["names"])


def draw(flags: EditFlags, model: ExportedModel) -> str:
    """Draw the sheet, and return a description of it.

    Raises:
        InputError: a name is unknown, a flag has no effect, or the sheet would be too large.
    """
    condition = condition_of(model)
    assert condition is not None  # of a model whose condition the edits change
    names = tuple(dict.fromkeys(flags.attributes)) or tuple(condition["names"])
    by_class = condition["kind"] == "labels"
    strengths = _strengths(flags, by_class)
    columns = len(names) if by_class else len(strengths)
    rows = 1 if by_class else len(names)
    if not flags.latents:  # before pictures are read
        edit_subjects.check_sheet(flags, len(flags.image) or flags.count, rows, columns, model)
    images, latents = edit_subjects.pictures(flags, model)
    edit_subjects.check_sheet(flags, len(images), rows, columns, model)
    if by_class:
        own = latents[:, : len(condition["names"])].argmax(1)
        left = [condition["names"][number] for number in own]
        changed = iter(with_classes(model, latents, names))
        parts = (_row(model, image, some) for image, some in zip(images, changed, strict=True))
        content = f"{len(names)} classes in a row for each"
    else:
        left = list(names) * len(images)
        parts = _attribute_rows(model, images, latents, names, strengths)
        content = f"{len(names)} attribute{'s' * (len(names) > 1)}, from {strengths[0]:g} to {strengths[-1]:g}"
    top = list(names) if by_class else [f"{strength:.3g}" for strength in strengths]
    sheet = captions.captioned_grid(parts, left, ["picture", *top], condition["names"])
    image_grid.save(sheet, flags.output)
    return f"{len(images)} picture{'s' * (len(images) > 1)}, {content}"


def _strengths(flags: EditFlags, by_class: bool) -> np.ndarray:
    """The values that attributes get.

    Raises:
        InputError: they are given for classes, or are not from 0 to 1.
    """
    if by_class:
        for name in ("strength", "steps"):
            if (value := getattr(flags, name)) is not None:
                raise refusal(name, value, "a picture has one class and not a strength of it, remove it")
        return np.ones(1, np.float32)
    first, last = (0.0, 1.0) if flags.strength is None else flags.strength
    if not (0 <= first <= 1 and 0 <= last <= 1):
        advice = "this model is told attributes: give numbers from 0, without the attribute, to 1, with it"
        raise refusal("strength", flags.strength, advice)
    return np.linspace(first, last, STEPS if flags.steps is None else flags.steps, dtype=np.float32)


def _attribute_rows(
    model: ExportedModel, images: np.ndarray, latents: np.ndarray, names: tuple[str, ...], strengths: np.ndarray
) -> Iterator[np.ndarray]:
    """Yield a row for each picture and attribute."""
    for image, latent in zip(images, latents, strict=True):
        for name in names:
            yield _row(model, image, with_attribute(model, latent[np.newaxis], name, strengths)[0])


def _row(model: ExportedModel, image: np.ndarray, latents: np.ndarray) -> np.ndarray:
    """A picture, and the images of latents."""
    return np.concatenate([image[np.newaxis], model("generate", latent=latents)["image"]])
