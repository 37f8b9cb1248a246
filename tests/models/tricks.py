"""GANs with the techniques that change a step's order or what the discriminator sees, among the small models."""

from __future__ import annotations

from collections.abc import Callable

import keras

from tests.models import network_tricks
from tests.models.sizes import CHANNELS, LATENT, SIZE, WIDTH
from tfgan_models import GAN, GenerativeModel, InputNoise, Replay
from tfgan_models.networks import dcgan
from tfgan_models.networks.hidden_layers import with_dropout, with_leaky_relu, with_noise


def gan(dropout: float = 0.0, dropout_in_samples: bool = False, **options) -> GAN:
    generator = dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH)
    generator = with_dropout(generator, dropout, dropout_in_samples) if dropout else generator
    return with_generator(generator, **options)


def with_generator(generator: keras.Model, **options) -> GAN:
    return GAN(generator, dcgan.discriminator(SIZE, CHANNELS, width=WIDTH), **options, seed=5)


MODELS: dict[str, Callable[[], GenerativeModel]] = {
    "gan_of_noisy_inputs": lambda: gan(input_noise=InputNoise(0.2, 30)),
    **network_tricks.MODELS,
    "gan_of_generator_steps": lambda: gan(generator_steps=3, input_noise=InputNoise(0.2, 30)),
    "gan_of_past_fakes": lambda: gan(replay=Replay(20, 0.5)),
    "gan_of_dropout": lambda: gan(0.3),
    "gan_of_dropout_in_samples": lambda: gan(0.3, True),
    "gan_of_leaky_noise": lambda: with_generator(
        with_noise(with_leaky_relu(dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH)), 0.1)
    ),
    "gan_in_sequence": lambda: gan(sequential_updates=True, discriminator_steps=2, generator_steps=2),
}
