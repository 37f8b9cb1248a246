"""The distance of weights from their running mean."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf


class HistoricalAverage(keras.layers.Layer):
    """The running mean of a player's weights, and the distance from it (Salimans et al. 2016, section 3.3).

    A layer, so that the model that has it as an attribute saves its state: the means and the number of steps. The
    attribute cannot be called ``history``: ``fit`` puts its own there.

    Args:
        variables: the player's, in the order in which ``penalty`` gets them.
    """

    def __init__(self, variables: Sequence[keras.Variable], **kwargs):
        super().__init__(**kwargs)
        options = {"dtype": "float32", "initializer": "zeros", "trainable": False, "autocast": False}
        self.means = [
            self.add_weight(name=f"mean_{i}", shape=v.shape, aggregation="mean", **options)
            for i, v in enumerate(variables)
        ]
        self.steps = self.add_weight(name="steps", shape=(), aggregation="mean", **options)
        self.built = True

    def penalty(self, variables: Sequence[keras.Variable]) -> tf.Tensor:
        """Take the weights into their means and return ‖θ − (1/t) Σ θ[i]‖², a scalar. Once in each step.

        The sum runs over the weights at each call so far, this one included; the first value is 0. The mean counts as
        constant in the gradient.

        Args:
            variables: the weights θ, read where the tape that takes the gradient of the loss can see it.
        """
        steps = self.steps.value + 1
        self.steps.assign(steps)
        squares = []
        for mean, variable in zip(self.means, variables, strict=True):
            weights = tf.cast(variable.value, tf.float32)
            moved = mean.value + (tf.stop_gradient(weights) - mean.value) / steps
            mean.assign(moved)
            squares.append(tf.reduce_sum(tf.square(weights - moved)))
        return tf.add_n(squares)
