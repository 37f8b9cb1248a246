"""Replicas of a training step. Outside of a strategy there is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import keras
import tensorflow as tf


class Replica(NamedTuple):
    """Index of this replica, and the number of replicas."""

    index: int | tf.Tensor
    count: int


def replica() -> Replica:
    """Return this replica; the only one without a strategy, and outside of the replicas of a strategy."""
    context = tf.distribute.get_replica_context()
    if context is None:
        return Replica(0, 1)
    return Replica(context.replica_id_in_sync_group, context.num_replicas_in_sync)


def all_reduce(how: Literal["sum", "mean"], values: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """Sum or mean of each tensor over all replicas, on every replica. Differentiable."""
    if replica().count == 1:
        return list(values)
    return tf.distribute.get_replica_context().all_reduce(how.upper(), list(values))


def mean_over_examples(values: Iterable[tf.Tensor], examples: tf.Tensor) -> tuple[list[tf.Tensor], tf.Tensor]:
    """Means over the examples of all replicas, on every replica, and the number of these examples.

    Args:
        values: means over the examples of this replica. A replica without examples may have NaN.
        examples: number of examples on this replica, which may differ between replicas.
    """
    if replica().count == 1:
        return list(values), examples
    weight = tf.cast(examples, tf.float32)
    *totals, count = all_reduce("sum", [*(tf.where(weight > 0, value * weight, 0) for value in values), weight])
    return [total / count for total in totals], count


def assign_where(condition: tf.Tensor, variables: Sequence[keras.Variable], values: Sequence[tf.Tensor]) -> None:
    """Assign each value to its variable if the scalar condition holds; otherwise leave the variable as it is.

    It works for mirrored variables, provided that all replicas pass the same values.
    """

    def assign(strategy: tf.distribute.Strategy, condition, values) -> None:
        for variable, value in zip(variables, values, strict=True):
            strategy.extended.update(
                variable.value,
                lambda v, condition, value: v.assign(tf.where(condition, value, v)),
                args=(condition, value),
                group=False,
            )

    tf.distribute.get_replica_context().merge_call(assign, args=(condition, list(values)))
