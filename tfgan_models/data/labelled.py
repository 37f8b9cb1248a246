"""Labelled and unlabelled pictures from one set, for learning from few labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfgan_models.data import pipeline
from tfgan_models.data.sources import ImageSet
from tfgan_models.errors import InputError

DISCRIMINATOR, GENERATOR, LABELLED = range(3)  # the streams of batches, each with an order of its own
MOST_ATTRIBUTES = 4  # which make 16 classes


def choose(data: ImageSet, count: int, seed: int, argument: str = "labels") -> np.ndarray:
    """Rows of the pictures whose labels may be learned from, as many of each class, drawn at random.

    Args:
        data: pictures with labels.
        count: of the rows, a multiple of the number of classes.
        seed: of the draw, which is frozen: it is the same with every version of NumPy.
        argument: what the count is called where it is refused.

    Returns:
        int64 ``[count]``, in ascending order.

    Raises:
        InputError: no labels, no such multiple, or fewer pictures of a class than that.
    """
    if data.labels is None or len(data.label_names) < 2:
        raise InputError(f"the data set {data.name!r} has no classes to learn: give one with labels, such as digits")
    classes = len(data.label_names)
    if count < 1 or count % classes:
        raise InputError(f"{argument} {count}: give a multiple of {classes}, the number of classes", argument)
    each, random = count // classes, np.random.RandomState(seed)
    rows = []
    for label, name in enumerate(data.label_names):
        candidates = np.flatnonzero(np.asarray(data.labels) == label)
        if len(candidates) < each:
            raise InputError(
                f"{argument} {count}: of the class {name!r} there are {len(candidates)} pictures, not {each}", argument
            )
        rows.append(random.permutation(candidates)[:each])
    return np.sort(np.concatenate(rows))


def by_attributes(data: ImageSet, names: Sequence[str]) -> ImageSet:
    """The pictures with classes made of attributes: one for each way in which the attributes can be there or not.

    Args:
        data: pictures with attributes.
        names: of the attributes, at most four. The class is the number whose binary digits they are, the first the
            lowest. Of none the pictures are as they were.

    Raises:
        InputError: no attribute of a name, a name twice, or too many.
    """
    if not names:
        return data
    argument = "label_attributes"
    given = f"{argument} {' '.join(names)}"
    for name in names:
        if name not in data.attribute_names:
            known = ", ".join(data.attribute_names) or "none"
            raise InputError(f"{given}: {data.name} has no attribute {name!r}, its attributes are {known}", argument)
    if len(set(names)) < len(names) or len(names) > MOST_ATTRIBUTES:
        raise InputError(f"{given}: give each attribute once, and at most {MOST_ATTRIBUTES}", argument)
    columns = np.asarray(data.attributes)[:, [data.attribute_names.index(name) for name in names]]
    labels = columns.astype(np.int32) @ (2 ** np.arange(len(names), dtype=np.int32))
    classes = (
        ", ".join(name if label >> i & 1 else f"no {name}" for i, name in enumerate(names))
        for label in range(2 ** len(names))
    )
    return dataclasses.replace(data, labels=labels.astype(np.int32), label_names=tuple(classes))


def known(data: ImageSet) -> ImageSet:
    """The labelled pictures alone, with their labels.

    Raises:
        ValueError: the set has no labels.
    """
    if data.labels is None:
        raise ValueError(f"{data.name} has no labels: give a set with labels")
    return dataclasses.replace(
        data, images=data.images[data.labelled], labels=data.labels[data.labelled], attributes=None, labelled=None
    )


def batches(
    data: ImageSet,
    batch_size: int,
    *,
    seed: int,
    first_step: int = 0,
    flip: bool = False,
    context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
    """Endless batches of unlabelled pictures, twice, and of labelled ones: a pure function of (seed, step).

    Each of the three goes through its pictures in an order of its own; the labelled are unlabelled ones too.

    Args:
        data: its ``labelled`` rows have labels, the others have none.
        batch_size, seed, first_step, flip, context: as in ``pipeline.batches``.

    Returns:
        ``image`` and ``matched_image``, ``labelled_image``: float32 ``[b, h, w, c]`` in [-1, 1]; ``label``: int32
        ``[b]``, of the labelled ones.
    """
    unlabelled = dataclasses.replace(data, labels=None, attributes=None, labelled=None)

    def stream(pictures: ImageSet, number: int) -> tf.data.Dataset:
        return pipeline.batches(
            pictures, batch_size, seed=seed, first_step=first_step, flip=flip, context=context, stream=number
        )

    streams = (stream(unlabelled, DISCRIMINATOR), stream(unlabelled, GENERATOR), stream(known(data), LABELLED))
    return tf.data.Dataset.zip(*streams).map(
        pipeline.as_it_is(
            lambda image, matched, labelled: {
                "image": image["image"],
                "matched_image": matched["image"],
                "labelled_image": labelled["image"],
                "label": labelled["label"],
            }
        )
    )
