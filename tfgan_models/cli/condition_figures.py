"""``condition_agreement`` of ``tfgan evaluate``, of models whose latents begin with a class or attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tfgan_models.data.pixels import to_float
from tfgan_models.export import own_conditions
from tfgan_models.export.latent_classes import condition_of
from tfgan_models.export.truncated_samples import truncated
from tfgan_models.metrics.condition_agreement import condition_agreement
from tfgan_models.metrics.sampling import batches_of, rows

if TYPE_CHECKING:
    from tfgan_models.cli.evaluate import EvaluateFlags
    from tfgan_models.data.image_set import ImageSet
    from tfgan_models.export import ExportedModel
    from tfgan_models.metrics.evaluate import EvaluationResult
    from tfgan_models.metrics.extractor import Extractor

NAME = "condition_agreement"
IMAGES = 2_000  # of each column, at most
READ = {"labels": "classes", "attributes": "attributes"}  # outputs of the extractor for each kind of condition


def add(
    result: EvaluationResult,
    model: ExportedModel,
    columns: dict[str, str],
    extractor: Extractor,
    held_out: ImageSet,
    flags: EvaluateFlags,
) -> None:
    """Add the figure to the columns of a result, with the number of images that it was measured on."""
    measured = measure(model, columns, extractor, held_out, flags.samples, flags.seed, flags.truncation)
    for column, (value, images) in measured.items():
        result.figures[column][NAME] = value
        result.conditions["images_used"][column][NAME] = images


def measure(
    model: ExportedModel,
    columns: dict[str, str],
    extractor: Extractor,
    held_out: ImageSet,
    samples: int,
    seed: int,
    truncation: float = 1.0,
) -> dict[str, tuple[float, int]]:
    """Measure the agreement of samples, and of held-out images with their own condition.

    Args:
        model: the exported model.
        columns: signature of the samples of each column of the table.
        extractor: the extractor of the data set.
        held_out: held-out images; their values, in the column ``data``, are the best that can be expected.
        samples: number of samples; at most 2,000 are used.
        seed: seed of the samples.
        truncation: factor on the distance of latents from their mean.

    Returns:
        The figure and the number of images of each column; empty if the extractor does not read the model's condition.
    """
    condition = condition_of(model)
    names = held_out.attribute_names if extractor.outputs == "attributes" else held_out.label_names
    if condition is None or READ[condition["kind"]] != extractor.outputs or not set(condition["names"]) <= set(names):
        return {}
    places = [names.index(name) for name in condition["names"]]
    if extractor.network.output_shape[1][-1] != len(names):  # one that was trained on other data
        return {}

    def drawn(signature: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        source = "prior" if signature == "sample_prior" else None
        parts = model.samples(min(samples, IMAGES), seed, source)
        for part in truncated(model, signature, parts, truncation):
            yield part["image"], part["latent"][:, : len(places)]

    def real() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        conditions = own_conditions.conditions_of(model, held_out)
        if conditions is not None:
            for some in batches_of(rows(held_out, "condition", seed)[:IMAGES]):
                yield to_float(held_out.images[some]), conditions[some]

    figures = {}
    for column, parts in {**{name: drawn(signature) for name, signature in columns.items()}, "data": real()}.items():
        pairs = [(extractor(images).probabilities[:, places], told) for images, told in parts]
        if not pairs:
            continue
        read, told = (np.concatenate(values) for values in zip(*pairs, strict=True))
        if (value := condition_agreement(read, told, condition["kind"])) is not None:
            figures[column] = value, len(told)
    return figures
