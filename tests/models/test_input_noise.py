"""Noise on what the discriminator sees: its level, the loss, and what it is for."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import BATCH, CHANNELS, SIZE, batch
from tests.models.test_gan_options import cross_entropy, latents, step, still
from tfgan_models import GAN, InputError, InputNoise


def test_the_level_falls_linearly_to_nothing():
    noise = InputNoise(0.4, 8)
    assert [float(noise.level(t)) for t in (0, 2, 6, 8, 100)] == pytest.approx([0.4, 0.3, 0.1, 0, 0])
    assert float(InputNoise(0.4).level(10**6)) == pytest.approx(0.4)


def test_the_loss_is_that_of_images_with_noise():
    """At the first step and at the third, when half of the noise has gone."""
    model = still(input_noise=InputNoise(0.4, 4))
    for number in range(3):
        noises = [model.noise(f"input-noise-{k}-0", BATCH, (SIZE, SIZE, CHANNELS)) for k in ("real", "fake")]
        pictures = batch(number)["image"], model.generator(latents(model), training=True)
        level = 0.4 * (1 - number / 4)
        real, fake = (
            model.discriminator(x + level * noise, training=True).numpy().astype(np.float64)
            for x, noise in zip(pictures, noises, strict=True)
        )
        logs = step(model, number)
        assert logs["discriminator_loss"] == pytest.approx(cross_entropy(1, real) + cross_entropy(0, fake), rel=1e-5)
        assert logs["generator_loss"] == pytest.approx(cross_entropy(1, fake), rel=1e-5)


def trained_discriminator(noise: InputNoise | None) -> tuple[float, float]:
    """Accuracy of a discriminator of two points against a generator of one other point, and the minimax gradient."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((1,))
    generator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    hidden = keras.layers.Dense(16, activation="relu")(inputs)
    model = GAN(generator, keras.Model(inputs, keras.layers.Dense(1)(hidden)), "minimax", input_noise=noise)
    model.compile(generator=keras.optimizers.SGD(0.0), discriminator=keras.optimizers.Adam(0.05))
    train = tf.function(model.train_step, autograph=False)
    for _ in range(300):
        model.reset_metrics()
        logs = train({"image": tf.ones((64, 1))})
    return float(logs["discriminator_accuracy"]), float(logs["generator_gradient"])


def test_noise_makes_separable_distributions_overlap():
    """Without it a discriminator becomes perfect, and the generator's minimax gradient vanishes."""
    accuracy, gradient = trained_discriminator(None)
    noisy_accuracy, noisy_gradient = trained_discriminator(InputNoise(1.0))
    assert accuracy == 1
    assert noisy_accuracy < 0.9
    assert noisy_gradient > 10 * gradient


@pytest.mark.parametrize(("options", "argument"), [((0.0,), "stddev"), ((-1.0,), "stddev"), ((1.0, -1), "decay_steps")])
def test_noise_that_cannot_be_is_refused(options, argument):
    with pytest.raises(InputError, match=f"^{argument} ") as error:
        InputNoise(*options)
    assert error.value.argument == argument
