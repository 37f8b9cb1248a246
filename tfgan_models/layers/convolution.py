"""Strided convolutions, and transposed ones, whose kernels learn faster from small images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, cast

import keras
import tensorflow as tf

from tfgan_models.shapes import static_size

# The side of the smaller images, in pixels. From 8 on TensorFlow's kernel is as fast; 5 to 7 were not measured.
MAX_SIDE = 4
Padding = Literal["VALID", "SAME"]
Convolution = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # the type hints of ``tf.custom_gradient`` differ


@keras.saving.register_keras_serializable("tfgan_models")
class Conv2D(keras.layers.Conv2D):
    """``keras.layers.Conv2D`` with a faster gradient of the kernel for outputs of up to 4×4 pixels.

    Such outputs have few pixels and many channels. In bfloat16 on a CPU, TensorFlow takes two to three times as long
    for the kernel's gradient as for the convolution. This layer copies the input patches into the rows of a matrix and
    computes the gradient as one matrix product. The result is the same except for rounding.
    """

    def convolution_op(self, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        """Return the convolution of the inputs with the kernel."""
        if self.groups > 1 or not _is_faster(self, inputs, self.compute_output_shape(inputs.shape)):
            outputs: Any = super().convolution_op(inputs, kernel)  # Any, because Keras' hints cover all backends
            return outputs
        return _convolve(self.strides, _padding(self))(inputs, tf.convert_to_tensor(kernel))


@keras.saving.register_keras_serializable("tfgan_models")
class Conv2DTranspose(keras.layers.Conv2DTranspose):
    """``keras.layers.Conv2DTranspose`` with the faster gradient of ``Conv2D`` for inputs of up to 4×4 pixels.

    The gradient is faster only without bias, activation and output padding, as before a batch normalization.
    """

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return the upsampled images."""
        plain = not self.use_bias and self.activation is keras.activations.linear and self.output_padding is None
        if not plain or not _is_faster(self, inputs, tuple(inputs.shape)):
            outputs: Any = super().call(inputs)  # Any, because Keras' hints cover all backends
            return outputs
        sizes = tf.constant([static_size(size) for size in self.compute_output_shape(tuple(inputs.shape))[1:]])
        shape = tf.concat([tf.shape(inputs)[:1], sizes], 0)
        return _transpose(self.strides, _padding(self), shape)(inputs, tf.convert_to_tensor(self.kernel))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape that Keras computes, as a tuple."""
        return tuple(super().compute_output_shape(input_shape))


def _padding(layer: Conv2D | Conv2DTranspose) -> Padding:
    return "SAME" if layer.padding == "same" else "VALID"


def _is_faster(layer: keras.Layer, inputs: tf.Tensor, small: tuple[int | None, ...]) -> bool:
    """Return whether the gradient as a matrix product is supported and faster."""
    if inputs.dtype != tf.bfloat16 or layer.data_format != "channels_last" or tuple(layer.dilation_rate) != (1, 1):
        return False
    if None in (*inputs.shape[1:], *small[1:]):
        return False
    return max(map(static_size, small[1:3])) <= MAX_SIDE and not tf.config.list_logical_devices("GPU")


def _convolve(strides: Sequence[int], padding: Padding) -> Convolution:
    @tf.custom_gradient
    def convolve(images: tf.Tensor, kernel: tf.Tensor):
        def back(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            image_gradient = tf.nn.conv2d_transpose(upstream, kernel, tf.shape(images), strides, padding)
            return image_gradient, _kernel_gradient(images, upstream, kernel.shape, strides, padding)

        return tf.nn.conv2d(images, kernel, strides, padding), back

    return cast(Convolution, convolve)


def _transpose(strides: Sequence[int], padding: Padding, shape: tf.Tensor) -> Convolution:
    @tf.custom_gradient
    def transpose(images: tf.Tensor, kernel: tf.Tensor):
        def back(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            image_gradient = tf.nn.conv2d(upstream, kernel, strides, padding)
            return image_gradient, _kernel_gradient(upstream, images, kernel.shape, strides, padding)

        return tf.nn.conv2d_transpose(images, kernel, shape, strides, padding), back

    return cast(Convolution, transpose)


def _kernel_gradient(
    large: tf.Tensor, small: tf.Tensor, shape: tf.TensorShape, strides: Sequence[int], padding: Padding
) -> tf.Tensor:
    """Return the sum over pixels of each patch of the large images times the pixel of the small ones."""
    patches = tf.image.extract_patches(large, [1, *shape[:2], 1], [1, *strides, 1], [1, 1, 1, 1], padding)
    rows = tf.reshape(patches, (-1, patches.shape[-1]))
    return tf.reshape(tf.matmul(rows, tf.reshape(small, (-1, small.shape[-1])), transpose_a=True), shape)
