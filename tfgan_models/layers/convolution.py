"""Strided convolutions, and transposed ones, whose kernels learn faster from small images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, cast

import keras
import tensorflow as tf

from tfgan_models.shapes import static_size

SIDE = 4  # of the smaller images: from 8 on TensorFlow's own kernel is as fast
Padding = Literal["VALID", "SAME"]
Convolution = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # the hints of ``tf.custom_gradient`` keep the gradient in it


@keras.saving.register_keras_serializable("tfgan_models")
class Conv2D(keras.layers.Conv2D):
    """``keras.layers.Conv2D``; its kernel's gradient is one dense product where outputs have up to 4×4 places.

    There are few places and many channels then, and in bfloat16 on a processor TensorFlow takes two to three times as
    long for that gradient as for the convolution itself. The patches that the kernel saw are few enough to be written
    down as the rows of a matrix. Equal but for rounding.
    """

    def convolution_op(self, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        """The convolution."""
        if self.groups > 1 or not _pays(self, inputs, self.compute_output_shape(inputs.shape)):
            outputs: Any = super().convolution_op(inputs, kernel)  # whose hints name the tensors of all backends
            return outputs
        return _convolve(self.strides, _padding(self))(inputs, tf.convert_to_tensor(kernel))


@keras.saving.register_keras_serializable("tfgan_models")
class Conv2DTranspose(keras.layers.Conv2DTranspose):
    """``keras.layers.Conv2DTranspose``, with what ``Conv2D`` does where its inputs have up to 4×4 places.

    Without bias, activation and padding of its outputs, as before a batch normalization: with these it is Keras' own.
    """

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The images."""
        plain = not self.use_bias and self.activation is keras.activations.linear and self.output_padding is None
        if not plain or not _pays(self, inputs, tuple(inputs.shape)):
            outputs: Any = super().call(inputs)  # whose hints name the tensors of all backends
            return outputs
        sizes = tf.constant([static_size(size) for size in self.compute_output_shape(tuple(inputs.shape))[1:]])
        shape = tf.concat([tf.shape(inputs)[:1], sizes], 0)
        return _transpose(self.strides, _padding(self), shape)(inputs, tf.convert_to_tensor(self.kernel))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Keras' own, as a tuple."""
        return tuple(super().compute_output_shape(input_shape))


def _padding(layer: Conv2D | Conv2DTranspose) -> Padding:
    return "SAME" if layer.padding == "same" else "VALID"


def _pays(layer: keras.Layer, inputs: tf.Tensor, small: tuple[int | None, ...]) -> bool:
    if inputs.dtype != tf.bfloat16 or layer.data_format != "channels_last" or tuple(layer.dilation_rate) != (1, 1):
        return False
    if None in (*inputs.shape[1:], *small[1:]):
        return False
    return max(map(static_size, small[1:3])) <= SIDE and not tf.config.list_logical_devices("GPU")


def _convolve(strides: Sequence[int], padding: Padding) -> Convolution:
    @tf.custom_gradient
    def convolve(images: tf.Tensor, kernel: tf.Tensor):
        def back(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            towards_images = tf.nn.conv2d_transpose(upstream, kernel, tf.shape(images), strides, padding)
            return towards_images, _kernel_gradient(images, upstream, kernel.shape, strides, padding)

        return tf.nn.conv2d(images, kernel, strides, padding), back

    return cast(Convolution, convolve)


def _transpose(strides: Sequence[int], padding: Padding, shape: tf.Tensor) -> Convolution:
    @tf.custom_gradient
    def transpose(images: tf.Tensor, kernel: tf.Tensor):
        def back(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            towards_images = tf.nn.conv2d(upstream, kernel, strides, padding)
            return towards_images, _kernel_gradient(upstream, images, kernel.shape, strides, padding)

        return tf.nn.conv2d_transpose(images, kernel, shape, strides, padding), back

    return cast(Convolution, transpose)


def _kernel_gradient(
    large: tf.Tensor, small: tf.Tensor, shape: tf.TensorShape, strides: Sequence[int], padding: Padding
) -> tf.Tensor:
    """Σ over places of the patch in the large images times the values in the small ones, in the kernel's shape."""
    patches = tf.image.extract_patches(large, [1, *shape[:2], 1], [1, *strides, 1], [1, 1, 1, 1], padding)
    rows = tf.reshape(patches, (-1, patches.shape[-1]))
    return tf.reshape(tf.matmul(rows, tf.reshape(small, (-1, small.shape[-1])), transpose_a=True), shape)
