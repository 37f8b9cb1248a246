"""Gradient checks, replica scaling, clipping and gating before an optimizer step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.keras_private import replace_average_update, weight_averages
from tfgan_models.layers.replicas import all_reduce, assign_where, replica
from tfgan_models.optimizers import steps_done


def disable_grappler_dependency_optimization() -> None:
    """Switch off the part of TensorFlow's graph optimizer that lets weights move while they are still being read.

    ``dependency_optimization`` (TensorFlow 2.21) removes a control edge from a read to the write that must wait for it,
    if another path makes the edge redundant. A later pass removes that path. A critic's loss is linear in its scores,
    so that its gradient does not wait for them: in a few steps of a thousand the scores were computed with new weights.
    """
    tf.config.optimizer.set_experimental_options({"dependency_optimization": False})


def check_optimizers(model: str, players: Iterable[str], optimizers: Mapping[str, keras.Optimizer]) -> None:
    """Require one optimizer for each player, which neither clips, scales nor accumulates gradients.

    Raises:
        ValueError: a player has no optimizer, or a name is not a player's; or an optimizer clips gradients, which it
            would do on each replica separately, divides them by a scale that no loss has, or accumulates them.
    """
    if set(optimizers) != set(players):
        raise ValueError(
            f"{model} needs an optimizer for each of its players {sorted(players)}, received {sorted(optimizers)}"
        )
    for player, optimizer in optimizers.items():
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer) or optimizer.loss_scale_factor:
            raise ValueError(
                f"the optimizer of {player!r} divides gradients by a loss scale, which the model does itself"
            )
        if optimizer.gradient_accumulation_steps:
            raise ValueError(f"the optimizer of {player!r} accumulates gradients; give larger batches instead")
        if optimizer.clipvalue or optimizer.clipnorm or optimizer.global_clipnorm:
            raise ValueError(
                f"the optimizer of {player!r} clips gradients on each replica separately; "
                "give gradient_clip to compile instead"
            )


def warm_up_average(optimizer: keras.Optimizer) -> None:
    """Warm up an optimizer's average of the weights: at step t its momentum is min(m, (1 + t) / (10 + t)).

    With a fixed momentum m near 1, as in Keras, the average consists mostly of the first step's weights for about
    1 / (1 - m) steps. This is the schedule of ``tf.train.ExponentialMovingAverage`` with ``num_updates``. Steps are
    counted from 0 in the optimizer's ``iterations``, which a checkpoint holds and all replicas share. The average of
    the first step is the weights themselves, as in Keras.

    Args:
        optimizer: an optimizer, with or without averages.
    """

    def update(variables: Sequence[keras.Variable]) -> None:
        step = tf.cast(steps_done(optimizer), tf.float32)
        momentum = tf.minimum(tf.constant(optimizer.ema_momentum, tf.float32), (1 + step) / (10 + step))
        momentum = tf.where(step > 0, momentum, 0.0)
        for variable, average in zip(variables, weight_averages(optimizer), strict=True):
            weight = tf.cast(momentum, average.dtype)
            average.assign(weight * average + (1 - weight) * variable)

    replace_average_update(optimizer, update)


def continue_average(optimizer: keras.Optimizer) -> None:
    """Let an optimizer's average go on from its present values, with the full momentum from the first step on.

    Args:
        optimizer: an optimizer with averages, which are those of an earlier training.
    """

    def update(variables: Sequence[keras.Variable]) -> None:
        for variable, average in zip(variables, weight_averages(optimizer), strict=True):
            momentum = tf.cast(optimizer.ema_momentum, average.dtype)
            average.assign(momentum * average + (1 - momentum) * variable)

    replace_average_update(optimizer, update)


def require_gradients(player: str, variables: Sequence[keras.Variable], gradients: Sequence[tf.Tensor | None]) -> None:
    """Require a gradient for every variable.

    Raises:
        ValueError: a loss does not reach some of its player's variables; it names them.
    """
    missing = [v.path for v, g in zip(variables, gradients, strict=True) if g is None]
    if missing:
        raise ValueError(f"the loss of {player!r} does not reach {missing}")


def gradients_of(
    tape: tf.GradientTape,
    losses: Sequence[tf.Tensor],
    sources: Sequence[keras.Variable | tf.Tensor],
    upstream: Sequence[tf.Tensor] | None = None,
    scale: tf.Tensor | None = None,
) -> list[tf.Tensor]:
    """Take the gradients of losses, as dense tensors.

    Args:
        tape: recorded the losses.
        losses: scalars or tensors, whose sum is differentiated.
        sources: variables or tensors to differentiate with respect to.
        upstream: factors on the gradients of each loss, of its shape; ones by default.
        scale: factor on the losses during the backward pass, by which the gradients are then divided.

    Returns:
        A gradient for each source. It is None if the losses do not depend on the source; see ``require_gradients``.
    """
    if scale is not None:
        upstream = [scale * factor for factor in (upstream or [tf.ones_like(loss) for loss in losses])]
    gradients: Any = tape.gradient(list(losses), list(sources), None if upstream is None else list(upstream))
    dense: list[Any] = [tf.convert_to_tensor(g) if isinstance(g, tf.IndexedSlices) else g for g in gradients]
    if scale is not None:
        dense = [g if g is None else g / scale for g in dense]
    return dense


def global_norm(gradients: Sequence[tf.Tensor]) -> tf.Tensor:
    """Euclidean norm of all gradients together, a scalar; with several replicas the root mean square of their norms."""
    (square,) = all_reduce("mean", [tf.square(tf.linalg.global_norm(gradients))])
    return tf.sqrt(square)


def norm_ratio(numerator: tf.Tensor, denominator: tf.Tensor, limit: float) -> tf.Tensor:
    """‖numerator‖ / ‖denominator‖ over all replicas' examples, at most the limit; 0 if the denominator is 0."""
    squares = [tf.reduce_sum(tf.square(gradient)) for gradient in (numerator, denominator)]
    above, below = all_reduce("sum", squares)
    return tf.minimum(tf.sqrt(tf.math.divide_no_nan(above, below)), limit)


def scale_for_replicas(gradients: Sequence[tf.Tensor], limit: float | None = None) -> list[tf.Tensor]:
    """This replica's share of the whole batch's gradient. Optimizers sum the shares of all replicas.

    Args:
        gradients: gradients of the mean loss over the replica's examples.
        limit: limit on the absolute value of each element of the whole batch's gradient, so that the number of
            replicas makes no difference; None for no limit.
    """
    count = replica().count
    shares = [gradient / count for gradient in gradients] if count > 1 else list(gradients)
    if limit is None:
        return shares
    return [tf.clip_by_value(whole, -limit, limit) / count for whole in all_reduce("sum", shares)]


def apply_gated(
    optimizer: keras.Optimizer,
    variables: Sequence[keras.Variable],
    gradients: Sequence[tf.Tensor],
    gate: tf.Tensor | None = None,
) -> None:
    """Apply an optimizer's step. If the gate is a false scalar, variables and optimizer do not change.

    A zeroed gradient would still move variables that have momentum, and an optimizer cannot run in a ``tf.cond``
    under a strategy. Therefore the step is applied, and the old values are restored if the gate is false.
    """
    if gate is None:
        optimizer.apply(gradients, variables)
        return
    state = [*variables, *optimizer.variables]
    before = [tf.identity(v) for v in state]
    optimizer.apply(gradients, variables)
    assign_where(tf.logical_not(gate), state, before)
