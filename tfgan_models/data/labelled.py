"""Labeled and unlabeled images from one set, for learning from few labels."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfgan_models.data import pipeline
from tfgan_models.data.encoded import select_images
from tfgan_models.data.image_set import ImageSet
from tfgan_models.errors import InputError

DISCRIMINATOR, GENERATOR, LABELED = range(3)  # streams of batches, each in a different order
MAX_ATTRIBUTES = 4  # 16 classes


def choose_labelled_rows(data: ImageSet, count: int, seed: int, argument: str = "labels") -> np.ndarray:
    """Choose at random the rows whose labels may be used in training, the same number of each class.

    Args:
        data: images with labels.
        count: number of rows, a multiple of the number of classes.
        seed: seed of the random choice, which is the same with every version of NumPy.
        argument: name of the count in errors.

    Returns:
        int64 ``[count]``, in ascending order.

    Raises:
        InputError: there are no labels, the count is not a multiple of the number of classes, or a class has too few
            images.
    """
    if data.labels is None or len(data.label_names) < 2:
        raise InputError(f"the data set {data.name!r} has no classes to learn: give one with labels, such as digits")
    classes = len(data.label_names)
    if count < 1 or count % classes:
        raise InputError(f"{argument} {count}: give a multiple of {classes}, the number of classes", argument)
    per_class, random = count // classes, np.random.RandomState(seed)
    rows = []
    for label, name in enumerate(data.label_names):
        candidates = np.flatnonzero(np.asarray(data.labels) == label)
        if len(candidates) < per_class:
            raise InputError(
                f"{argument} {count}: the class {name!r} has {len(candidates)} images, not {per_class}; give fewer",
                argument,
            )
        rows.append(random.permutation(candidates)[:per_class])
    return np.sort(np.concatenate(rows))


def by_attributes(data: ImageSet, names: Sequence[str]) -> ImageSet:
    """Replace the labels by classes made of attributes: one class for each combination of their values.

    Args:
        data: images with attributes.
        names: names of at most four attributes. Their values are the binary digits of the class, that of the first
            name the lowest. Without names the set is returned unchanged.

    Raises:
        InputError: an attribute is unknown, a name occurs twice, or there are too many.
    """
    if not names:
        return data
    argument = "label_attributes"
    value = f"{argument} {' '.join(names)}"
    for name in names:
        if name not in data.attribute_names:
            available = ", ".join(data.attribute_names) or "none"
            raise InputError(
                f"{value}: {data.name} has no attribute {name!r}, its attributes are {available}", argument
            )
    if len(set(names)) < len(names) or len(names) > MAX_ATTRIBUTES:
        raise InputError(f"{value}: give each attribute once, and at most {MAX_ATTRIBUTES}", argument)
    columns = np.asarray(data.attributes)[:, [data.attribute_names.index(name) for name in names]]
    labels = columns.astype(np.int32) @ (2 ** np.arange(len(names), dtype=np.int32))
    return dataclasses.replace(data, labels=labels.astype(np.int32), label_names=_classes(names))


def attributes_of(label_names: Sequence[str]) -> tuple[str, ...]:
    """The names from which ``by_attributes`` made these classes; empty for other classes."""
    names = tuple(label_names[-1].split(", ")) if label_names else ()  # the last class has all of them
    return names if len(names) <= MAX_ATTRIBUTES and _classes(names) == tuple(label_names) else ()


def _classes(names: Sequence[str]) -> tuple[str, ...]:
    """The names of the classes that are made of attributes."""
    return tuple(
        ", ".join(name if label >> i & 1 else f"no {name}" for i, name in enumerate(names))
        for label in range(2 ** len(names))
    )


def with_labels(data: ImageSet) -> ImageSet:
    """Select the pictures that have a label; print on stderr how many others are left out.

    Raises:
        InputError: the set has classes, but no picture has a label.
    """
    if data.labels is None or min(data.labels) >= 0:
        return data
    rows = np.flatnonzero(np.asarray(data.labels) >= 0)
    if not len(rows):
        raise InputError(f"no picture of a split of {data.name!r} has a label: sort them into folders of the classes")
    others = len(data.labels) - len(rows)
    print(
        f"{data.name}: {others} of {len(data.labels)} pictures of a split have no label and are left out",
        file=sys.stderr,
    )
    attributes = None if data.attributes is None else data.attributes[rows]
    key = f"{data.key}-labeled" if data.key else ""  # other images than those of the whole set
    return dataclasses.replace(
        data,
        images=select_images(data.images, rows),
        labels=data.labels[rows],
        attributes=attributes,
        key=key,
        split_digest=data.images_digest(),
    )


def labelled_only(data: ImageSet) -> ImageSet:
    """Select the labeled images, with their labels.

    Raises:
        ValueError: the set has no labels.
    """
    if data.labels is None:
        raise ValueError(f"{data.name} has no labels: give a set with labels")
    rows = np.arange(len(data.labels)) if data.labelled is None else data.labelled
    return dataclasses.replace(
        data, images=select_images(data.images, rows), labels=data.labels[rows], attributes=None, labelled=None
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
    """Endless batches, each with two sets of unlabeled images and one of labeled images.

    A batch is a pure function of (seed, step). The three sets have different orders. The labeled images also occur
    among the unlabeled ones.

    Args:
        data: images; those in the rows ``data.labelled`` are the labeled ones.
        batch_size, seed, first_step, flip, context: as in ``pipeline.batches``.

    Returns:
        ``image``, ``matched_image`` and ``labelled_image``: float32 ``[b, h, w, c]`` in [-1, 1]; ``label``: int32
        ``[b]``, the labels of ``labelled_image``.
    """
    unlabeled = dataclasses.replace(data, labels=None, attributes=None, labelled=None)

    def stream(images: ImageSet, number: int) -> tf.data.Dataset:
        return pipeline.batches(
            images, batch_size, seed=seed, first_step=first_step, flip=flip, context=context, stream=number
        )

    streams = (stream(unlabeled, DISCRIMINATOR), stream(unlabeled, GENERATOR), stream(labelled_only(data), LABELED))
    return tf.data.Dataset.zip(*streams).map(
        pipeline.without_autograph(
            lambda image, matched, labeled: {
                "image": image["image"],
                "matched_image": matched["image"],
                "labelled_image": labeled["image"],
                "label": labeled["label"],
            }
        )
    )
