"""Batch-normalized class logits of an encoder, which avoid empty classes."""

from __future__ import annotations

import keras
from keras import layers

from tfgan_models.layers.batch_normalization import BatchNormalization


def batch_norm_class_logits(encoder: keras.Model, classes: int) -> keras.Model:
    """An encoder whose first outputs, the logits of the classes, are batch-normalized.

    Softmax gives no gradient to a class without images, so a clustering adversarial autoencoder soon has empty
    clusters, about half of them. With logits of mean 0 and variance 1 over a batch every class is used at the start,
    with probabilities far from 0 and 1. A learned gain for each class sharpens them during training. There is no
    offset, which could lower the logits of a class for all images.

    Args:
        encoder: images to codes ``[n, classes + style_dim]``, of a dense layer named ``code``, which is replaced.
        classes: number of logits at the beginning of a code.

    Returns:
        A network with the same shapes.

    Raises:
        ValueError: the encoder has no such layer, or codes are too short.
    """
    code = encoder.get_layer("code")
    if not isinstance(code, layers.Dense) or code.units < classes:
        raise ValueError(
            f"the encoder's layer code is not a dense layer of {classes} or more units, for as many classes"
        )
    logits = layers.Dense(classes, use_bias=False, dtype="float32", name="logits")(code.input)
    outputs = BatchNormalization(offset=False, dtype="float32", name="balanced_logits")(logits)
    if code.units > classes:
        style = layers.Dense(code.units - classes, dtype="float32", name="style")(code.input)
        outputs = layers.Concatenate(dtype="float32", name="balanced_code")([outputs, style])
    return keras.Model(encoder.input, outputs, name="encoder_of_balanced_classes")
