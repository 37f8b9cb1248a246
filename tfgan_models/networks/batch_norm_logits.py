"""Batch-normalized logits, which keep the classes of an encoder from emptying."""

from __future__ import annotations

import keras
from keras import layers

from tfgan_models.layers.batch_normalization import BatchNormalization


def balanced_classes(encoder: keras.Model, classes: int) -> keras.Model:
    """An encoder whose first outputs, the logits of the classes, are batch-normalized.

    Softmax takes the gradient from a class that no image has, so an adversarial autoencoder that finds clusters soon
    leaves half of them empty. Logits of mean 0 and variance 1 over a batch begin with every class in use, and with
    probabilities far from 0 and 1. A learned gain for each class sharpens them as training goes on; there is no offset,
    by which a class could sink below the others for all images.

    Args:
        encoder: images to codes ``[n, classes + style_dim]``, of a dense layer named ``code``; others take its place.
        classes: how many of a code's numbers are logits.

    Returns:
        A network of the same shapes.

    Raises:
        ValueError: the encoder has no such layer, or a code has not as many numbers.
    """
    code = encoder.get_layer("code")
    if not isinstance(code, layers.Dense) or code.units < classes:
        raise ValueError(f"the encoder's layer code is no dense layer of {classes} or more units, for as many classes")
    logits = layers.Dense(classes, use_bias=False, dtype="float32", name="logits")(code.input)
    outputs = BatchNormalization(offset=False, dtype="float32", name="balanced_logits")(logits)
    if code.units > classes:
        style = layers.Dense(code.units - classes, dtype="float32", name="style")(code.input)
        outputs = layers.Concatenate(dtype="float32", name="balanced_code")([outputs, style])
    return keras.Model(encoder.input, outputs, name="encoder_of_balanced_classes")
