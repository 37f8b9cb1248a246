"""What stands between a player's gradients and its optimizer's step: checks, replicas, a limit, a gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.keras_private import replace_average_update, weight_averages
from tfgan_models.layers.replicas import all_reduce, assign_where, replica
from tfgan_models.optimizers import steps_done


def keep_the_order_of_writes() -> None:
    """Switch off what lets weights move while they are still being read: a part of TensorFlow's optimizer of graphs.

    Its ``dependency_optimization`` (TensorFlow 2.21) drops edges from reads to the writes that must wait for them,
    where another path made them needless that a later pass takes away. A critic's loss is linear in its scores, so that
    its gradient does not wait for them: in a few steps of a thousand they were computed with weights that had moved.
    """
    tf.config.optimizer.set_experimental_options({"dependency_optimization": False})


def check_optimizers(model: str, players: Iterable[str], optimizers: Mapping[str, keras.Optimizer]) -> None:
    """Refuse all but one optimizer for each player, none of which clips by itself.

    Raises:
        ValueError: a player has no optimizer, or a name is no player's; or an optimizer clips by itself, which it would
            do on each replica apart.
    """
    if set(optimizers) != set(players):
        raise ValueError(
            f"{model} needs an optimizer for each of its players {sorted(players)}, received {sorted(optimizers)}"
        )
    for player, optimizer in optimizers.items():
        if optimizer.clipvalue or optimizer.clipnorm or optimizer.global_clipnorm:
            raise ValueError(
                f"the optimizer of {player!r} clips gradients on each replica apart; "
                "give gradient_clip to compile instead"
            )


def warm_up_average(optimizer: keras.Optimizer) -> None:
    """Let an optimizer's average of the weights begin short: at step t its momentum is min(m, (1 + t) / (10 + t)).

    With a fixed momentum m near 1, as Keras has it, the average holds mostly the first step's weights for some
    1 / (1 - m) steps. This is the schedule of ``tf.train.ExponentialMovingAverage`` with ``num_updates``. Steps are
    those of the optimizer, counted from 0 in its ``iterations``, which a checkpoint holds and which all replicas share.
    The average of the first step is the weights themselves, as in Keras.

    Args:
        optimizer: Keras' own or any other, also without averages.
    """

    def update(variables: Sequence[keras.Variable]) -> None:
        step = tf.cast(steps_done(optimizer), tf.float32)
        momentum = tf.minimum(tf.constant(optimizer.ema_momentum, tf.float32), (1 + step) / (10 + step))
        momentum = tf.where(step > 0, momentum, 0.0)
        for variable, average in zip(variables, weight_averages(optimizer), strict=True):
            weight = tf.cast(momentum, average.dtype)
            average.assign(weight * average + (1 - weight) * variable)

    replace_average_update(optimizer, update)


def check_reached(player: str, variables: Sequence[keras.Variable], gradients: Sequence[tf.Tensor | None]) -> None:
    """Refuse gradients of which some are missing.

    Raises:
        ValueError: a loss does not reach some of its player's variables; it names them.
    """
    unreached = [v.path for v, g in zip(variables, gradients, strict=True) if g is None]
    if unreached:
        raise ValueError(f"the loss of {player!r} does not reach {unreached}")


def gradients_of(
    tape: tf.GradientTape,
    losses: Sequence[tf.Tensor],
    sources: Sequence[keras.Variable | tf.Tensor],
    upstream: Sequence[tf.Tensor] | None = None,
) -> list[tf.Tensor]:
    """Take the gradients of losses, as dense tensors.

    Args:
        tape: recorded the losses.
        losses: what is differentiated; of several the sum.
        sources: with respect to what.
        upstream: factors on the gradients of each loss, of its shape; ones unless set.

    Returns:
        A gradient for each source. It is None where no loss reaches the source, which ``check_reached`` refuses.
    """
    taken: Any = tape.gradient(list(losses), list(sources), None if upstream is None else list(upstream))
    return [tf.convert_to_tensor(g) if isinstance(g, tf.IndexedSlices) else g for g in taken]


def length(gradients: Sequence[tf.Tensor]) -> tf.Tensor:
    """The Euclidean length of all gradients together, a scalar; of several replicas the root mean square of theirs."""
    (square,) = all_reduce("mean", [tf.square(tf.linalg.global_norm(gradients))])
    return tf.sqrt(square)


def share(gradients: Sequence[tf.Tensor], limit: float | None = None) -> list[tf.Tensor]:
    """This replica's share of the whole batch's gradient: the shares of all replicas sum to it, as optimizers do.

    Args:
        gradients: of the mean over the replica's examples.
        limit: on the absolute value of each element of the whole batch's gradient, so that the number of replicas
            makes no difference; None for no limit.
    """
    count = replica().count
    shares = [gradient / count for gradient in gradients] if count > 1 else list(gradients)
    if limit is None:
        return shares
    return [tf.clip_by_value(whole, -limit, limit) / count for whole in all_reduce("sum", shares)]


def move(
    optimizer: keras.Optimizer,
    variables: Sequence[keras.Variable],
    gradients: Sequence[tf.Tensor],
    gate: tf.Tensor | None = None,
) -> None:
    """Let an optimizer make its step; where the gate is a false scalar, variables and optimizer keep the same bits.

    A zeroed gradient would still move variables that have momentum, and an optimizer cannot run in a ``tf.cond``
    under a strategy: so it makes its step, and what it changed is put back where the gate is closed.
    """
    if gate is None:
        optimizer.apply(gradients, variables)
        return
    state = [*variables, *optimizer.variables]
    before = [tf.identity(v) for v in state]
    optimizer.apply(gradients, variables)
    assign_where(tf.logical_not(gate), state, before)
