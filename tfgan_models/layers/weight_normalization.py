"""Weight normalization, and its initialisation from data."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tfgan_models.layers.spectral_normalization import KernelWrapper


@keras.saving.register_keras_serializable("tfgan_models")
class WeightNormalization(KernelWrapper):
    """A layer whose weights have a length of their own: w = g v / ‖v‖ for each output (Salimans and Kingma 2016).

    1602.07868, equation 2; v is the layer's kernel, g begins at 1. ``initialise`` sets g and the bias from data.

    Args:
        layer: Dense, Conv2D or Conv2DTranspose.
        train_scale: learn g after its initialisation. The classifier of Salimans et al. 2016 learns only the last
            layer's.

    Raises:
        ValueError: another layer.
    """

    def __init__(self, layer: keras.layers.Layer, train_scale: bool = True, **kwargs):
        super().__init__(layer, **kwargs)
        self.train_scale = train_scale
        self.initialising = False

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
        """The layer's answer with the normalized kernel."""
        if self.initialising:
            self._initialise(inputs)
        return self.call_with(inputs, (self.layer.kernel, self.normalized_kernel()))

    def normalized_kernel(self) -> tf.Tensor:
        """g v / ‖v‖ in the kernel's shape."""
        kernel = tf.convert_to_tensor(self.layer.kernel.value)
        output = self.output_axis % 4 if kernel.shape.rank == 4 else 1
        directions = tf.math.l2_normalize(kernel, [a for a in range(kernel.shape.rank) if a != output])
        scale = tf.convert_to_tensor(self.scale.value)
        return directions * (scale if self.output_axis == -1 else scale[:, tf.newaxis])

    def _initialise(self, inputs: tf.Tensor) -> None:
        """g = 1/σ and b = −μ/σ, of what the layer gives before its activation with g = 1 and b = 0 (equation 6)."""
        if self.layer.bias is None:
            raise ValueError(f"layer {self.layer.name!r} has no bias, which its initialisation from data sets")
        self.scale.assign(tf.ones_like(self.scale.value))
        self.layer.bias.assign(tf.zeros_like(self.layer.bias.value))
        activation, self.layer.activation = self.layer.activation, None
        try:
            outputs = tf.cast(self.call_with(inputs, (self.layer.kernel, self.normalized_kernel())), tf.float32)
        finally:
            self.layer.activation = activation
        mean, variance = tf.nn.moments(outputs, list(range(outputs.shape.rank - 1)))
        scale = tf.math.rsqrt(variance + 1e-10)
        self.scale.assign(scale)
        self.layer.bias.assign(-mean * scale)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "train_scale": self.train_scale}


def initialise(network: keras.Model, images: tf.Tensor, training: bool = False) -> None:
    """Give each weight-normalized layer of a network pre-activations of zero mean and unit variance on some images.

    Layer after layer, each on what the initialised ones before it give (Salimans and Kingma 2016, section 3). Call it
    once, before training, outside of ``tf.function``; a strategy's replicas all get the same values.

    Args:
        network: has layers of type ``WeightNormalization``, at any depth.
        images: a batch of its inputs, some hundreds.
        training: whether noise and dropout are on, as they are in the authors' code.

    Raises:
        ValueError: there is no such layer, or one of them has no bias.
    """
    layers = [layer for layer in network._flatten_layers() if isinstance(layer, WeightNormalization)]
    if not layers:
        raise ValueError(f"{network.name!r} has no WeightNormalization layer to initialise")
    for layer in layers:
        layer.initialising = True
    try:
        network(images, training=training)
    finally:
        for layer in layers:
            layer.initialising = False
