"""Each loss against a number worked out in float64."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.layers.test_replicas import by_replica
from tfgan_models.objectives import losses

LOGITS = np.array([-2.0, -0.5, 0.25, 3.0])
SURE = np.array([-1e4, -200.0, 200.0, 1e4])


def log_sigmoid(x: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0, -x)


def log_not_sigmoid(x: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0, x)


# For each loss of logits what the paper writes.
OF_LOGITS = {
    losses.discriminator_real_loss: lambda x: -log_sigmoid(x).mean(),
    losses.discriminator_fake_loss: lambda x: -log_not_sigmoid(x).mean(),
    losses.minimax: lambda x: log_not_sigmoid(x).mean(),
    losses.non_saturating: lambda x: -log_sigmoid(x).mean(),
}


@pytest.fixture(params=OF_LOGITS, ids=lambda loss: loss.__name__)
def loss(request):
    return request.param


@pytest.mark.parametrize("shape", [(4,), (4, 1), (2, 2)])
def test_loss_of_four_logits(loss, shape):
    np.testing.assert_allclose(loss(tf.constant(LOGITS.reshape(shape))), OF_LOGITS[loss](LOGITS), rtol=1e-6)


def test_extreme_logits_stay_finite_with_finite_gradients(loss):
    logits = tf.constant(SURE, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(logits)
    np.testing.assert_allclose(value, OF_LOGITS[loss](SURE), rtol=1e-6)
    assert np.abs(tape.gradient(value, logits)).max() <= 0.25 + 1e-6


def test_bfloat16_logits_are_summed_in_float32(loss):
    logits = tf.cast(np.tile(LOGITS, 1000), tf.bfloat16)  # all four are exact in bfloat16
    value = loss(logits)
    assert value.dtype == tf.float32
    np.testing.assert_allclose(value, OF_LOGITS[loss](LOGITS), rtol=1e-5)


@pytest.mark.parametrize("target", [0.0, 0.9, 1.0, np.array([0.0, 1.0, 0.3, 1.0])], ids=str)
def test_cross_entropy(target):
    expected = -(target * log_sigmoid(LOGITS) + (1 - target) * log_not_sigmoid(LOGITS)).mean()
    np.testing.assert_allclose(losses.cross_entropy(target, tf.constant(LOGITS)), expected, rtol=1e-6)


def test_generator_losses_are_found_by_name():
    assert losses.GENERATOR_LOSSES["minimax"] is losses.minimax
    assert losses.GENERATOR_LOSSES["non_saturating"] is losses.non_saturating


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
@pytest.mark.parametrize("shape", [(4, 3), (4, 2, 2, 3)])
def test_squared_error_sums_over_an_example_and_averages_over_examples(shape, dtype):
    random = np.random.default_rng(0)
    target, output = (tf.cast(random.normal(size=shape), dtype) for _ in range(2))
    difference = (tf.cast(target, tf.float64) - tf.cast(output, tf.float64)).numpy()
    by_example = [0.5 * np.sum(example**2) for example in difference]
    value = losses.squared_error(target, output)
    assert value.dtype == tf.float32
    np.testing.assert_allclose(value, np.mean(by_example), rtol=1e-6)


def test_pixel_error_is_the_mean_over_everything():
    target, output = np.zeros((2, 2, 2, 3)), np.full((2, 2, 2, 3), 0.5)
    output[0] = -1.5
    assert float(losses.pixel_error(target, output)) == pytest.approx((0.25 + 2.25) / 2)
    assert losses.pixel_error(tf.cast(target, tf.bfloat16), tf.cast(output, tf.bfloat16)).dtype == tf.float32


@pytest.mark.parametrize(
    ("real", "fake", "expected"),
    [
        ([1, 2, 3, 4], [-1, -2, -3, -4], 1.0),
        ([-1, -2, -3, -4], [1, 2, 3, 4], 0.0),
        ([1, 1, 1, -1], [1, 1, -1, -1], (0.75 + 0.5) / 2),
        ([1], [-1, -1, -1, 1], (1 + 0.75) / 2),  # each side weighs a half, however many there are
    ],
)
def test_accuracy(real, fake, expected):
    for dtype in (tf.float32, tf.bfloat16):
        value = losses.accuracy(tf.cast(real, dtype), tf.cast(fake, dtype))
        assert value.dtype == tf.float32
        assert float(value) == pytest.approx(expected)


# The losses of two opponents.

REAL, FAKE = LOGITS, np.array([0.5, -3.0, 1.0, 0.0])


def softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, x)


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


# For each loss of real and fake values what its paper writes.
OF_PAIRS = {
    losses.cross_entropy_discriminator: lambda r, f: softplus(-r).mean() + softplus(f).mean(),
    losses.least_squares_discriminator: lambda r, f: 0.5 * ((r - 1) ** 2).mean() + 0.5 * (f**2).mean(),
    losses.hinge_discriminator: lambda r, f: relu(1 - r).mean() + relu(1 + f).mean(),
    losses.wasserstein_critic: lambda r, f: f.mean() - r.mean(),
    losses.relativistic_discriminator: lambda r, f: softplus(-(r - f)).mean(),
    losses.relativistic_generator: lambda r, f: softplus(-(f - r)).mean(),
}
OF_FAKES = {
    losses.least_squares_generator: lambda f: 0.5 * ((f - 1) ** 2).mean(),
    losses.wasserstein_generator: lambda f: -f.mean(),
    losses.energy_generator: lambda f: f.mean(),
}
SHAPES_AND_TYPES = pytest.mark.parametrize(
    ("shape", "dtype"), [((4,), tf.float32), ((4, 1), tf.float32), ((4, 1), tf.bfloat16)], ids=str
)


@SHAPES_AND_TYPES
@pytest.mark.parametrize("loss", OF_PAIRS, ids=lambda loss: loss.__name__)
def test_loss_of_real_and_fake(loss, shape, dtype):
    value = loss(*(tf.cast(x.reshape(shape), dtype) for x in (REAL, FAKE)))  # all are exact in bfloat16
    assert value.dtype == tf.float32 and value.shape == ()
    np.testing.assert_allclose(value, OF_PAIRS[loss](REAL, FAKE), rtol=1e-6)


@SHAPES_AND_TYPES
@pytest.mark.parametrize("loss", OF_FAKES, ids=lambda loss: loss.__name__)
def test_loss_of_fakes(loss, shape, dtype):
    value = loss(tf.cast(FAKE.reshape(shape), dtype))
    assert value.dtype == tf.float32 and value.shape == ()
    np.testing.assert_allclose(value, OF_FAKES[loss](FAKE), rtol=1e-6)


TARGETS = [(0.9, 0.0), (0.0, 1.0), (np.array([1.0, 0.8, 0.0, 0.9]), np.array([0.0, 0.1, 1.0, 0.3]))]


@pytest.mark.parametrize(("real", "fake"), TARGETS, ids=str)
@pytest.mark.parametrize("name", ["minimax", "non_saturating", "least_squares"])
def test_discriminators_take_targets(name, real, fake):
    if name == "least_squares":
        expected = 0.5 * ((REAL - real) ** 2).mean() + 0.5 * ((FAKE - fake) ** 2).mean()
    else:
        expected = sum((t * softplus(-x) + (1 - t) * softplus(x)).mean() for t, x in ((real, REAL), (fake, FAKE)))
    logits = [tf.constant(x[:, np.newaxis]) for x in (REAL, FAKE)]
    targets = [np.reshape(t, (-1, 1)) if np.ndim(t) else t for t in (real, fake)]
    np.testing.assert_allclose(losses.GAN_LOSSES[name].discriminator(*logits, *targets), expected, rtol=1e-6)


@pytest.mark.parametrize("targets", [(0.9, 0.0), (1.0, 0.1), (0.0, 1.0), (tf.ones((4, 1)), 0.0)], ids=str)
def test_the_hinge_refuses_targets(targets):
    with pytest.raises(ValueError, match="hinge"):
        losses.GAN_LOSSES["hinge"].discriminator(tf.constant(REAL), tf.constant(FAKE), *targets)
    losses.GAN_LOSSES["hinge"].discriminator(tf.constant(REAL), tf.constant(FAKE), 1, 0)


def test_a_target_for_each_example_must_fit_its_logits():
    """Targets [n] against logits [n, 1] would broadcast to n² pairs."""
    for loss in (losses.discriminator_real_loss, lambda x, target: losses.least_squares_discriminator(x, x, target)):
        with pytest.raises(tf.errors.InvalidArgumentError):
            loss(tf.zeros((4, 1)), tf.ones(4))


def test_opponents_are_found_by_name():
    assert list(losses.GAN_LOSSES) == ["minimax", "non_saturating", "least_squares", "hinge"]
    for name, generator in losses.GENERATOR_LOSSES.items():
        assert losses.GAN_LOSSES[name].generator is generator
    discriminator, generator, _ = losses.GAN_LOSSES["hinge"]
    assert (discriminator, generator) == (losses.hinge_discriminator, losses.wasserstein_generator)


@pytest.mark.parametrize("name", losses.GAN_LOSSES)
def test_opponents_pull_a_fake_apart(name):
    """For an undecided discriminator: down for itself, up for the generator; and a real image up."""
    real, fake = tf.zeros((3, 1)), tf.zeros((3, 1))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        discriminator = losses.GAN_LOSSES[name].discriminator(real, fake)
        generator = losses.GAN_LOSSES[name].generator(fake)
    if name == "least_squares":  # its fakes belong at 0
        assert not np.any(tape.gradient(discriminator, fake))
    else:
        assert np.all(tape.gradient(discriminator, fake) > 0)
    assert np.all(tape.gradient(discriminator, real) < 0)
    assert np.all(tape.gradient(generator, fake) < 0)


@pytest.mark.parametrize("margin", [0.5, 2.0])
def test_energies_over_the_margin_are_left_alone(margin):
    real, fake = np.array([0.1, 0.4]), np.array([0.25, 1.75])
    energies = tf.constant(fake, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(energies)
        value = losses.energy_discriminator(tf.constant(real), energies, margin)
    np.testing.assert_allclose(value, real.mean() + relu(margin - fake).mean(), rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(value, energies), np.where(fake < margin, -0.5, 0.0))


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
@pytest.mark.parametrize("shape", [(6, 5), (6, 2, 2, 3)], ids=str)
def test_feature_matching_is_the_distance_of_the_means(shape, dtype):
    random = np.random.default_rng(0)
    real, fake = (tf.cast(random.normal(size=(n, *shape[1:])), dtype) for n in (6, 4))
    difference = np.asarray(tf.cast(real, tf.float64)).mean(0) - np.asarray(tf.cast(fake, tf.float64)).mean(0)
    value = losses.feature_matching(real, fake)
    assert value.dtype == tf.float32
    np.testing.assert_allclose(value, np.sum(difference**2), rtol=1e-5)


def test_relative_error_is_a_share_of_the_variance():
    random = np.random.default_rng(0)
    target = random.normal(2, 3, size=(6, 4, 4, 5))
    mean = np.broadcast_to(target.mean(0), target.shape)
    assert losses.relative_error(target, target, 48) == 0
    np.testing.assert_allclose(losses.relative_error(target, mean, 48), 24, rtol=1e-5)
    output = random.normal(size=target.shape)
    expected = 24 * np.mean((target - output) ** 2) / target.var(0).mean()
    np.testing.assert_allclose(losses.relative_error(target, output, 48), expected, rtol=1e-5)
    np.testing.assert_allclose(losses.relative_error(7 * target, 7 * output, 48), expected, rtol=1e-5)


def test_relative_error_of_features_that_are_all_the_same_is_finite():
    assert np.isfinite(losses.relative_error(np.ones((4, 3)), np.zeros((4, 3)), 3))


def test_relative_error_has_no_gradient_by_the_variance():
    random = np.random.default_rng(0)
    target, output = (tf.constant(random.normal(size=(6, 5)), tf.float32) for _ in range(2))
    with tf.GradientTape() as tape:
        tape.watch(target)
        error = losses.relative_error(target, output, 10)
    expected = 10 * (target - output) / (30 * np.mean(np.var(target, 0)))
    np.testing.assert_allclose(tape.gradient(error, target), expected, rtol=1e-4)


def test_feature_matching_of_two_replicas_is_that_of_one(two_devices):
    """Value and gradient; a replica's gradient is halved and summed by the optimizer's step."""
    random = np.random.default_rng(0)
    real, fake = (random.normal(size=(8, 5)).astype(np.float32) for _ in range(2))

    def value_and_gradient(real, fake):
        with tf.GradientTape() as tape:
            tape.watch(fake)
            value = losses.feature_matching(real, fake)
        return tf.concat([tf.fill((1, 5), value), tape.gradient(value, fake)], 0)

    alone = value_and_gradient(tf.constant(real), tf.constant(fake)).numpy()
    answers = by_replica(two_devices, value_and_gradient, real, fake)
    for answer in answers:
        np.testing.assert_allclose(answer[0], alone[0], rtol=1e-5)
    np.testing.assert_allclose(np.concatenate([a[1:] for a in answers]) / 2, alone[1:], rtol=1e-4, atol=1e-6)
