"""Sheets of ``tfgan edit`` by models whose latents begin with a class or attributes, which the edits change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_models.cli import edit_subjects, sample_condition
from tfgan_models.export.condition_edits import with_attribute, with_classes
from tfgan_models.export.latent_classes import condition_of, has_clusters
from tfgan_models.latent.attribute_vectors import index_of
from tfgan_models.plots import captions, image_grid
from tfgan_models.plots.class_names import drawable
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    from tfgan_models.cli.edit import EditFlags
    from tfgan_models.export import ExportedModel

STRENGTHS, STEPS = (-1.0, 2.0), 7  # of attributes, by default


def changes_condition(flags: EditFlags, model: ExportedModel) -> bool:
    """Return True if the edits change the class or the attributes in latents, and do not move along vectors.

    Raises:
        InputError: the flags name edits of both kinds, or an unknown attribute.
    """
    condition = condition_of(model)
    if condition is None or (has_clusters(model) and model.editable):  # whose vectors are of classes
        return False
    wanted = _known(flags.attributes, condition, model.editable) or model.editable
    inside = [name for name in wanted if name in condition["names"]]
    others = [*flags.plus, *flags.directions, *(name for name in wanted if name not in inside)]
    if others and flags.attributes and not set(inside) <= set(model.editable):
        advice = f"{inside[0]} is changed in the latent itself, in a sheet of its own: remove {others[0]}"
        raise refusal("attributes", flags.attributes, advice)
    return not (flags.plus or flags.directions) and (not model.editable or len(inside) == len(wanted))


def draw(flags: EditFlags, model: ExportedModel) -> str:
    """Draw the sheet, and return a description of it.

    Raises:
        InputError: a name is unknown, a flag has no effect, or the sheet would be too large.
    """
    condition = condition_of(model)
    assert condition is not None  # of a model whose condition the edits change
    names = _known(flags.attributes, condition) or tuple(condition["names"])
    by_class = condition["kind"] == "labels"
    strengths = np.ones(1, np.float32) if by_class else _strengths(flags)
    shape = (1, len(names)) if by_class else (len(names), len(strengths))  # of the edits of a picture
    _refuse_of_classes(flags, by_class)
    edits = f"{len(names)} classes" if by_class else f"{len(names)} attributes and {len(strengths)} steps"
    fewer = "name some --attributes" if by_class else "name fewer --attributes, or give fewer --steps"
    if not flags.latents:  # before pictures are read
        edit_subjects.check_sheet(flags, model, len(flags.image) or flags.count, shape, edits, fewer)
    images, latents = edit_subjects.pictures(flags, model, classes=len(condition["names"]) if by_class else 0)
    edit_subjects.check_sheet(flags, model, len(images), shape, edits, fewer)
    if by_class:
        own = latents[:, : len(condition["names"])].argmax(1)
        left, top = [condition["names"][number] for number in own], list(names)
        changed = with_classes(model, latents, names)
        parts = (edit_subjects.row(model, image, some) for image, some in zip(images, changed, strict=True))
        content = f"{len(names)} classes in a row for each"
    else:
        left, top = list(names) * len(images), [f"{strength:.3g}" for strength in strengths]
        parts = _attribute_rows(model, images, latents, names, strengths)
        content = f"{len(names)} attribute{'s' * (len(names) > 1)}, from {strengths[0]:g} to {strengths[-1]:g}"
    sheet = captions.captioned_grid(parts, left, ["picture", *top], condition["names"])
    image_grid.save(sheet, flags.output)
    return f"{len(images)} picture{'s' * (len(images) > 1)}, {content}"


def legend(model: ExportedModel) -> Iterator[str]:
    """Yield the names of the condition with their numbers, if the sheet has numbers for names."""
    condition = condition_of(model)
    if condition is not None and drawable(tuple(condition["names"])).numbered:
        yield from (f"  {number}: {name}" for number, name in enumerate(condition["names"]))


def _known(names: tuple[str, ...], condition: dict[str, Any], editable: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The names of classes or attributes; a number is that of a class, unless something that is editable has this name.

    Raises:
        InputError: one is unknown.
    """
    known, chosen = (*condition["names"], *editable), []
    for name in names:
        number = None if name in editable else sample_condition.index(name, condition)
        chosen.append(known[index_of(name, known, "attributes", "The model knows") if number is None else number])
    return tuple(dict.fromkeys(chosen))


def _refuse_of_classes(flags: EditFlags, by_class: bool) -> None:
    for name in ("strength", "steps"):
        if by_class and (value := getattr(flags, name)) is not None:
            raise refusal(name, value, "a picture has one class and not a strength of it, remove it")


def _strengths(flags: EditFlags) -> np.ndarray:
    """The values that attributes get, float32 ``[s]``."""
    steps = STEPS if flags.steps is None else flags.steps
    return np.linspace(*(STRENGTHS if flags.strength is None else flags.strength), steps, dtype=np.float32)


def _attribute_rows(
    model: ExportedModel, images: np.ndarray, latents: np.ndarray, names: tuple[str, ...], strengths: np.ndarray
) -> Iterator[np.ndarray]:
    """Yield a row for each picture and attribute."""
    for image, latent in zip(images, latents, strict=True):
        for name in names:
            yield edit_subjects.row(model, image, with_attribute(model, latent[np.newaxis], name, strengths)[0])
