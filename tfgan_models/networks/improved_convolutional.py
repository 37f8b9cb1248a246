"""The convolutional networks of Salimans et al. 2016 for CIFAR-10 (section 6.2, sizes from the released code).

For SVHN the authors use 64 and 128 filters in the discriminator. For both data sets their learning rate is 3e-4 and
falls to 0 in the last third, and they match absolute differences of features, not squared ones. Here the weights of the
generator's last layer are not initialized from data.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tfgan_models.errors import InputError
from tfgan_models.layers.batch_normalization import BatchNormalization
from tfgan_models.layers.weight_normalization import WeightNormalization
from tfgan_models.networks import blocks

SEED_SIDE, SEED_FILTERS, MIN_FILTERS = 4, 512, 128  # of the generator
FILTERS, SLOPE, STDDEV = (96, 192), 0.2, 0.05
PIXEL_DROPOUT, DROPOUT = 0.2, 0.5
INITIAL_DEVIATION = 0.1  # of the logits


def generator(image_size: int, channels: int, latent_dim: int, width: float = 1.0) -> keras.Model:
    """Map latents ``[n, latent_dim]`` to images ``[n, s, s, channels]`` in [-1, 1], by transposed 5×5 convolutions.

    Args:
        image_size: side s of the images: 16, 32, 64, … pixels.
        channels: channels of the images.
        latent_dim: size of a latent.
        width: factor on the filters.
    """
    check_image_size(image_size)
    doublings = image_size.bit_length() - SEED_SIDE.bit_length()
    latents = blocks.symbolic_input((latent_dim,), name="latent")
    filters = _scaled(SEED_FILTERS, width)
    hidden = layers.Dense(SEED_SIDE * SEED_SIDE * filters, use_bias=False, kernel_initializer=_initial())(latents)
    hidden = layers.ReLU()(BatchNormalization(scale=False)(hidden))
    hidden = layers.Reshape((SEED_SIDE, SEED_SIDE, filters))(hidden)
    for i in range(1, doublings):
        filters = _scaled(max(SEED_FILTERS >> i, MIN_FILTERS), width)
        convolution = layers.Conv2DTranspose(filters, 5, 2, "same", use_bias=False, kernel_initializer=_initial())
        hidden = layers.ReLU()(BatchNormalization(scale=False)(convolution(hidden)))
    last = layers.Conv2DTranspose(channels, 5, 2, "same", kernel_initializer=_initial())
    pixels = WeightNormalization(last, name="pixels")(hidden)
    return keras.Model(latents, layers.Activation("tanh", dtype="float32", name="output")(pixels), name="generator")


def discriminator(
    image_size: int, channels: int, classes: int, width: float = 1.0, minibatch_discrimination: bool = False
) -> keras.Model:
    """Map images ``[n, s, s, channels]`` to class logits ``[n, classes]``.

    Nine weight-normalized convolutions with LeakyReLU, the seventh unpadded and the last two 1×1, with dropout before
    each group of three. ``features`` is the spatial mean after them. Dropout is not exact on several devices, see
    ``blocks.apply_dropout``.

    Args:
        image_size: side s of the images: 16, 32, 64, … pixels.
        channels: channels of the images.
        classes: number K of classes.
        width: factor on the filters.
        minibatch_discrimination: see ``blocks.class_logits``.
    """
    check_image_size(image_size)
    first, second = (_scaled(filters, width) for filters in FILTERS)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = blocks.apply_dropout(images, PIXEL_DROPOUT)
    for filters in (first, second):
        hidden = _convolve(_convolve(hidden, filters), filters)
        hidden = blocks.apply_dropout(_convolve(hidden, filters, strides=2), DROPOUT)
    hidden = _convolve(hidden, second, padding="valid")
    hidden = _convolve(_convolve(hidden, second, size=1), second, size=1)
    features = layers.GlobalAveragePooling2D(name="features")(hidden)
    dense = layers.Dense(classes, dtype="float32", name="logits", kernel_initializer=_initial())
    logits = WeightNormalization(dense, initial_deviation=INITIAL_DEVIATION, name="logits")(features)
    logits = blocks.class_logits(features, logits, minibatch_discrimination, width)
    return keras.Model(images, logits, name="discriminator")


def check_image_size(image_size: int) -> None:
    """Raise ``InputError`` for sizes that these networks do not support."""
    if image_size < 16 or image_size & (image_size - 1):
        raise InputError(
            f"image_size {image_size}: improved_convolutional takes powers of two from 16 on", "image_size"
        )


def _convolve(
    hidden: keras.KerasTensor, filters: int, size: int = 3, strides: int = 1, padding: str = "same"
) -> keras.KerasTensor:
    convolution = layers.Conv2D(filters, size, strides, padding, kernel_initializer=_initial())
    return layers.LeakyReLU(SLOPE)(WeightNormalization(convolution, train_scale=False)(hidden))


def _scaled(filters: int, width: float) -> int:
    return max(1, round(filters * width))


def _initial() -> Any:  # an initializer, against Keras' type hints, which are inferred from defaults
    return keras.initializers.RandomNormal(stddev=STDDEV)
