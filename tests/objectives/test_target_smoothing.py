"""Targets in, targets out: within their ranges, back after two flips, and none for the generator."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.objectives import losses
from tfgan_models.objectives.target_smoothing import (
    NOISE,
    DiscriminatorTargets,
    TargetOptions,
    add_noise,
    smooth_real,
    swap,
)

UNIFORM = np.random.default_rng(0).uniform(size=(1000, NOISE)).astype(np.float32)


def test_smoothing_is_smooth_real():
    assert smooth_real(DiscriminatorTargets()) == (0.9, 0.0)
    real, fake = smooth_real(DiscriminatorTargets(tf.constant([[1.0], [0.0]]), tf.constant([[0.0], [1.0]])), 0.8)
    np.testing.assert_allclose(real, [[0.8], [0.0]])
    np.testing.assert_array_equal(fake, [[0.0], [1.0]])


@pytest.mark.parametrize("name", losses.GAN_LOSSES)
def test_no_target_reaches_the_generator(name):
    """Its losses take logits and nothing else."""
    assert list(inspect.signature(losses.GAN_LOSSES[name].generator).parameters) in (["fake_logits"], ["fake_scores"])


@pytest.mark.parametrize(("highest", "width", "low"), [(1.0, 0.3, 0.7), (1.2, 0.5, 0.7)])
def test_noisy_targets_fill_their_ranges(highest, width, low):
    real, fake = (np.asarray(t) for t in add_noise(DiscriminatorTargets(highest, 0.0), UNIFORM, width))
    assert real.shape == fake.shape == (1000, 1)
    for targets, lowest in ((real, low), (fake, 0.0)):
        assert lowest <= targets.min() < lowest + 0.01 * width
        assert lowest + 0.99 * width < targets.max() <= lowest + width
        assert targets.mean() == pytest.approx(lowest + width / 2, abs=0.02)
    assert abs(np.corrcoef(real[:, 0], fake[:, 0])[0, 1]) < 0.1  # each has a draw of its own


@pytest.mark.parametrize(
    "targets",
    [DiscriminatorTargets(0.9, 0.1), DiscriminatorTargets(UNIFORM[:, :1], UNIFORM[:, 1:2])],
    ids=["numbers", "n"],
)
@pytest.mark.parametrize("flip", [True, False, UNIFORM[:, 2:] < 0.3], ids=["all", "none", "some"])
def test_flipped_labels_swap_back(flip, targets):
    once = swap(targets, flip)
    for value, there, here in zip(once, reversed(targets), targets, strict=True):
        np.testing.assert_array_equal(value, np.where(flip, np.float32(there), np.float32(here)))
    for value, original in zip(swap(once, flip), targets, strict=True):
        np.testing.assert_array_equal(value, np.broadcast_to(np.float32(original), value.shape))


def test_without_tricks_targets_are_the_plain_numbers():
    assert TargetOptions().targets(tf.constant(3), UNIFORM, tf.constant(True)) == (1.0, 0.0)
    assert TargetOptions(real=0.9).targets(3, UNIFORM) == (0.9, 0.0)


def test_flipping_now_and_then():
    tricks = TargetOptions(real=0.9, swap_every=5, swap_steps=2)
    targets = tf.function(lambda step: tuple(tricks.targets(step, UNIFORM)))
    seen = [tuple(float(t) for t in targets(tf.constant(step, tf.int64))) for step in range(10)]
    np.testing.assert_allclose(seen, 2 * ([(0.9, 0.0)] * 3 + [(0.0, 0.9)] * 2))


def test_flipping_by_chance_exchanges_an_examples_noisy_targets():
    steady = TargetOptions(noise=0.3).targets(0, UNIFORM)
    chance = TargetOptions(noise=0.3, swap_chance=0.2).targets(0, UNIFORM)
    mask = UNIFORM[:, 2:] < 0.2
    assert 0.15 < mask.mean() < 0.25
    np.testing.assert_array_equal(chance.real, np.where(mask, steady.fake, steady.real))
    np.testing.assert_array_equal(chance.fake, np.where(mask, steady.real, steady.fake))


def test_flipping_while_the_discriminator_is_should_swap():
    tricks = TargetOptions(swap_when_accuracy=0.9)
    for accuracy, expected in ((0.95, (0.0, 1.0)), (0.9, (1.0, 0.0)), (0.5, (1.0, 0.0))):
        strong = tricks.should_swap(tf.constant(accuracy))
        assert tuple(map(float, tricks.targets(0, UNIFORM, strong))) == expected
    assert not TargetOptions().should_swap(tf.constant(1.0))


def test_flips_do_not_cancel():
    tricks = TargetOptions(swap_every=1, swap_chance=1.0, swap_when_accuracy=0.9)
    for value, expected in zip(tricks.targets(0, UNIFORM, True), (0.0, 1.0), strict=True):
        np.testing.assert_array_equal(value, np.full((1000, 1), expected))


def test_the_configuration_round_trips():
    tricks = TargetOptions(real=0.9, noise=0.2, swap_every=7, swap_steps=3, swap_chance=0.1, swap_when_accuracy=0.8)
    assert keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(tricks)) == tricks
    assert TargetOptions.from_config(tricks.get_config()) == tricks


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("real", 0.0),
        ("noise", -0.1),
        ("noise", 1.1),
        ("swap_every", -1),
        ("swap_steps", 0),
        ("swap_steps", 2),
        ("swap_chance", 1.5),
        ("swap_when_accuracy", 95),
    ],
)
def test_values_out_of_range_are_refused(option, value):
    with pytest.raises(InputError, match=f"{option} {value}: give .*") as caught:
        TargetOptions(**{option: value})
    assert "\n" not in str(caught.value)
