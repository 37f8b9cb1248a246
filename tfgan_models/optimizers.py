"""Adam in one pass over a variable, and Adam with ε inside the square root."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tfgan_models.keras_private import adam_moments


def steps_done(optimizer: keras.Optimizer) -> tf.Tensor:
    """Number of steps that an optimizer has made, an integer scalar."""
    iterations: Any = optimizer.iterations  # a variable, although Keras declares another type
    return iterations.value


@keras.saving.register_keras_serializable("tfgan_models")
class FusedAdam(keras.optimizers.Adam):
    """Keras' Adam, with TensorFlow's kernel that reads and writes each weight and its two moments once.

    Keras makes the step (Kingma and Ba 2014, the form that ends section 2) of a dozen operations, and each goes through
    memory again; in fully connected networks they take as long as the products. The steps are equal except for
    rounding. Arguments and saved state are those of ``keras.optimizers.Adam``. With ``amsgrad``, for which TensorFlow
    has no such kernel, the steps are those of Keras.
    """

    def update_step(
        self, gradient: tf.Tensor, variable: keras.Variable | tf.Variable, learning_rate: tf.Tensor
    ) -> None:
        """Move one variable."""
        if self.amsgrad:
            super().update_step(gradient, variable, learning_rate)
            return
        # Under a strategy a handle belongs to the replica that is traced.
        weights, mean, square = (
            v.value.handle if isinstance(v, keras.Variable) else v.handle
            for v in (variable, *adam_moments(self, variable))
        )
        beta_1, beta_2 = (tf.cast(beta, variable.dtype) for beta in (self.beta_1, self.beta_2))
        step = tf.cast(steps_done(self) + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=weights,
            m=mean,
            v=square,
            beta1_power=tf.pow(beta_1, step),
            beta2_power=tf.pow(beta_2, step),
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.cast(self.epsilon, variable.dtype),
            grad=tf.cast(tf.convert_to_tensor(gradient), variable.dtype),
        )


# The place of its state in a ``.keras`` file follows from the name of the class, which therefore stays.
@keras.saving.register_keras_serializable("tfgan_models")
class FlooredAdam(keras.optimizers.Adam):
    """Adam with steps α m̂ / √(v̂ + ε), as in the code of Salimans et al. 2016, instead of α m̂ / (√v̂ + ε).

    With the usual ε of 1e-8 the root mean square of gradients has a floor of 1e-4, so that weights with smaller
    gradients move less than the learning rate. Kingma and Ba 2014, Algorithm 1, has ε outside, where it is negligible.
    A classifier that has memorized its hundred labels has such gradients, and diverges without the floor.

    Args:
        learning_rate: α.
        beta_1, beta_2: momentum of the running averages of the gradient and of its square.
        epsilon: ε.
        **kwargs: further arguments of Keras' Adam, such as ``use_ema``.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        **kwargs,
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad=False, **kwargs)

    def update_step(self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor) -> None:
        """Move one variable."""
        momentum, velocity = adam_moments(self, variable)
        gradient = tf.cast(gradient, variable.dtype)
        step = tf.cast(steps_done(self) + 1, variable.dtype)
        rate = tf.cast(learning_rate, variable.dtype)
        self.assign_add(momentum, (gradient - momentum) * (1 - self.beta_1))
        self.assign_add(velocity, (tf.square(gradient) - velocity) * (1 - self.beta_2))
        mean = momentum / (1 - tf.pow(tf.cast(self.beta_1, variable.dtype), step))
        square = velocity / (1 - tf.pow(tf.cast(self.beta_2, variable.dtype), step))
        self.assign_sub(variable, rate * mean * tf.math.rsqrt(square + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        del config["amsgrad"]
        return config
