"""Samples of conditional models with the class or the attributes that ``tfgan sample`` names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from tfgan_models.errors import InputError
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.export import ExportedModel


@dataclasses.dataclass(kw_only=True)
class ConditionFlags:
    """The condition of the samples."""

    label: tuple[str, ...] = ()
    """Class of the samples, its name or number, for a model that was trained with --condition labels, aae_supervised or
    aae_semi_supervised. With several, there is a row of --count samples for each, in the same styles. With
    --interpolate, two are both ends of the walks. With --reconstruct, the class of all pictures; with --between, of all
    or of each."""
    with_: Annotated[tuple[str, ...], tyro.conf.arg(name="with")] = ()
    """Attributes that the samples have, of a model that was trained with --condition attributes. Attributes that are
    not named vary as in training images with the named ones. With --reconstruct and --between, the attributes that all
    pictures have; they have no others."""
    without: tuple[str, ...] = ()
    """Attributes that the samples do not have. Of pictures, what is not in --with is absent in any case."""


def check(flags: ConditionFlags, model: ExportedModel) -> None:
    """Refuse a condition that the model does not take, with an ``InputError``."""
    condition = _condition(flags, model) or {"kind": None, "names": []}
    if getattr(flags, "interpolate", False) and len(flags.label) > 2:
        raise refusal("label", flags.label, "--interpolate draws walks in one class or from one to another, give two")
    both = [name for name in flags.with_ if name in flags.without]
    if flags.label and (flags.with_ or flags.without):
        raise refusal("label", flags.label, "a model takes labels or attributes, leave out --with and --without")
    if both:
        raise refusal("without", flags.without, f"{both[0]} is also in --with, remove it from one of them")
    for flag, values, kind in (
        ("label", flags.label, "labels"),
        ("with", flags.with_, "attributes"),
        ("without", flags.without, "attributes"),
    ):
        if values and condition["kind"] != kind:
            others = "of aae_supervised or aae_semi_supervised, or one " if kind == "labels" else ""
            advice = f"{model.path} is not conditioned on {kind}, give a model {others}trained with --condition {kind}"
            raise refusal(flag, values, advice)
        for name in values:
            if index(name, condition) is None:
                one = "one" if kind == "labels" else "some"
                raise refusal(flag, values, f"{name!r} is unknown, give {one} of {', '.join(condition['names'])}")


def of_pictures(flags: ConditionFlags, model: ExportedModel, content: str, pictures: int = 1) -> np.ndarray | None:
    """The condition of all pictures that are encoded, ``[k]``, or of each, ``[n, k]``; None for a model without.

    Args:
        flags: flags that ``check`` has accepted.
        model: a model that reconstructs pictures.
        content: ``reconstruct`` or ``between``, the flag of the pictures.
        pictures: number of classes that may be named, one for each picture; otherwise there is one for all.

    Raises:
        InputError: the model needs a condition, or has no use for the flags.
    """
    import numpy as np

    from tfgan_models.export.latent_classes import condition_of
    from tfgan_models.export.own_conditions import takes_conditions

    named = [name for name in ("label", "with_", "without") if getattr(flags, name)]
    if not takes_conditions(model):
        if named:
            advice = f"{model.path} reconstructs pictures without it, remove it"
            raise refusal(named[0].rstrip("_"), getattr(flags, named[0]), advice)
        return None
    condition = condition_of(model) or {"kind": None, "names": []}
    names = ", ".join(condition["names"])
    if condition["kind"] == "labels":
        if len(flags.label) not in (1, pictures):
            each = " for all pictures, or for each" if pictures > 1 else ""
            advice = f"{model.path} is told the class of the pictures, give one of {names}{each}"
            if flags.label:
                raise refusal("label", flags.label, advice)
            raise InputError(f"--{content}: add --label: {advice}", content)
        one_hot = np.eye(len(condition["names"]), dtype=np.float32)
        conditions = np.stack([one_hot[index(label, condition)] for label in flags.label])
        return conditions if len(flags.label) > 1 else conditions[0]
    if not named:
        advice = f"add --with or --without: {model.path} is told the attributes of the pictures, which are {names}"
        raise InputError(f"--{content}: {advice}", content)
    return np.isin(condition["names"], flags.with_).astype(np.float32)


def of_each(condition: np.ndarray | None, count: int) -> np.ndarray | None:
    """The conditions ``[count, k]`` of pictures, from those of each or from one of all."""
    import numpy as np

    return None if condition is None else np.broadcast_to(condition, (count, condition.shape[-1]))


def sheet(flags: ConditionFlags, count: int) -> tuple[int, int | None]:
    """The number of samples on a sheet, and its columns if it has a row for each of several classes."""
    return (count * len(flags.label), count) if len(flags.label) > 1 else (count, None)


def samples(
    flags: ConditionFlags, model: ExportedModel, count: int, seed: int, source: str | None
) -> Iterator[dict[str, np.ndarray]]:
    """Draw samples part by part, as ``ExportedModel.samples`` does; of each class if several are named.

    Args:
        flags: flags that ``check`` has accepted.
        model: export to sample from.
        count: number of samples, of each class.
        seed: seed of the samples. Samples of different conditions have the same styles.
        source: source of the latents.
    """
    from tfgan_models.export import conditional_samples

    condition = _condition(flags, model)
    if condition is None:
        yield from model.samples(count, seed, source)
    elif flags.label:
        for label in flags.label:
            number = index(label, condition)
            assert number is not None  # ``check`` has accepted it
            yield from conditional_samples.of_class(model, number, len(condition["names"]), count, seed, source)
    else:
        yield from conditional_samples.of_attributes(model, flags.with_, flags.without, count, seed, source)


def describe(flags: ConditionFlags) -> str:
    """The condition in words for the last line of the command; empty without one."""
    parts = (("as", flags.label), ("with", flags.with_), ("without", flags.without))
    return "".join(f" {word} {', '.join(names)}" for word, names in parts if names)


def _condition(flags: ConditionFlags, model: ExportedModel) -> dict[str, Any] | None:
    """The condition that the flags are about; None without one. It is looked up only if it is needed."""
    from tfgan_models.export.latent_classes import condition_of

    return condition_of(model) if flags.label or flags.with_ or flags.without else None


def index(name: str, condition: dict[str, Any]) -> int | None:
    """The place of a class or an attribute in the condition; a number is that of a class without a name."""
    names = condition["names"]
    if name in names:
        return names.index(name)
    if condition["kind"] == "labels" and name.isdecimal() and int(name) < len(names):
        return int(name)
    return None
