"""Dynamic loss scale of a player whose networks compute in float16 (Micikevicius et al. 2018, 1710.03740, section 3.2).

Float16 ends at 65504 and has no numbers between 0 and 6e-8, so that small gradients would vanish on their way back
through the networks. Gradients are therefore taken of the loss times a scale, and divided by the scale in float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from tfgan_models.keras_private import flatten_layers
from tfgan_models.models.gradients import apply_gated

if TYPE_CHECKING:
    from tfgan_models.models.base import GenerativeModel

INITIAL, SMALLEST, LARGEST = 2.0**15, 1.0, 2.0**24
GROWTH_STEPS = 2_000  # as in Keras' LossScaleOptimizer


class LossScale:
    """The loss scale of one player, a power of two, so that scaling changes no digits.

    It is halved by a step whose gradients are not finite, which does not move the player. It is doubled after 2,000
    finite steps in sequence. Keras' ``LossScaleOptimizer`` does the same for a model with one optimizer, but looks at
    the gradients of the first replica only.

    Args:
        optimizer: the player's optimizer, built. Its variables hold the state, so that checkpoints have it.

    Attributes:
        scale: the factor on the loss, a float32 scalar.
        finite_steps: finite steps since the scale changed, an integer scalar.
    """

    def __init__(self, optimizer: keras.Optimizer):
        self.scale = _variable(optimizer, "loss_scale", "float32", INITIAL)
        self.finite_steps = _variable(optimizer, "finite_steps", "int64", 0)

    def update(self, finite: tf.Tensor) -> None:
        """Adapt the scale to whether the gradients of a step are finite, a scalar bool."""
        scale, steps = tf.convert_to_tensor(self.scale), tf.convert_to_tensor(self.finite_steps) + 1
        grows = tf.logical_and(finite, steps >= GROWTH_STEPS)
        grown = tf.where(grows, tf.minimum(2 * scale, LARGEST), scale)
        self.scale.assign(tf.where(finite, grown, tf.maximum(scale / 2, SMALLEST)))
        starts_again = tf.logical_or(grows, tf.logical_not(finite))
        self.finite_steps.assign(tf.where(starts_again, tf.zeros_like(steps), steps))


def apply_scaled(
    scale: LossScale | None,
    optimizer: keras.Optimizer,
    variables: Sequence[keras.Variable],
    gradients: Sequence[tf.Tensor],
    gate: tf.Tensor | None,
    norm: tf.Tensor,
) -> tf.Tensor:
    """Apply an optimizer's step; with a loss scale, only if the gradients are finite.

    Args:
        scale: the player's loss scale, which is adapted; None for none.
        optimizer, variables, gradients, gate: as in ``apply_gated``.
        norm: norm of the gradients of all replicas, so that all of them agree on whether it is finite.

    Returns:
        The norm to log. It is 0 for a step that was skipped, unless the scale is as small as it may be. Then the scale
        is not the reason, and the norm that is not finite ends the run.
    """
    if scale is None:
        apply_gated(optimizer, variables, gradients, gate)
        return norm
    finite = tf.math.is_finite(norm)
    apply_gated(optimizer, variables, gradients, finite if gate is None else tf.logical_and(gate, finite))
    skipped = tf.logical_and(tf.logical_not(finite), tf.convert_to_tensor(scale.scale) > SMALLEST)
    scale.update(finite)
    return tf.where(skipped, tf.zeros_like(norm), norm)


def loss_scales(model: GenerativeModel) -> dict[str, LossScale]:
    """Make a loss scale for each player if a layer computes in float16; otherwise there are none."""
    networks = {name for names in model.players.values() for name in names}
    layers = (layer for name in networks for layer in flatten_layers(getattr(model, name)))
    if all(layer.compute_dtype != "float16" for layer in layers):
        return {}
    return {player: LossScale(optimizer) for player, optimizer in model.optimizers.items()}


def _variable(optimizer: keras.Optimizer, name: str, dtype: str, value: float) -> keras.Variable:
    """A scalar of an optimizer, which has it already if it was compiled before."""
    for variable in optimizer.variables:
        if variable.name == name:
            return variable
    initializer: Any = keras.initializers.Constant(value)  # Any, because Keras declares a string
    return optimizer.add_variable((), initializer, dtype, aggregation="only_first_replica", name=name)
