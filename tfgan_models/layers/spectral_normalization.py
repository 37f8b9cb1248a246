"""Spectral normalization whose gradient includes the derivative of the norm."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class KernelWrapper(keras.layers.Wrapper):
    """A wrapper that calls its layer with a kernel that the subclass computes from the layer's variable.

    The wrapper computes the kernel in float32. The layer and the outputs have the layer's compute type.

    Args:
        layer: Dense, Conv2D or Conv2DTranspose.

    Raises:
        ValueError: another layer.
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs):
        if not isinstance(layer, keras.layers.Dense | keras.layers.Conv2D | keras.layers.Conv2DTranspose):
            raise ValueError(
                f"{type(self).__name__} wraps Dense, Conv2D and Conv2DTranspose, received {type(layer).__name__}"
            )
        # float32, so that the kernel is read without rounding; no autocast, so that inputs reach the layer unchanged.
        super().__init__(layer, **{**kwargs, "dtype": "float32", "autocast": False})
        self.output_axis = 2 if isinstance(layer, keras.layers.Conv2DTranspose) else -1

    def call_with(self, inputs: tf.Tensor, *replaced: tuple[keras.Variable, tf.Tensor]) -> tf.Tensor:
        """Call the layer with tensors in place of some of its variables; gradients flow into the tensors."""
        with keras.StatelessScope(state_mapping=replaced):
            return self.layer(inputs)

    def compute_output_spec(self, inputs: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Return the layer's output specification."""
        return self.layer.compute_output_spec(inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the layer's output shape."""
        return tuple(self.layer.compute_output_shape(input_shape))


@keras.saving.register_keras_serializable("tfgan_models")
class SpectralNormalization(KernelWrapper):
    """A layer whose kernel is divided by its largest singular value, W / σ(W) (Miyato et al. 2018, Algorithm 1).

    The kernel is reshaped to a matrix W with one row for each output (section 2.1 and appendix A). Each call starts
    from the variable u and makes power iterations v ← Wᵀu / ‖Wᵀu‖ and u ← Wv / ‖Wv‖. In training, the new u is
    assigned to the variable, unless the layer is frozen. Then σ = uᵀWv with constant u and v, whose gradient is u vᵀ
    (equation 11). ``keras.layers.SpectralNormalization`` overwrites its kernel instead, so its gradient lacks
    that term.

    u depends on nothing but the weights, so that it is the same on all replicas.

    Args:
        layer: Dense, Conv2D or Conv2DTranspose.
        iterations: number of power iterations in each call. The paper uses one.

    Raises:
        ValueError: another layer, or no iteration.
    """

    def __init__(self, layer: keras.layers.Layer, iterations: int = 1, **kwargs):
        super().__init__(layer, **kwargs)
        if iterations < 1:
            raise ValueError(f"SpectralNormalization takes 1 iteration or more, received {iterations}")
        self.iterations = iterations

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the layer and draw the first u, one number for each output."""
        super().build(input_shape)
        self.u = self.add_weight(
            name="u",
            shape=(self.layer.kernel.shape[self.output_axis],),
            initializer="random_normal",
            trainable=False,
            dtype="float32",
            autocast=False,
            aggregation="mean",
        )

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Call the layer with the normalized kernel."""
        return self.call_with(inputs, (self.layer.kernel, self.normalized_kernel(training)))

    def normalized_kernel(self, training: bool = False) -> tf.Tensor:
        """Return W / σ in the kernel's shape, and in training update u. A kernel of zeros is returned unchanged."""
        kernel = tf.convert_to_tensor(self.layer.kernel.value)
        outputs = kernel.shape[self.output_axis]
        if self.output_axis == -1:
            matrix = tf.transpose(tf.reshape(kernel, (-1, outputs)))
        else:
            matrix = tf.reshape(tf.transpose(kernel, (2, 0, 1, 3)), (outputs, -1))
        u = tf.convert_to_tensor(self.u.value)
        for _ in range(self.iterations):
            v = tf.math.l2_normalize(tf.linalg.matvec(matrix, u, transpose_a=True))
            u = tf.math.l2_normalize(tf.linalg.matvec(matrix, v))
        u, v = tf.stop_gradient(u), tf.stop_gradient(v)
        if training and self.trainable:
            self.u.assign(u)
        sigma = tf.tensordot(u, tf.linalg.matvec(matrix, v), 1)
        return tf.math.divide_no_nan(kernel, sigma)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "iterations": self.iterations}
