"""The number and the order of the players' steps: each step against one by hand, and what they are for."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import BATCH, CHANNELS, LATENT, SIZE, batch, compiled, values
from tests.models.test_gan_options import cross_entropy, make, step
from tfgan_models import GAN, InputError, InputNoise

RATE = 0.1


def moving(**options) -> GAN:
    return compiled(lambda: make(**options), lambda: keras.optimizers.SGD(RATE))


def players_of_updates(model: GAN) -> list[list[str]]:
    """The players of each update in a step."""
    moved, apply = [], model.apply
    model.apply = lambda gradients, gates=None: (moved.append(sorted(gradients)), apply(gradients, gates))[1]
    step(model)
    return moved


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [["discriminator", "generator"]]),
        ({"generator_steps": 3}, [["discriminator", "generator"], ["generator"], ["generator"]]),
        ({"sequential_updates": True}, [["discriminator"], ["generator"]]),
        (
            {"discriminator_steps": 2, "generator_steps": 2, "sequential_updates": True},
            [["discriminator"], ["discriminator"], ["generator"], ["generator"]],
        ),
    ],
)
def test_players_move_in_this_order(options, expected):
    assert players_of_updates(moving(**options)) == expected


def by_hand(model: GAN, sequential: bool, generator_steps: int) -> None:
    """Move a plain GAN as the options say, with a tape for each step."""
    images = tf.constant(batch()["image"])

    def gradients(player: str, purpose: str) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            latents = model.noise(f"prior-{purpose}", BATCH, (LATENT,))
            fake = model.discriminator(model.generator(latents, training=True), training=True)
            loss = tf.reduce_mean(tf.nn.softplus(-fake))
            if player == "discriminator":
                real = model.discriminator(images, training=True)
                loss = tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake))
        return tape.gradient(loss, model.variables_of(player))

    first = {player: gradients(player, "0") for player in ("discriminator", "generator")}
    model.optimizers["discriminator"].apply(first["discriminator"])
    if not sequential:
        model.optimizers["generator"].apply(first["generator"])
    for t in range(0 if sequential else 1, generator_steps):
        model.optimizers["generator"].apply(gradients("generator", f"generator-{t}"))


@pytest.mark.parametrize(("sequential", "generator_steps"), [(False, 3), (True, 1), (True, 2)])
def test_each_step_has_new_noise_and_the_weights_of_that_time(sequential, generator_steps):
    model, plain = moving(sequential_updates=sequential, generator_steps=generator_steps), moving()
    start = values(plain.trainable_variables)
    step(model)
    by_hand(plain, sequential, generator_steps)
    for a, b, before in zip(model.trainable_variables, plain.trainable_variables, start, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-6, err_msg=a.path)
        assert np.abs(b.numpy() - before).max() > 1e-5, a.path


@pytest.mark.parametrize("options", [{"generator_steps": 3}, {"generator_steps": 2, "sequential_updates": True}])
def test_input_noise_decays_once_in_a_training_step(options):
    """At the third step half of it has gone, in each of the generator's steps."""
    noise = InputNoise(0.4, 4)
    model = compiled(lambda: make(input_noise=noise, **options), lambda: keras.optimizers.SGD(0.0))
    for number in range(2):
        step(model, number)
    last = f"generator-{options['generator_steps'] - 1}"
    fakes = model.generator(model.noise(f"prior-{last}", BATCH, (LATENT,)), training=True)
    fakes += 0.2 * model.noise(f"input-noise-fake-{last}", BATCH, (SIZE, SIZE, CHANNELS))
    logits = model.discriminator(fakes, training=True).numpy().astype(np.float64)
    assert step(model, 2)["generator_loss"] == pytest.approx(cross_entropy(1, logits), rel=1e-5)


def dirac_gan(**options) -> GAN:
    """The data are the number 0, fakes the number θ, and the discriminator is ψx (Mescheder et al. 2018)."""
    latents, number = keras.Input((1,)), keras.Input((1,))
    theta = keras.layers.Dense(1, bias_initializer="ones")(keras.layers.Rescaling(0.0)(latents))
    psi = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")(number)
    model = GAN(keras.Model(latents, theta), keras.Model(number, psi), "minimax", **options)
    model.compile(generator=keras.optimizers.SGD(0.5), discriminator=keras.optimizers.SGD(0.5))
    return model


def radius_after(steps: int, **options) -> float:
    """Distance of (θ, ψ) from the equilibrium (0, 0), where it begins at √2."""
    model = dirac_gan(**options)
    train = tf.function(model.train_step, autograph=False)
    for _ in range(steps):
        train({"image": tf.zeros((4, 1))})
    theta, psi = model.generator.layers[-1].bias.numpy()[0], model.discriminator.layers[-1].kernel.numpy()[0, 0]
    return float(np.hypot(theta, psi))


def test_sequential_updates_stay_near_the_equilibrium_where_simultaneous_ones_leave_it():
    """Eigenvalues of the step are outside of the unit circle, or on it (Mescheder et al. 2018, section 2)."""
    assert radius_after(200) > 2 * np.sqrt(2)
    assert radius_after(200, sequential_updates=True) < 1.2 * np.sqrt(2)


def test_less_than_one_step_of_the_generator_is_refused():
    with pytest.raises(InputError, match=r"^generator_steps 0") as error:
        make(generator_steps=0)
    assert error.value.argument == "generator_steps"


def spread(generator_steps: int) -> float:
    """Standard deviation of samples, the smallest of three times, of a GAN of Gaussian points."""
    keras.utils.set_random_seed(2)
    generator, discriminator = (
        keras.Sequential([keras.Input((2,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(outputs)])
        for outputs in (2, 1)
    )
    model = GAN(generator, discriminator, generator_steps=generator_steps, seed=2)
    model.compile(generator=keras.optimizers.Adam(5e-3, 0.5), discriminator=keras.optimizers.Adam(5e-3, 0.5))
    train_step = tf.autograph.experimental.do_not_convert(model.train_step)

    @tf.function
    def train():
        for _ in tf.range(50):
            train_step({"image": model.noise("data", 64, (2,))})

    spreads = []
    for _ in range(3):
        train()
        spreads.append(model.generate(model.prior.sample(512, seed=(1, 2))).numpy().std(0).mean())
    return float(min(spreads))


def test_too_many_steps_of_the_generator_collapse_its_samples():
    """They gather where the discriminator's score is highest, before it has moved there."""
    assert spread(6) < 0.3 < 0.7 < spread(1)
