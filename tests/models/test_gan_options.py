"""Options of a GAN: each technique against a plain recomputation of the step that it changes."""

from __future__ import annotations

import zlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import BATCH, CHANNELS, LATENT, SIZE, WIDTH, batch, compiled, values
from tfgan_models import GAN, R1, DiffAugment, HistoricalAverage, TargetOptions
from tfgan_models.layers.virtual_batch_normalization import virtual_batch
from tfgan_models.networks import dcgan
from tfgan_models.objectives import augmentation

NONE = {"normalization": "none"}


def make(discriminator: dict | None = None, generator: dict | None = None, **options) -> GAN:
    return GAN(
        dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH, **(generator or {})),
        dcgan.discriminator(SIZE, CHANNELS, width=WIDTH, **(discriminator or {})),
        **options,
        seed=5,
    )


def still(**options) -> GAN:
    return compiled(lambda: make(**options), lambda: keras.optimizers.SGD(0.0))


def step(model: GAN, number: int = 0) -> dict[str, np.ndarray]:
    model.reset_metrics()  # or the logs are means over all steps so far
    logs = model.train_step({k: tf.constant(v) for k, v in batch(number).items()})
    return {name: float(value) for name, value in logs.items()}


def latents(model: GAN, part: int = 0, examples: int = BATCH) -> tf.Tensor:
    return model.noise(f"prior-{part}", examples, (LATENT,))


def uniform(model: GAN, purpose: str, numbers: int) -> np.ndarray:
    return model.noise(purpose, BATCH, (numbers,), tf.random.stateless_uniform)


def cross_entropy(target, logits: np.ndarray) -> float:
    return (target * np.logaddexp(0, -logits) + (1 - target) * np.logaddexp(0, logits)).mean()


def logits(model: GAN, fakes=None) -> tuple[np.ndarray, np.ndarray]:
    fakes = model.generator(latents(model), training=True) if fakes is None else fakes
    pair = (model.discriminator(x, training=True) for x in (batch()["image"], fakes))
    return tuple(x.numpy().astype(np.float64) for x in pair)


def test_smoothing_changes_the_discriminator_s_target_and_not_the_generator_s():
    model = still(targets=TargetOptions(0.9))
    real, fake = logits(model)
    logs = step(model)
    assert logs["discriminator_loss"] == pytest.approx(cross_entropy(0.9, real) + cross_entropy(0, fake), rel=1e-5)
    assert logs["generator_loss"] == pytest.approx(cross_entropy(1, fake), rel=1e-5)


def test_noisy_labels_are_drawn_for_each_image():
    model = still(targets=TargetOptions(noise=0.3))
    real, fake = logits(model)
    noise = uniform(model, "labels-0", 3).numpy()
    logs = step(model)
    expected = cross_entropy(1 - 0.3 * noise[:, :1], real) + cross_entropy(0.3 * noise[:, 1:2], fake)
    assert logs["discriminator_loss"] == pytest.approx(expected, rel=1e-5)


def test_labels_flip_now_and_then_and_flip_back():
    model = still(targets=TargetOptions(swap_every=3))
    for number in range(6):
        real, fake = logits(model)
        flipped = number % 3 == 2
        expected = cross_entropy(1 - flipped, real) + cross_entropy(flipped, fake)
        logs = step(model)
        assert logs["discriminator_loss"] == pytest.approx(expected, rel=1e-5)
        assert logs["generator_loss"] == pytest.approx(cross_entropy(1, fake), rel=1e-5)


def test_labels_flip_while_the_discriminator_is_too_strong():
    """A discriminator that is always right: its running accuracy passes 0.7 after five steps."""
    model = still(targets=TargetOptions(swap_when_accuracy=0.7), discriminator=NONE)
    for variable in model.discriminator.layers[-1].variables:
        variable.assign(tf.zeros_like(variable))
    discriminator, answers = model.discriminator_with_features, iter(range(16))

    def always_right(images, training):
        """Real images are asked about first."""
        return discriminator(images, training=training) + (9.0 if next(answers) % 2 == 0 else -9.0)

    model.discriminator_with_features = always_right
    running = 0.5
    for number in range(8):
        flipped = running > 0.7
        logs = step(model, number)
        assert logs["discriminator_loss"] == pytest.approx(2 * np.logaddexp(0, 9 if flipped else -9), rel=1e-3)
        assert logs["discriminator_accuracy"] == 1
        running = 0.9 * running + 0.1
        assert float(model.running_accuracy.value) == pytest.approx(running, rel=1e-5)
    assert flipped


def test_a_joined_batch_shares_its_statistics():
    model, images = still(concat_real_fake=True), batch()["image"]
    fakes = model.generator(latents(model), training=True)
    together = model.discriminator(tf.concat([images, fakes], 0), training=True).numpy()
    apart = logits(model, fakes)
    logs = step(model)
    assert logs["generator_loss"] == pytest.approx(cross_entropy(1, together[BATCH:]), rel=1e-5)
    assert abs(logs["generator_loss"] - cross_entropy(1, apart[1])) > 1e-4


def test_feature_matching_compares_batch_means():
    model = still(feature_matching="features")
    features = keras.Model(model.discriminator.input, model.discriminator.get_layer("features").output)
    fakes = model.generator(latents(model), training=True)
    means = [features(x, training=True).numpy().astype(np.float64).mean(0) for x in (batch()["image"], fakes)]
    real, fake = logits(model, fakes)
    logs = step(model)
    assert logs["generator_loss"] == pytest.approx(((means[0] - means[1]) ** 2).sum(), rel=1e-4)
    assert logs["discriminator_loss"] == pytest.approx(cross_entropy(1, real) + cross_entropy(0, fake), rel=1e-5)


def test_r1_is_half_gamma_times_the_squared_slope_on_real_images():
    plain, penalized = still(discriminator=NONE), still(discriminator=NONE, penalties=[R1(3e5)])
    images = tf.constant(batch()["image"])
    with tf.GradientTape() as tape:
        tape.watch(images)
        scores = plain.discriminator(images, training=True)
    squares = (tape.gradient(scores, images).numpy().astype(np.float64) ** 2).sum((1, 2, 3))
    before, after = step(plain), step(penalized)
    assert after["discriminator_loss"] - before["discriminator_loss"] == pytest.approx(1.5e5 * squares.mean(), rel=1e-3)
    assert after["generator_loss"] == before["generator_loss"]


def test_historical_averaging_adds_each_player_s_distance_from_its_own_mean():
    """Of the weights at this step and all before, for a step of SGD that moves them."""
    model, plain = (
        compiled(
            lambda weight=weight: make(penalties=[HistoricalAverage(weight)] if weight else []),
            lambda: keras.optimizers.SGD(0.1),
        )
        for weight in (0.5, 0.0)
    )
    starts = {player: values(model.variables_of(player)) for player in model.players}
    step(model)
    step(plain)  # the same step: at the first all weights are their own mean
    distances = {
        player: sum(
            ((now - start) ** 2).sum() / 4 for now, start in zip(values(model.variables_of(player)), s, strict=True)
        )
        for player, s in starts.items()
    }
    with_it, without = step(model, 1), step(plain, 1)
    for player, distance in distances.items():
        # The mean of two points is half their distance from each.
        assert with_it[f"{player}_loss"] - without[f"{player}_loss"] == pytest.approx(0.5 * distance, rel=0.02)
        assert distance > 0


def test_augmentation_changes_both_and_reaches_the_generator():
    model = still(augment=DiffAugment("color,translation,cutout"))
    fakes = model.generator(latents(model), training=True)
    seen = [
        augmentation.augment(x, uniform(model, f"augmentation-{kind}-0", 7), "color,translation,cutout")
        for kind, x in (("real", tf.constant(batch()["image"])), ("fake", fakes))
    ]
    real, fake = (model.discriminator(x, training=True).numpy().astype(np.float64) for x in seen)
    logs = step(model)
    assert logs["discriminator_loss"] == pytest.approx(cross_entropy(1, real) + cross_entropy(0, fake), rel=1e-5)
    assert logs["generator_loss"] == pytest.approx(cross_entropy(1, fake), rel=1e-5)
    assert logs["generator_gradient"] > 0


def test_k_steps_of_the_discriminator_and_one_of_the_generator():
    """Each on its own rows and noise: the same as by hand."""
    model, plain = (
        compiled(lambda k=k: make(discriminator_steps=k), lambda: keras.optimizers.SGD(0.1)) for k in (2, 1)
    )
    assert model.minibatches == 2
    images = batch(examples=2 * BATCH)["image"]
    moved = []
    apply = model.apply
    model.apply = lambda gradients, gates=None: (moved.append(sorted(gradients)), apply(gradients, gates))[1]
    model.train_step({"image": tf.constant(images)})
    assert moved == [["discriminator"], ["discriminator", "generator"]]

    before = values(plain.variables_of("generator"))
    noise = [model_noise for model_noise in (plain.noise(f"prior-{t}", BATCH, (LATENT,)) for t in range(2))]
    for t in range(2):
        with tf.GradientTape(persistent=True) as tape:
            fake = plain.discriminator(plain.generator(noise[t], training=True), training=True)
            real = plain.discriminator(images[t::2], training=True)
            loss = tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake))
            generator_loss = tf.reduce_mean(tf.nn.softplus(-fake))
        generator_gradients = tape.gradient(generator_loss, plain.variables_of("generator"))
        plain.optimizers["discriminator"].apply(tape.gradient(loss, plain.variables_of("discriminator")))
    for a, b in zip(model.variables_of("discriminator"), plain.variables_of("discriminator"), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-6, err_msg=a.path)
    for now, start, gradient in zip(model.variables_of("generator"), before, generator_gradients, strict=True):
        np.testing.assert_allclose(now.numpy(), start - 0.1 * gradient, atol=1e-6, err_msg=now.path)


def test_virtual_batch_normalization_refers_to_the_same_latents_at_every_step():
    model = still(generator={"normalization": "virtual"})
    reference = model.prior.sample(64, seed=(5, zlib.crc32(b"reference")))
    generator = keras.Model(model.generator.input, model.generator.output)  # which does not run it by itself
    for number in range(2):
        with virtual_batch(generator, reference):
            fakes = generator(latents(model), training=True)
        _, fake = logits(model, fakes)
        assert step(model, number)["generator_loss"] == pytest.approx(cross_entropy(1, fake), rel=1e-4)
    # Afterwards the generator keeps those statistics: an image depends on its own latent alone.
    some = latents(model)
    np.testing.assert_allclose(model.generate(some)[:2], model.generate(some[:2]), atol=1e-5)
