"""Wasserstein GANs: their losses, the clipping, the parts of a batch, and the penalty."""

from __future__ import annotations

from copy import deepcopy

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import BATCH, LATENT, batch, compiled, values, wgan, wgan_gp, wgan_of_the_slides
from tfgan_models import R1, WGAN, HistoricalAverage
from tfgan_models.models.wgan import clip_weights
from tfgan_models.networks import mlp


def still() -> keras.Optimizer:
    return keras.optimizers.SGD(0.0)


@pytest.mark.parametrize("make", [wgan, wgan_gp])
def test_losses_equal_a_recomputation(make):
    model, images = compiled(make, still), batch()["image"]
    part = images[1::2]  # of the critic's last step
    latents = [model.noise(purpose, BATCH // 2, (LATENT,)) for purpose in ("critic-1", "generator")]
    fakes = [model.generator(z, training=True) for z in latents]
    real, fake, last = (model.critic(x, training=True).numpy().astype(np.float64).mean() for x in (part, *fakes))
    between = model.noise("interpolation-1", BATCH // 2, (1,), tf.random.stateless_uniform).numpy()[..., None, None]
    mixed = tf.constant(between * part + (1 - between) * fakes[0].numpy())
    with tf.GradientTape() as tape:
        tape.watch(mixed)
        scores = model.critic(mixed, training=True)
    lengths = np.sqrt((tape.gradient(scores, mixed).numpy().astype(np.float64) ** 2).sum((1, 2, 3)))
    penalty = ((lengths - 1) ** 2).mean()

    logs = model.train_step({"image": tf.constant(images)})
    expected = {"wasserstein_distance": real - fake, "critic_loss": fake - real, "generator_loss": -last}
    if make is wgan_gp:
        expected["critic_loss"] += 10 * penalty
        expected["gradient_penalty"] = penalty
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, atol=1e-6, err_msg=name)


def test_the_slides_losses_equal_a_recomputation():
    """Real scores are worth nine tenths, and the generator matches the means of features."""
    model, images = compiled(wgan_of_the_slides, still), batch()["image"]
    part = images[1::2]  # of the critic's last step
    latents = [model.noise(purpose, BATCH // 2, (LATENT,)) for purpose in ("critic-1", "generator")]
    fakes = [model.generator(z, training=True) for z in latents]
    real, fake = (model.critic(x, training=True).numpy().astype(np.float64).mean() for x in (part, fakes[0]))
    features = keras.Model(model.critic.input, model.critic.get_layer("features").output)
    means = [features(x, training=True).numpy().astype(np.float64).mean(0) for x in (part, fakes[1])]
    logs = model.train_step({"image": tf.constant(images)})
    expected = {
        "wasserstein_distance": real - fake,
        "critic_loss": fake - 0.9 * real,
        "generator_loss": ((means[0] - means[1]) ** 2).sum(),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, atol=1e-6, err_msg=name)


def test_historical_averaging_adds_each_player_s_distance_from_its_own_mean():
    """Of the weights at this step and all before, for a step of SGD that moves them."""

    def make(weight: float) -> WGAN:
        networks = mlp.generator(8, 1, 2, (4,)), mlp.discriminator(8, 1, units=(4,))
        penalties = [HistoricalAverage(weight)] if weight else []
        return WGAN(*networks, critic_steps=1, clip=10.0, penalties=penalties)

    model, plain = (compiled(lambda w=w: make(w), lambda: keras.optimizers.SGD(0.1)) for w in (0.5, 0.0))
    random = np.random.default_rng(0)
    images = [tf.constant(random.uniform(-1, 1, (8, 8, 8, 1)).astype(np.float32)) for _ in range(2)]
    starts = {player: values(model.variables_of(player)) for player in model.players}
    for one in (model, plain):  # the same step: at the first all weights are their own mean
        one.train_step({"image": images[0]})
        one.reset_metrics()
    moved = {player: values(model.variables_of(player)) for player in model.players}
    with_it, without = (one.train_step({"image": images[1]}) for one in (model, plain))
    for player, start in starts.items():
        # The mean of two points is half their distance from each.
        distance = sum(((now - before) ** 2).sum() / 4 for now, before in zip(moved[player], start, strict=True))
        assert distance > 0
        if player == "critic":  # the generator's loss is taken after a step of critics that differ
            added = float(with_it["critic_loss"] - without["critic_loss"])
            assert added == pytest.approx(0.5 * distance, rel=0.02)
        average = getattr(model, f"{player}_average")
        for mean, now, before in zip(average.means, moved[player], start, strict=True):
            np.testing.assert_allclose(mean.numpy(), (now + before) / 2, rtol=1e-5, atol=1e-7)
        assert float(average.steps.numpy()) == 2


def test_the_critic_stays_clipped_and_nothing_else():
    model = compiled(wgan, lambda: keras.optimizers.SGD(10.0))
    for step in range(3):
        model.train_step({k: tf.constant(v) for k, v in batch(step).items()})
        assert max(np.abs(v).max() for v in values(model.variables_of("critic"))) <= 1.5
    assert max(np.abs(v).max() for v in values(model.variables_of("critic"))) == 1.5
    assert max(np.abs(v).max() for v in values(model.variables_of("generator"))) > 1.5


def test_each_of_the_critic_s_steps_sees_its_own_images():
    """The second step's images change nothing of what the first one does."""

    def after(images):
        model = compiled(lambda: WGAN(mlp.generator(8, 1, 2, (4,)), mlp.discriminator(8, 1, units=(4,)), 2, 1.0))
        steps, apply = [], model.apply
        model.apply = lambda gradients, gates=None: (steps.append(gradients), apply(gradients, gates))[1]
        model.train_step({"image": tf.constant(images)})
        return [[g.numpy() for g in next(iter(gradients.values()))] for gradients in steps]

    images = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 1)).astype(np.float32)
    changed = images.copy()
    changed[1::2] *= -1
    first, second = after(images), after(changed)
    assert len(first) == 3  # two of the critic, one of the generator
    for a, b in zip(first[0], second[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert any(np.abs(a - b).max() > 1e-6 for a, b in zip(first[1], second[1], strict=True))


def test_a_critic_that_is_linear_with_slope_one_costs_no_penalty():
    model = compiled(wgan_gp, still)
    slope = np.zeros((16 * 16, 1), np.float32)
    slope[3] = 1
    linear = keras.Sequential([keras.Input((16, 16, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    linear.layers[-1].set_weights([slope, np.zeros(1, np.float32)])
    model.critic = linear
    model.compile(generator=still(), critic=still())
    logs = model.train_step({k: tf.constant(v) for k, v in batch().items()})
    np.testing.assert_allclose(logs["gradient_penalty"], 0, atol=1e-10)


@pytest.mark.parametrize("devices", [1, 2])
def test_clipped_weights_stay_within_the_limit(devices, two_devices):
    """On every replica, in a graph, for variables as layers make them; those within keep their bits."""
    strategy = two_devices if devices == 2 else tf.distribute.get_strategy()
    with strategy.scope():
        dense = keras.layers.Dense(3, kernel_initializer="random_normal")
        dense.build((None, 40))
    before = dense.kernel.numpy()
    tf.function(lambda: strategy.run(clip_weights, (dense.trainable_variables, 0.01)))()
    for copy in strategy.experimental_local_results(dense.kernel.value):
        np.testing.assert_array_equal(copy, np.clip(before, np.float32(-0.01), np.float32(0.01)))
    assert 0.05 < np.mean(np.abs(before) <= 0.01) < 0.95


def test_a_gradient_penalty_is_of_the_critic_alone():
    def make(*penalties: R1) -> WGAN:
        return WGAN(mlp.generator(8, 1, 2, (4,)), mlp.discriminator(8, 1, units=(4,)), 1, 10.0, penalties=penalties)

    plain, penalized = compiled(make, still), compiled(lambda: make(R1(1e3)), still)
    images = tf.constant(np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 1)).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(images)
        scores = plain.critic(images, training=True)
    squares = (tape.gradient(scores, images).numpy().astype(np.float64) ** 2).sum((1, 2, 3))
    before, after = (model.train_step({"image": images}) for model in (plain, penalized))
    assert float(after["critic_loss"] - before["critic_loss"]) == pytest.approx(500 * squares.mean(), rel=1e-3)
    assert float(after["generator_loss"]) == float(before["generator_loss"])


def test_a_configuration_with_switches_of_an_earlier_version_is_read():
    model = wgan_of_the_slides()
    config = model.get_config()
    old = {name: config[name] for name in config.keys() - {"penalties"}} | {"historical_averaging": 0.01}
    assert WGAN.from_config(deepcopy(old)).get_config() == config  # Keras writes into what it deserializes
