"""Running means of weights."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf


class WeightHistory(keras.layers.Layer):
    """Running means of a player's weights, and their distance from these (Salimans et al. 2016, section 3.3).

    It is a layer so that a model with it as an attribute saves its state, the means and the number of steps. The
    attribute cannot be called ``history``, because ``fit`` assigns to that.

    Args:
        variables: the player's variables, in the order in which ``distance`` gets them.
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

    def distance(self, variables: Sequence[keras.Variable]) -> tf.Tensor:
        """Update the means with the weights and return ‖θ − (1/t) Σ θ[i]‖², a scalar. Call it once in each step.

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
            new_mean = mean.value + (tf.stop_gradient(weights) - mean.value) / steps
            mean.assign(new_mean)
            squares.append(tf.reduce_sum(tf.square(weights - new_mean)))
        return tf.add_n(squares)
