"""The losses of a discriminator and its generator, against what their papers write."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.objectives import losses


def test_generator_losses_by_name():
    assert losses.GENERATOR_LOSSES["minimax"] is losses.minimax
    assert losses.GENERATOR_LOSSES["non_saturating"] is losses.non_saturating


REAL, FAKE = np.array([-2.0, -0.5, 0.25, 3.0]), np.array([0.5, -3.0, 1.0, 0.0])


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
def test_hinge_loss_with_targets_raises_value_error(targets):
    with pytest.raises(ValueError, match="hinge"):
        losses.GAN_LOSSES["hinge"].discriminator(tf.constant(REAL), tf.constant(FAKE), *targets)
    losses.GAN_LOSSES["hinge"].discriminator(tf.constant(REAL), tf.constant(FAKE), 1, 0)


def test_targets_of_another_rank_than_their_logits_raise_invalid_argument_error():
    """Targets [n] against logits [n, 1] would broadcast to n² pairs."""
    for loss in (losses.discriminator_real_loss, lambda x, target: losses.least_squares_discriminator(x, x, target)):
        with pytest.raises(tf.errors.InvalidArgumentError):
            loss(tf.zeros((4, 1)), tf.ones(4))


def test_adversarial_losses_by_name():
    assert list(losses.GAN_LOSSES) == ["minimax", "non_saturating", "least_squares", "hinge"]
    for name, generator in losses.GENERATOR_LOSSES.items():
        assert losses.GAN_LOSSES[name].generator is generator
    discriminator, generator, _ = losses.GAN_LOSSES["hinge"]
    assert (discriminator, generator) == (losses.hinge_discriminator, losses.wasserstein_generator)


@pytest.mark.parametrize("name", losses.GAN_LOSSES)
def test_gradient_signs_of_discriminator_and_generator_losses(name):
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
def test_energies_over_the_margin_have_no_gradient(margin):
    real, fake = np.array([0.1, 0.4]), np.array([0.25, 1.75])
    energies = tf.constant(fake, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(energies)
        value = losses.energy_discriminator(tf.constant(real), energies, margin)
    np.testing.assert_allclose(value, real.mean() + relu(margin - fake).mean(), rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(value, energies), np.where(fake < margin, -0.5, 0.0))
