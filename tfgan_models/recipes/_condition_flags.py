"""Flags of conditional models, and the condition that they describe."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tfgan_models.errors import InputError
from tfgan_models.training.flag_rules import Above, Needs, refusal

if TYPE_CHECKING:
    import keras

    from tfgan_models import Condition
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.training.recipe import CallbackContext


@dataclasses.dataclass(kw_only=True)
class ConditionFlags:
    """The condition of a model."""

    condition: Literal["labels", "attributes"] | None = None
    """Make the model conditional: labels tells it the class of each image, attributes its attributes. tfgan sample then
    draws what --label, --with and --without name."""
    condition_attributes: Annotated[
        tuple[str, ...],
        Needs(
            "condition",
            "with --condition {} no attributes are told, give --condition attributes",
            lambda kind: kind == "attributes",
        ),
    ] = ()
    """Attributes that the model is told, such as Smiling Male; by default all of the data set."""


@dataclasses.dataclass(kw_only=True)
class ConditioningFlags(ConditionFlags):
    """The condition of a model with a discriminator."""

    conditioning: Annotated[Literal["projection", "auxiliary", "concat"], Needs("condition")] = "projection"
    """How the discriminator gets the condition. projection: the inner product with its features; auxiliary: it reads
    the condition from images, and both players are rewarded if it can; concat: as further channels of the image."""
    auxiliary_weight: Annotated[
        float,
        Above(0),
        Needs(
            "conditioning",
            "it has no effect with --conditioning {}, give --conditioning auxiliary",
            lambda conditioning: conditioning == "auxiliary",
        ),
    ] = 1.0
    """Weight of the cross-entropy of the condition with --conditioning auxiliary."""


def condition_of(config: ConditionFlags, data: ImageSet) -> Condition | None:
    """The condition of the model on the labels or attributes of the data; None without one.

    Raises:
        InputError: the data do not have them.
    """
    from tfgan_models.objectives import conditions

    check(config, data)
    names = ("conditioning", "auxiliary_weight")  # of models with a discriminator
    options: dict[str, Any] = {name: getattr(config, name) for name in names if name in vars(config)}
    if config.condition == "labels":
        assert data.labels is not None
        return conditions.of_labels(data.label_names, data.labels, **options)
    if config.condition == "attributes":
        assert data.attributes is not None
        return conditions.of_attributes(data.attribute_names, data.attributes, config.condition_attributes, **options)
    return None


def check(config: ConditionFlags, data: ImageSet) -> None:
    """Refuse data without the labels or attributes that the model is conditioned on, with an ``InputError``."""
    if config.condition == "labels" and (data.labels is None or len(data.label_names) < 2):
        raise refusal("condition", "labels", f"{data.name} has no classes, give a data set with labels, such as digits")
    if config.condition != "attributes":
        return
    if data.attributes is None or not data.attribute_names:
        raise refusal(
            "condition", "attributes", f"{data.name} has no attributes, give a data set with attributes, such as faces"
        )
    for name in config.condition_attributes:
        if name not in data.attribute_names or config.condition_attributes.count(name) > 1:
            raise InputError(
                f"--condition_attributes {' '.join(config.condition_attributes)}: give attributes of {data.name}, each "
                f"once: {', '.join(data.attribute_names)}",
                "condition_attributes",
            )


def prepare_data(flags: Any, train: ImageSet, test: ImageSet) -> tuple[ImageSet, ImageSet]:
    """Refuse data without the condition, and leave out pictures without a label if the model is told labels."""
    from tfgan_models.data import labelled

    check(flags.model, train)
    if flags.model.condition != "labels":
        return train, test
    return labelled.with_labels(train), labelled.with_labels(test)


def make_callbacks(flags: Any, context: CallbackContext) -> list[keras.callbacks.Callback]:
    """Draw every condition in the same styles, if there is a condition."""
    from tfgan_models.callbacks.condition_sheet import ConditionSheet

    if flags.model.condition is None:
        return []
    return [ConditionSheet(context.folder, flags.training.seed, context.writer, context.sampler)]
