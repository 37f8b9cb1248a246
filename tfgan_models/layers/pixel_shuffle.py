"""Pixel shuffle, and initial weights with which its first outputs have no checkerboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.shapes import static_size


@keras.saving.register_keras_serializable("tfgan_models")
class PixelShuffle(keras.layers.Layer):
    """Rearrange channels to pixels (Shi et al. 2016, 1609.05158, equation 4).

    Each pixel with r² · c channels becomes r × r pixels with c channels. A convolution followed by this layer upsamples
    maps, like a transposed convolution.

    Args:
        factor: r, factor on the sides.

    Shapes:
        ``[n, h, w, r² · c]`` to ``[n, r · h, r · w, c]``.

    Raises:
        ValueError: the channels are not a multiple of r².
    """

    def __init__(self, factor: int = 2, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check the shape."""
        if len(input_shape) != 4 or static_size(input_shape[-1]) % self.factor**2:
            raise ValueError(
                f"PixelShuffle({self.factor}) takes [n, h, w, {self.factor**2} · c], received {tuple(input_shape)}"
            )

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Rearrange channels to pixels."""
        return tf.nn.depth_to_space(inputs, self.factor)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the upsampled maps."""
        examples, height, width, channels = input_shape
        sides = (None if side is None else side * self.factor for side in (height, width))
        return (examples, *sides, static_size(channels) // self.factor**2)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable("tfgan_models")
class ICNR(keras.initializers.Initializer):
    """Initial kernel of the convolution before a ``PixelShuffle`` (Aitken et al. 2017, 1707.02937, section 3).

    The r² channels that become one r × r square have the same kernel. The first outputs are therefore those of
    nearest-neighbor upsampling, and have no checkerboard.

    Args:
        initializer: initializer of the kernel for the square, with the shape ``[h, w, in, out / r²]``.
        factor: r, factor on the sides.
    """

    def __init__(self, initializer: keras.initializers.Initializer, factor: int = 2):
        self.initializer = initializer
        self.factor = factor

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> tf.Tensor:
        """The kernel, ``[h, w, in, out]``."""
        squares = self.factor**2
        kernel = self.initializer((*shape[:-1], shape[-1] // squares), dtype=dtype)
        return tf.tile(kernel, (*(1 for _ in shape[:-1]), squares))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, serialized."""
        return {"initializer": keras.initializers.serialize(self.initializer), "factor": self.factor}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ICNR:
        """Rebuild the initializer from ``get_config``."""
        initializer: Any = keras.initializers.get(config["initializer"])  # Any, against Keras' wide hints
        return cls(initializer, config["factor"])
