"""``condition_agreement`` of ``tfgan evaluate``, of models whose latents begin with a class or attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tfgan_models.data.pixels import to_float
from tfgan_models.errors import InputError
from tfgan_models.export import own_conditions
from tfgan_models.export.latent_classes import condition_of, has_clusters
from tfgan_models.export.truncated_samples import source_of, truncated
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
    """Add the figure to the columns of a result, with the number of images that it was measured on.

    It is the mean over the classes or attributes that can be measured in all columns. Nothing is added, and a line says
    why, if there are none, or the extractor does not read what the model was told.

    Args:
        result: figures and conditions of an evaluation.
        model: the exported model.
        columns: signature of the samples of each column of the table.
        extractor: the extractor of the data set.
        held_out: held-out images; their values, in the column ``data``, are the best that can be expected.
        flags: those of the evaluation.
    """
    try:
        condition = condition_of(model)
    except InputError as error:  # an export of an earlier version
        print(f"{NAME}: left out, {error}")
        return
    if condition is None or has_clusters(model):
        return
    names = list(held_out.attribute_names if extractor.outputs == "attributes" else held_out.label_names)
    reads = READ[condition["kind"]] == extractor.outputs and extractor.network.output_shape[1][-1] == len(names)
    if not reads or not set(condition["names"]) <= set(names):
        print(f"{NAME}: left out, because {extractor.name} does not read the {condition['kind']} of the model")
        return
    places = [names.index(name) for name in condition["names"]]
    each, images = {}, {}
    for column in (*columns, "data"):
        drawn = _samples(model, columns[column], flags) if column in columns else _real(model, held_out, flags.seed)
        pairs = [(extractor(some).probabilities[:, places], told[:, : len(places)]) for some, told in drawn]
        if pairs:
            read, told = (np.concatenate(values) for values in zip(*pairs, strict=True))
            each[column], images[column] = condition_agreement(read, told, condition["kind"]), len(told)
    counted: np.ndarray = np.logical_and.reduce(np.isfinite(list(each.values())))
    kind = "classes" if condition["kind"] == "labels" else "attributes"
    if "data" not in each:
        print(f"{NAME}: without held-out images, because some do not have what the model was told")
    if not counted.any():
        print(f"{NAME}: left out, because each of the {kind} has too few images in some column: give more --samples")
        return
    if not counted.all():
        print(f"{NAME}: of {counted.sum()} of {len(counted)} {kind}; the others have too few images in some column")
    for column, values in each.items():
        result.figures[column][NAME] = float(values[counted].mean())
        result.conditions["images_used"][column][NAME] = images[column]
    result.conditions[NAME] = {kind: int(counted.sum()), "all": len(counted)}


def _samples(model: ExportedModel, signature: str, flags: EvaluateFlags) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield samples ``[n, h, w, c]`` with their latents, which begin with the condition."""
    parts = model.samples(min(flags.samples, IMAGES), flags.seed, source_of(signature))
    for part in truncated(model, signature, parts, flags.truncation):
        yield part["image"], part["latent"]


def _real(model: ExportedModel, data: ImageSet, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield images with their own conditions ``[n, k]``; none if some do not have them."""
    conditions = own_conditions.conditions_of(model, data)
    if conditions is not None:
        for some in batches_of(rows(data, "condition", seed)[:IMAGES]):
            yield to_float(data.images[some]), conditions[some]
