"""A target over 0 for fakes, and why Salimans et al. advise against it."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.models.test_gan_options import cross_entropy, logits, step, still
from tfgan_models import InputError, TargetOptions, losses


def test_the_discriminator_s_loss_is_that_of_both_targets_and_the_generator_s_is_unchanged():
    model = still(targets=TargetOptions(0.9, fake=0.1))
    real, fake = logits(model)
    logs = step(model)
    assert logs["discriminator_loss"] == pytest.approx(cross_entropy(0.9, real) + cross_entropy(0.1, fake), rel=1e-5)
    assert logs["generator_loss"] == pytest.approx(cross_entropy(1, fake), rel=1e-5)


def test_noise_raises_the_fake_target():
    noise = np.array([[0.5, 0.25, 0.0]], np.float32)
    targets = TargetOptions(0.9, 0.2, fake=0.1).targets(0, tf.constant(noise))
    np.testing.assert_allclose([*targets.real, *targets.fake], [[0.8], [0.15]], rtol=1e-6)


@pytest.mark.parametrize("fake", [0.0, 0.1])
def test_the_optimum_is_the_fake_target_where_there_are_fakes_and_no_data(fake):
    """Three places with shares 0.5, 0.5, 0 of the data and 0.25, 0.25, 0.5 of the fakes: D = (αp + βq) / (p + q)."""
    expected = (0.9 * np.array([0.5, 0.5, 0]) + fake * np.array([0.25, 0.25, 0.5])) / np.array([0.75, 0.75, 0.5])
    expected = np.maximum(expected, 1e-6)
    scores = tf.constant(np.log(expected / (1 - expected)), tf.float32)
    targets = TargetOptions(0.9, fake=fake).targets(0, tf.zeros((1, 3)))
    with tf.GradientTape() as tape:
        tape.watch(scores)
        real, fakes = tf.gather(scores, [0, 0, 1, 1]), tf.gather(scores, [0, 1, 2, 2])
        loss = losses.GAN_LOSSES["non_saturating"].discriminator(real[:, None], fakes[:, None], *targets)
    # The loss is convex in the scores.
    np.testing.assert_allclose(tf.convert_to_tensor(tape.gradient(loss, scores)), np.zeros(3), atol=2e-6)
    assert expected[2] == pytest.approx(fake, abs=1e-6)


@pytest.mark.parametrize("fake", [-0.1, 0.9, 1.0])
def test_a_fake_target_that_cannot_be_is_refused(fake):
    with pytest.raises(InputError, match=rf"^fake {fake}: give a target from 0") as error:
        TargetOptions(0.9, fake=fake)
    assert error.value.argument == "fake"
