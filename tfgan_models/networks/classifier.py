"""A small convolutional classifier: what the metrics measure with where nothing larger is at hand."""

from __future__ import annotations

import keras
from keras import layers, ops

FILTERS, MOST_FILTERS, LAST_SIDE, FEATURES = 32, 128, 4, 128


@keras.saving.register_keras_serializable("tfgan_models")
class MeanAndDeviation(layers.Layer):
    """Mean and standard deviation of each channel over an image: ``[n, h, w, c]`` to ``[n, 2 c]``."""

    def call(self, inputs):
        """Pool over height and width."""
        return ops.concatenate([ops.mean(inputs, (1, 2)), ops.std(inputs, (1, 2))], -1)

    def compute_output_shape(self, input_shape):
        """Two values for each channel."""
        return (input_shape[0], 2 * input_shape[-1])


def classifier(image_size: int, channels: int, outputs: int, seed: int = 0) -> keras.Model:
    """Images ``[n, s, s, channels]`` to features ``[n, f]`` and logits ``[n, outputs]``, all in float32.

    Strided convolutions halve the image until at most 4×4 remain; a dense layer of 128 units follows. The features
    are those of every layer, so that fine detail counts as well as what an image shows: of each convolution the mean
    and deviation of every channel, and the dense layer's units.

    Args:
        image_size: side s of the images, in pixels.
        channels: of the images.
        outputs: classes or attributes.
        seed: of the initial weights, which depend on nothing else.
    """

    def options(layer: int) -> dict:
        initial = keras.initializers.HeNormal(seed=1000 * seed + layer)
        return {"kernel_initializer": initial, "dtype": "float32"}

    images = keras.Input((image_size, image_size, channels), name="image", dtype="float32")
    hidden, side, filters, layer, features = images, image_size, FILTERS, 0, []
    while side > LAST_SIDE:
        hidden = layers.Conv2D(filters, 3, 2, "same", use_bias=False, **options(layer))(hidden)
        hidden = layers.ReLU(dtype="float32")(layers.BatchNormalization(momentum=0.9, dtype="float32")(hidden))
        features.append(MeanAndDeviation(dtype="float32")(hidden))
        side, filters, layer = -(-side // 2), min(2 * filters, MOST_FILTERS), layer + 1
    hidden = layers.Flatten(dtype="float32")(hidden)
    dense = layers.Dense(FEATURES, activation="relu", name="dense", **options(layer))(hidden)
    logits = layers.Dense(outputs, name="logits", **options(layer + 1))(dense)
    features = layers.Concatenate(name="features", dtype="float32")([*features, dense])
    return keras.Model(images, [features, logits], name="classifier")
