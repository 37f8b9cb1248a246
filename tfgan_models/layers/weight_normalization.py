"""Weight normalization, and its initialization from data."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tfgan_models.keras_private import flatten_layers
from tfgan_models.layers.minibatch_discrimination import MinibatchDiscrimination
from tfgan_models.layers.spectral_normalization import KernelWrapper


@keras.saving.register_keras_serializable("tfgan_models")
class WeightNormalization(KernelWrapper):
    """A layer whose weights are w = g v / ‖v‖ for each output, with a learned length g (Salimans and Kingma 2016).

    See 1602.07868, equation 2. v is the layer's kernel; the initial g is 1. ``initialise`` sets g and the bias from
    data.

    Args:
        layer: Dense, Conv2D or Conv2DTranspose.
        train_scale: learn g after its initialization. The classifier of Salimans et al. 2016 learns only the g of its
            last layer.
        initial_deviation: standard deviation of the outputs after ``initialise``; 1 in the paper.

    Raises:
        ValueError: another layer, or one whose channels come first.
    """

    def __init__(self, layer: keras.layers.Layer, train_scale: bool = True, initial_deviation: float = 1.0, **kwargs):
        super().__init__(layer, **kwargs)
        if getattr(layer, "data_format", None) == "channels_first":
            raise ValueError("WeightNormalization takes layers whose channels come last")
        self.train_scale = train_scale
        self.initial_deviation = initial_deviation
        self.initializing = False

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the layer and the scales, one for each output."""
        super().build(input_shape)
        self.scale = self.add_weight(
            name="scale",
            shape=(self.layer.kernel.shape[self.output_axis],),
            initializer="ones",
            trainable=self.train_scale,
            dtype="float32",
            autocast=False,
            aggregation="mean",
        )

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Call the layer with the normalized kernel."""
        if self.initializing:
            self._set_from_data(inputs)
        # The factors multiply the outputs, because there are fewer outputs than weights.
        outputs = self._linear(inputs)
        outputs *= tf.cast(self._factors(), outputs.dtype)
        if self.layer.bias is not None:
            outputs += tf.cast(self.layer.bias.value, outputs.dtype)
        return outputs if self.layer.activation is None else self.layer.activation(outputs)

    def _linear(self, inputs: tf.Tensor) -> tf.Tensor:
        """Apply the layer with v in place of w, without bias and activation, in the layer's compute type."""
        layer = self.layer
        inputs, kernel = (tf.cast(x, layer.compute_dtype) for x in (inputs, layer.kernel.value))
        if isinstance(layer, keras.layers.Dense):
            product: Any = keras.ops.matmul(inputs, kernel)  # Any, because Keras' hints cover all backends
            return product
        if isinstance(layer, keras.layers.Conv2D):
            return layer.convolution_op(inputs, kernel)
        options: dict[str, Any] = {
            "strides": list(layer.strides),
            "padding": layer.padding,
            "output_padding": layer.output_padding,
            "data_format": layer.data_format,
            "dilation_rate": layer.dilation_rate,
        }
        outputs: Any = keras.ops.conv_transpose(inputs, kernel, **options)  # Any, as for matmul
        return outputs

    def _factors(self) -> tf.Tensor:
        """Return g / ‖v‖ of each output, float32."""
        kernel = tf.convert_to_tensor(self.layer.kernel.value)
        output = self.output_axis % 4 if kernel.shape.rank == 4 else 1
        squares = tf.reduce_sum(tf.square(kernel), [a for a in range(kernel.shape.rank) if a != output])
        return tf.convert_to_tensor(self.scale.value) * tf.math.rsqrt(tf.maximum(squares, 1e-12))

    def normalized_kernel(self) -> tf.Tensor:
        """Return g v / ‖v‖ in the kernel's shape."""
        factors = self._factors()
        return tf.convert_to_tensor(self.layer.kernel.value) * (
            factors if self.output_axis == -1 else factors[:, tf.newaxis]
        )

    def _set_from_data(self, inputs: tf.Tensor) -> None:
        """Set g = s/σ and b = −μ s/σ, for outputs of mean μ and deviation σ with g = 1 and without bias.

        This is equation 6, where s is 1.
        """
        if self.layer.bias is None:
            raise ValueError(f"layer {self.layer.name!r} has no bias to initialize from data: give use_bias=True")
        self.scale.assign(tf.ones_like(self.scale.value))
        outputs = tf.cast(self._linear(inputs), tf.float32) * self._factors()
        mean, variance = tf.nn.moments(outputs, list(range(outputs.shape.rank - 1)))
        scale = self.initial_deviation * tf.math.rsqrt(variance + 1e-10)
        self.scale.assign(scale)
        self.layer.bias.assign(-mean * scale)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "train_scale": self.train_scale, "initial_deviation": self.initial_deviation}


def initialise(network: keras.Model, images: tf.Tensor, training: bool = False) -> None:
    """Give each weight-normalized layer of a network pre-activations of zero mean and unit variance on some images.

    Each layer is initialized on the outputs of the layers before it, after their initialization (Salimans and Kingma
    2016, section 3). Kernels of minibatch discrimination are scaled, so that the mean distance of an example to the
    nearest one is 2, as in the code of Salimans et al. 2016. Call this function once, before training and outside of
    ``tf.function``. All replicas of a strategy get the same values.

    Args:
        network: network with layers of type ``WeightNormalization``, at any depth.
        images: a batch of a few hundred inputs of the network.
        training: whether noise and dropout are on, as they are in the authors' code.

    Raises:
        ValueError: there is no such layer, or one of them has no bias.
    """
    kinds = (WeightNormalization, MinibatchDiscrimination)
    layers = [layer for layer in flatten_layers(network) if isinstance(layer, kinds)]
    if not any(isinstance(layer, WeightNormalization) for layer in layers):
        raise ValueError(f"{network.name!r} has no WeightNormalization layer to initialise")
    for layer in layers:
        layer.initializing = True
    try:
        network(images, training=training)
    finally:
        for layer in layers:
            layer.initializing = False
