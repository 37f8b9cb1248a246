"""Batch normalization that is fused on one replica and synchronized on several."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_models.layers.replicas import all_reduce, replica


@keras.saving.register_keras_serializable("tfgan_models")
class BatchNormalization(keras.layers.Layer):
    """Batch normalization over all axes but the last (Ioffe and Szegedy 2015, Algorithms 1 and 2).

    It is equal to ``keras.layers.BatchNormalization(synchronized=True)``, and uses a fused kernel if there is one
    replica. Statistics, scale and offset are float32 with every compute type.

    Args:
        momentum: weight of the running statistics' old values in each step.
        epsilon: added to the variance.
        scale: learn a gain.
        offset: learn an offset.

    Attributes:
        recalibrating: if true, inference also normalizes with the batch's statistics and tracks them. See
            ``training.ema``.

    Shapes:
        ``[n, c]`` or ``[n, h, w, c]`` in and out.
    """

    def __init__(self, momentum: float = 0.9, epsilon: float = 1e-5, scale: bool = True, offset: bool = True, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum
        self.epsilon = epsilon
        self.scale = scale
        self.offset = offset
        self.recalibrating = False

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create gain, offset and running statistics for the size of the last axis."""
        if len(input_shape) not in (2, 4):
            raise ValueError(f"BatchNormalization takes [n, c] or [n, h, w, c], received {tuple(input_shape)}")

        def weight(name: str, initial: str, trainable: bool) -> keras.Variable:
            return self.add_weight(
                name=name,
                shape=(input_shape[-1],),
                initializer=initial,
                trainable=trainable,
                dtype="float32",
                autocast=False,
                aggregation="mean",
            )

        self.gamma = weight("gamma", "ones", trainable=self.scale)
        self.beta = weight("beta", "zeros", trainable=self.offset)
        self.moving_mean = weight("moving_mean", "zeros", trainable=False)
        self.moving_variance = weight("moving_variance", "ones", trainable=False)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Normalize with the batch's statistics in training or recalibration, with the running ones otherwise."""
        images = inputs if inputs.shape.rank == 4 else inputs[:, tf.newaxis, tf.newaxis, :]
        if not ((training or self.recalibrating) and self.trainable):
            outputs, _, _ = self._fused(images, self.moving_mean, self.moving_variance, training=False)
        elif replica().count == 1:
            outputs, mean, variance = self._fused(images, tf.zeros(0), tf.zeros(0), training=True)
            # The kernel returns the unbiased variance; the running statistic tracks the biased one, as in Keras.
            n = tf.cast(tf.size(images) / images.shape[-1], tf.float32)
            self._track(mean, variance * (n - 1) / n)
        else:
            outputs, mean, variance = self._synchronized(images)
            self._track(mean, variance)
        return outputs if inputs.shape.rank == 4 else outputs[:, 0, 0, :]

    def _fused(self, images, mean, variance, training: bool) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        # With bfloat16 the CPU kernel takes six times as long if the channels do not fill its registers.
        slow = images.dtype == tf.bfloat16 and images.shape[-1] % 16
        outputs, mean, variance = tf.raw_ops.FusedBatchNormV3(
            x=tf.cast(images, tf.float32) if slow else images,
            scale=tf.convert_to_tensor(self.gamma),
            offset=tf.convert_to_tensor(self.beta),
            mean=tf.convert_to_tensor(mean),
            variance=tf.convert_to_tensor(variance),
            epsilon=self.epsilon,
            is_training=training,
        )[:3]
        return tf.cast(outputs, images.dtype), mean, variance

    def _synchronized(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        values = tf.cast(images, tf.float32)
        (mean,) = all_reduce("mean", [tf.reduce_mean(values, (0, 1, 2))])
        centered = values - mean
        (variance,) = all_reduce("mean", [tf.reduce_mean(tf.square(centered), (0, 1, 2))])
        outputs = centered * (tf.math.rsqrt(variance + self.epsilon) * self.gamma) + self.beta
        return tf.cast(outputs, images.dtype), mean, variance

    def _track(self, mean: tf.Tensor, variance: tf.Tensor) -> None:
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + tf.stop_gradient(batch) * (1 - self.momentum))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape."""
        return input_shape

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "scale": self.scale,
            "offset": self.offset,
        }
