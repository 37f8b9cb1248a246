"""Conditions of conditional models: a class, or attributes (Mirza and Osindero 2014, 1411.1784)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfgan_models.errors import InputError
from tfgan_models.objectives import losses
from tfgan_models.protocols import Distribution

tfd = tfp.distributions

Kind = Literal["labels", "attributes"]
Conditioning = Literal["projection", "auxiliary", "concat"]
CONDITIONINGS = ("projection", "auxiliary", "concat")
MAX_ROWS = 4096  # of attributes from which a model draws


@keras.saving.register_keras_serializable("tfgan_models")
@dataclasses.dataclass(frozen=True)
class Condition:
    """What a conditional model is told of each image, as a vector: a one-hot class, or attributes that are 0 or 1.

    A latent of a conditional model is the condition followed by the style: ``[len(names) + style_dim]``.

    Attributes:
        kind: ``labels`` for classes, ``attributes`` for attributes.
        names: names of the vector's elements.
        conditioning: how a discriminator gets the condition. ``projection``: it has the inputs image and condition, as
            ``networks.conditional.with_projection`` makes it (Miyato and Koyama 2018). ``auxiliary``: it gets images
            alone, and has a second output that reads the condition from them (Odena et al. 2016). ``concat``: its
            images have one more channel for each element (Mirza and Osindero 2014).
        auxiliary_weight: weight of the cross-entropy of the second output with ``auxiliary``.
        frequencies: shares of the classes among samples; by default all are equal.
        columns: indices of the elements among a batch's attributes; by default all in their order.
        rows: attributes among which samples draw theirs, each a text of the digits 0 and 1; by default each attribute
            is 1 with probability ½.

    Raises:
        InputError: the values do not fit each other.
    """

    kind: Kind
    names: tuple[str, ...]
    conditioning: Conditioning = "projection"
    auxiliary_weight: float = 1.0
    frequencies: tuple[float, ...] = ()
    columns: tuple[int, ...] = ()
    rows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that do not fit each other."""
        if self.kind not in ("labels", "attributes"):
            raise InputError(f"condition {self.kind!r}: give labels or attributes", "condition")
        if self.conditioning not in CONDITIONINGS:
            raise InputError(f"conditioning {self.conditioning!r}: give one of {', '.join(CONDITIONINGS)}")
        least = 2 if self.kind == "labels" else 1
        if self.size < least:
            raise InputError(f"a condition on {self.kind} needs at least {least} names, it has {self.size}")
        values = [("frequencies", self.frequencies), ("columns", self.columns), *(("rows", row) for row in self.rows)]
        for name, entries in values:
            if len(entries) not in (0, self.size):
                raise InputError(f"{name}: {len(entries)} values, give one for each of {self.size} {self.kind}")

    @property
    def size(self) -> int:
        """Size of the vector."""
        return len(self.names)

    def of(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """The conditions ``[n, size]`` of a batch's images, from its ``label`` or its ``attributes``.

        Raises:
            InputError: the batch does not have them.
        """
        entry = "label" if self.kind == "labels" else "attributes"
        if entry not in batch:
            raise InputError(f"the batch has no {entry!r}, which the model is conditioned on: give it with the images")
        if self.kind == "labels":
            return tf.one_hot(tf.cast(batch[entry], tf.int32), self.size)
        attributes = tf.cast(batch[entry], tf.float32)
        return tf.gather(attributes, self.columns, axis=1) if self.columns else attributes

    def prior(self) -> Distribution:
        """The distribution of conditions among samples, over ``[size]``."""
        if self.kind == "labels":
            frequencies = np.array(self.frequencies or (1.0,) * self.size, np.float32)
            return tfd.OneHotCategorical(probs=frequencies / frequencies.sum(), dtype=tf.float32)
        if not self.rows:
            return tfd.Independent(tfd.Bernoulli(probs=tf.fill([self.size], 0.5), dtype=tf.float32), 1)
        return tfd.Empirical(self.table().astype(np.float32), event_ndims=1)

    def table(self) -> np.ndarray:
        """The attributes among which samples draw theirs, uint8 ``[len(rows), size]``."""
        return np.array([list(map(int, row)) for row in self.rows], np.uint8)

    def latent_prior(self, style: Distribution) -> Distribution:
        """A condition followed by a style that does not depend on it: ``[size + style_dim]``."""
        return tfd.Blockwise([self.prior(), style], name="condition_and_style")

    def get_config(self) -> dict[str, Any]:
        """Return the attributes."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in dataclasses.asdict(self).items()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Condition:
        """Rebuild the condition from ``get_config``."""
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in config.items()}
        return cls(**values)


def of_labels(names: Sequence[str], labels: np.ndarray, **options: Any) -> Condition:
    """The condition on the classes of a data set, which samples have as often as its images.

    Args:
        names: names of the classes 0, 1, …
        labels: class of each image, ``[n]``.
        **options: ``conditioning`` and ``auxiliary_weight`` of the condition.
    """
    counts = np.bincount(np.asarray(labels), minlength=len(names))
    return Condition("labels", tuple(names), frequencies=tuple((counts / counts.sum()).tolist()), **options)


def of_attributes(
    names: Sequence[str], attributes: np.ndarray, chosen: Sequence[str] = (), **options: Any
) -> Condition:
    """The condition on attributes of a data set. Samples have those of its images, so that combinations occur as there.

    Args:
        names: names of all attributes.
        attributes: ``[n, len(names)]`` in {0, 1}; of more than 4,096 rows, evenly spaced ones are used.
        chosen: names of the attributes to condition on; by default all.
        **options: ``conditioning`` and ``auxiliary_weight`` of the condition.

    Raises:
        InputError: a chosen name is unknown or occurs twice.
    """
    for name in chosen:
        if name not in names or list(chosen).count(name) > 1:
            known = ", ".join(names) or "none"
            raise InputError(
                f"condition_attributes {' '.join(chosen)}: give attributes of the data, each once: {known}",
                "condition_attributes",
            )
    columns = [list(names).index(name) for name in chosen] or list(range(len(names)))
    spaced = np.linspace(0, len(attributes) - 1, min(MAX_ROWS, len(attributes))).round().astype(int)
    rows = ("".join(map(str, row)) for row in np.asarray(attributes)[spaced][:, columns].astype(int))
    return Condition(
        "attributes", tuple(names[i] for i in columns), columns=tuple(columns), rows=tuple(rows), **options
    )


def with_condition(conditions: tf.Tensor | None, styles: tf.Tensor) -> tf.Tensor:
    """Latents of styles: the condition first, if there is one."""
    return styles if conditions is None else tf.concat([conditions, styles], -1)


def append_channels(images: tf.Tensor, conditions: tf.Tensor) -> tf.Tensor:
    """Append each element of the conditions to its image as a constant channel (Mirza and Osindero 2014).

    Args:
        images: ``[n, h, w, c]``.
        conditions: ``[n, k]``.

    Returns:
        ``[n, h, w, c + k]``.
    """
    channels = tf.cast(conditions, images.dtype)[:, tf.newaxis, tf.newaxis] * tf.ones_like(images[:, :, :, :1])
    return tf.concat([images, channels], -1)


def images_with_conditions(
    conditioning: Conditioning, images: tf.Tensor, conditions: tf.Tensor
) -> tf.Tensor | list[tf.Tensor]:
    """The inputs of a discriminator that gets the condition: with ``concat`` one, with ``projection`` two.

    Args:
        conditioning: ``concat`` or ``projection``, see ``Condition``.
        images: ``[n, h, w, c]``.
        conditions: ``[n, k]``.
    """
    if conditioning == "concat":
        return append_channels(images, conditions)
    return [tf.convert_to_tensor(images), tf.convert_to_tensor(conditions)]  # Keras refuses arrays in a list


def auxiliary_loss(kind: Kind, conditions: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """−log P(c | x), the cross-entropy of the conditions as read from images (Odena et al. 2016, 1610.09585, eq. 3).

    Args:
        kind: ``labels``: the softmax over classes; ``attributes``: the mean over attributes, each with a sigmoid.
        conditions: ``[n, k]``.
        logits: ``[n, k]``.
    """
    if kind == "attributes":
        return losses.cross_entropy(conditions, logits)
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(conditions, tf.cast(logits, tf.float32)))
