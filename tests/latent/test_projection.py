"""Projection: planted latents come back, losses equal their definition, and the descent repeats for a seed."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import MODELS
from tfgan_models import GAN, InputError
from tfgan_models.latent.projection import Descent, Projector
from tfgan_models.objectives import refinement

SIZE = 4  # of latents
MATRIX = np.linalg.qr(np.random.default_rng(0).normal(size=(3 * 3, SIZE)))[0].T.astype(np.float32)
STARTS = np.random.default_rng(1).normal(size=(3, SIZE)).astype(np.float32)
PLANTED = np.array([[0.5, -1.0, 0.2, 0.8]], np.float32)


def generate(latents):
    return tf.reshape(tf.tanh(latents @ MATRIX), (-1, 3, 3, 1))


def features(images):
    return tf.reduce_mean(images, (2, 3))


def vivid_gan() -> GAN:
    """A small GAN whose images differ, with larger weights than those at the start of a training."""
    model = MODELS["gan"]()
    for variable in model.generator.trainable_variables:
        if variable.name == "kernel":
            variable.assign(15 * variable)
    return model


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_a_planted_latent_is_recovered(weight):
    projector = Projector(generate, np.ones(SIZE), Descent(500, feature_weight=weight), features)
    picture = generate(PLANTED).numpy()[0]
    found = projector(picture, STARTS)
    np.testing.assert_allclose(found.latents, np.tile(PLANTED, (3, 1)), atol=1e-3)
    assert (np.diff(found.losses) >= 0).all() and found.losses[-1] < 1e-7


def test_a_planted_latent_of_a_generator_is_recovered():
    model = vivid_gan()
    picture = np.asarray(model.generate(np.full((1, model.generator.input_shape[-1]), 0.3, np.float32)))[0]
    assert picture.std() > 0.1
    starts = np.asarray(model.prior.sample(4, seed=(0, 3)))
    projector = Projector(model.generate, np.ones(starts.shape[1]), Descent(200))
    before = projector.losses(tf.constant(starts), tf.constant(picture)).numpy()
    assert projector(picture, starts).losses[0] < before.min() / 100


def test_losses_are_those_of_pixels_and_features():
    projector = Projector(generate, np.ones(SIZE), Descent(feature_weight=0.5), features)
    picture = np.random.default_rng(2).uniform(-1, 1, (3, 3, 1)).astype(np.float32)
    images = generate(STARTS).numpy()
    wanted = picture.mean((1, 2))
    distances = np.square(images.mean((2, 3)) - wanted).mean(1) / np.square(wanted).mean()
    expected = np.square(images - picture).mean((1, 2, 3)) + 0.5 * distances
    losses = projector.losses(tf.constant(STARTS), tf.constant(picture)).numpy()
    np.testing.assert_allclose(losses, expected, rtol=1e-5)


def test_the_descent_repeats_for_a_seed_also_after_another_picture():
    pictures = np.random.default_rng(2).uniform(-1, 1, (2, 3, 3, 1)).astype(np.float32)

    def project(seed, *, before=False):
        projector = Projector(generate, np.ones(SIZE), Descent(20, seed=seed))
        if before:
            projector(pictures[1], -STARTS)
        return projector(pictures[0], STARTS).latents

    np.testing.assert_array_equal(project(0), project(0))
    np.testing.assert_array_equal(project(0), project(0, before=True))
    assert np.abs(project(0) - project(1)).max() > 1e-5


def test_dimensions_without_deviation_do_not_move():
    deviation = np.array([0, 1, 1, 0])
    found = Projector(generate, deviation, Descent(20))(generate(PLANTED).numpy()[0], STARTS[:1])
    np.testing.assert_array_equal(found.latents[0, [0, 3]], STARTS[0, [0, 3]])
    assert (found.latents[0, [1, 2]] != STARTS[0, [1, 2]]).all()


def test_every_step_is_reported_and_starts_are_checked():
    calls = []
    projector = Projector(generate, np.ones(SIZE), Descent(7))
    projector(generate(PLANTED).numpy()[0], STARTS, lambda: calls.append(1))
    assert len(calls) == 7
    with pytest.raises(InputError, match=r"starts of shape \[3, 2\]: give \[r, 4\]"):
        projector(generate(PLANTED).numpy()[0], STARTS[:, :2])
    with pytest.raises(InputError, match="starts: give 3 as before, not 1"):
        projector(generate(PLANTED).numpy()[0], STARTS[:1])


def test_rates_are_in_units_of_the_deviation_of_latents():
    rates, steps = [], 40
    projector = Projector(generate, np.array([2.0, 2.0, 2.0, 0.0]), Descent(steps, learning_rate=0.1))
    projector(generate(PLANTED).numpy()[0], STARTS, lambda: rates.append(float(projector._optimizer.learning_rate)))
    np.testing.assert_allclose(rates, [0.2 * refinement.rate(step, steps) for step in range(steps)], rtol=1e-5)


def test_blurred_differences_count_what_is_coarse():
    fine = np.where(np.indices((3, 3)).sum(0) % 2, 0.1, -0.1)[..., None].astype(np.float32)
    picture = generate(PLANTED).numpy()[0]
    for deviation, expected in ((0.0, 0.01), (1.0, np.square(refinement.blurred(fine[None], 1.0)).mean())):
        projector = Projector(generate, np.ones(SIZE), Descent(feature_weight=0, blur=deviation))
        losses = projector.losses(tf.constant(PLANTED), tf.constant(picture + fine))
        np.testing.assert_allclose(losses, [expected], rtol=1e-4)
    assert expected < 1e-3


def test_each_code_is_refined_towards_its_own_picture():
    pictures = generate(np.random.default_rng(4).normal(size=(3, SIZE)).astype(np.float32)).numpy()
    deviation = np.array([1, 1, 1, 0], np.float32)
    projector = Projector(generate, deviation, Descent(100, feature_weight=0))
    refined = projector.refine(pictures, STARTS)
    before, after = (np.square(generate(latents).numpy() - pictures).mean((1, 2, 3)) for latents in (STARTS, refined))
    assert (after < before / 2).all()
    np.testing.assert_array_equal(refined[:, 3], STARTS[:, 3])
    np.testing.assert_array_equal(projector.refine(pictures, STARTS), refined)
    other = projector.refine(np.concatenate([pictures[:2], pictures[:1]]), STARTS)
    np.testing.assert_allclose(other[:2], refined[:2], atol=1e-6)  # whatever the others are
