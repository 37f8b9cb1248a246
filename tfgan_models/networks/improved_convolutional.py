"""The convolutional networks of Salimans et al. 2016 for CIFAR-10 (section 6.2, sizes from the released code).

For SVHN the authors have 64 and 128 filters in the discriminator. With both they take a learning rate of 3e-4 that
falls to 0 in the last third, and match absolute differences of features, not squared ones. The weights of the
generator's last layer are not initialised from data here.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tfgan_models.errors import InputError
from tfgan_models.layers.batch_normalization import BatchNormalization
from tfgan_models.layers.weight_normalization import WeightNormalization
from tfgan_models.networks import blocks

SEED_SIDE, SEED_FILTERS, LEAST_FILTERS = 4, 512, 128  # of the generator
FILTERS, SLOPE, STDDEV = (96, 192), 0.2, 0.05
PIXEL_DROPOUT, DROPOUT = 0.2, 0.5
INITIAL_DEVIATION = 0.1  # of the logits


def generator(image_size: int, channels: int, latent_dim: int, width: float = 1.0) -> keras.Model:
    """Latents ``[n, latent_dim]`` to images ``[n, s, s, channels]`` in [-1, 1], by transposed 5×5 convolutions.

    Args:
        image_size: side s of the images: 16, 32, 64, … pixels.
        channels: of the images.
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
        filters = _scaled(max(SEED_FILTERS >> i, LEAST_FILTERS), width)
        convolution = layers.Conv2DTranspose(filters, 5, 2, "same", use_bias=False, kernel_initializer=_initial())
        hidden = layers.ReLU()(BatchNormalization(scale=False)(convolution(hidden)))
    last = layers.Conv2DTranspose(channels, 5, 2, "same", kernel_initializer=_initial())
    pixels = WeightNormalization(last, name="pixels")(hidden)
    return keras.Model(latents, layers.Activation("tanh", dtype="float32", name="output")(pixels), name="generator")


def discriminator(image_size: int, channels: int, classes: int, width: float = 1.0) -> keras.Model:
    """Images ``[n, s, s, channels]`` to the logits of classes ``[n, classes]``.

    Nine weight-normalized convolutions with LeakyReLU, the last of them unpadded and two of 1×1, and dropout before
    each three; ``features`` is the mean over places that follows. Dropout is not equal over devices, see
    ``blocks.dropped``.

    Args:
        image_size: side s of the images: 16, 32, 64, … pixels.
        channels: of the images.
        classes: K, how many.
        width: factor on the filters.
    """
    check_image_size(image_size)
    first, second = (_scaled(filters, width) for filters in FILTERS)
    images = blocks.symbolic_input((image_size, image_size, channels), name="image")
    hidden = blocks.dropped(images, PIXEL_DROPOUT)
    for filters in (first, second):
        hidden = _convolved(_convolved(hidden, filters), filters)
        hidden = blocks.dropped(_convolved(hidden, filters, strides=2), DROPOUT)
    hidden = _convolved(hidden, second, padding="valid")
    hidden = _convolved(_convolved(hidden, second, size=1), second, size=1)
    features = layers.GlobalAveragePooling2D(name="features")(hidden)
    dense = layers.Dense(classes, dtype="float32", name="logits", kernel_initializer=_initial())
    logits = WeightNormalization(dense, initial_deviation=INITIAL_DEVIATION, name="logits")(features)
    return keras.Model(images, logits, name="discriminator")


def check_image_size(image_size: int) -> None:
    """Refuse sizes that these networks cannot take, with an ``InputError``."""
    if image_size < 16 or image_size & (image_size - 1):
        raise InputError(
            f"image_size {image_size}: improved_convolutional takes powers of two from 16 on", "image_size"
        )


def _convolved(
    hidden: keras.KerasTensor, filters: int, size: int = 3, strides: int = 1, padding: str = "same"
) -> keras.KerasTensor:
    convolution = layers.Conv2D(filters, size, strides, padding, kernel_initializer=_initial())
    return layers.LeakyReLU(SLOPE)(WeightNormalization(convolution, train_scale=False)(hidden))


def _scaled(filters: int, width: float) -> int:
    return max(1, round(filters * width))


def _initial() -> Any:  # an initializer; Keras' own type hints, guessed from defaults, ask for its name
    return keras.initializers.RandomNormal(stddev=STDDEV)
