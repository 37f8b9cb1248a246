"""A small convolutional classifier, the network of the in-domain extractor."""

from __future__ import annotations

import keras
from keras import layers

from tfgan_models.networks.blocks import symbolic_input

FILTERS, MOST_FILTERS, LAST_SIDE, FEATURES = 32, 128, 4, 128


def classifier(image_size: int, channels: int, outputs: int, seed: int = 0) -> keras.Model:
    """Map images ``[n, s, s, channels]`` to features ``[n, 128]`` and logits ``[n, outputs]``, all in float32.

    Strided convolutions halve the image until at most 4×4 remain; the features are the outputs of a dense layer after
    them.

    Args:
        image_size: side s of the images, in pixels.
        channels: channels of the images.
        outputs: number of classes or attributes.
        seed: seed of the initial weights, which depend on nothing else.
    """

    def options(layer: int) -> dict:
        initial = keras.initializers.HeNormal(seed=1000 * seed + layer)
        return {"kernel_initializer": initial, "dtype": "float32"}

    images = symbolic_input((image_size, image_size, channels), name="image", dtype="float32")
    hidden, side, filters, layer = images, image_size, FILTERS, 0
    while side > LAST_SIDE:
        hidden = layers.Conv2D(filters, 3, 2, "same", use_bias=False, **options(layer))(hidden)
        hidden = layers.ReLU(dtype="float32")(layers.BatchNormalization(momentum=0.9, dtype="float32")(hidden))
        side, filters, layer = -(-side // 2), min(2 * filters, MOST_FILTERS), layer + 1
    hidden = layers.Flatten(dtype="float32")(hidden)
    features = layers.Dense(FEATURES, activation="relu", name="features", **options(layer))(hidden)
    logits = layers.Dense(outputs, name="logits", **options(layer + 1))(features)
    return keras.Model(images, [features, logits], name="classifier")
