"""Batch-normalized logits, which keep every class of an encoder in use."""

from __future__ import annotations

import keras
from keras import layers

from tfgan_models.layers.batch_normalization import BatchNormalization


def balanced_classes(encoder: keras.Model, classes: int) -> keras.Model:
    """An encoder whose first outputs, the logits of the classes, are batch-normalized.

    Softmax takes the gradient from a class that no image has, so an adversarial autoencoder that finds clusters soon
    leaves half of them empty. Logits that all have mean 0 and the same variance over a batch fill every class alike.
    Their probabilities are far from 0 and 1 at first, and the learned gain sharpens them as training goes on. There is
    no offset, which could empty a class again.

    Args:
        encoder: images to codes ``[n, classes + style_dim]``, of a dense layer named ``code``; others take its place.
        classes: how many of a code's numbers are logits.

    Returns:
        A network of the same shapes.
    """
    code = encoder.get_layer("code")
    logits = layers.Dense(classes, use_bias=False, dtype="float32", name="logits")(code.input)
    logits = BatchNormalization(offset=False, dtype="float32", name="balanced_logits")(logits)
    if code.units > classes:
        style = layers.Dense(code.units - classes, dtype="float32", name="style")(code.input)
        logits = layers.Concatenate(dtype="float32", name="code")([logits, style])
    return keras.Model(encoder.input, logits, name="encoder_of_balanced_classes")
