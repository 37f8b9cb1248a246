"""Minibatch discrimination in the improved GAN: losses against NumPy, separate batches, and what it is for."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.network_tricks import improved_gan
from tests.models.small import BATCH, CHANNELS, CLASSES, LATENT, SIZE, batch, compiled
from tests.models.test_improved_gan import expected_losses
from tests.objectives.test_semi_supervised import softmax
from tfgan_models import ImprovedGAN, networks
from tfgan_models.networks import blocks, mlp


def classifier(minibatch_discrimination: bool) -> keras.Model:
    """Without noise."""
    images = keras.Input((SIZE, SIZE, CHANNELS))
    features = keras.layers.Dense(8, "tanh", name="features")(keras.layers.Flatten()(images))
    logits = keras.layers.Dense(CLASSES)(features)
    return keras.Model(images, blocks.class_logits(features, logits, minibatch_discrimination, 0.1))


def without_noise(minibatch_discrimination: bool = True) -> ImprovedGAN:
    generator = mlp.generator(SIZE, CHANNELS, LATENT, (16,))
    return ImprovedGAN(generator, classifier(minibatch_discrimination), unlabelled_weight=0.7, seed=5)


def test_losses_are_those_of_numpy_with_a_batch_for_each_kind_of_images():
    model, step = compiled(without_noise), batch()
    fakes = {}
    for purpose in ("discriminator", "generator"):
        latents = model.noise(purpose, BATCH, (LATENT,), tf.random.stateless_uniform)
        fakes[purpose] = model.generator(latents).numpy()
    labelled, real, fake, judged = (
        model.discriminator(images).numpy().astype(np.float64)
        for images in (step["labelled_image"], step["image"], fakes["discriminator"], fakes["generator"])
    )
    of_labels, of_others = expected_losses(step["label"], labelled, real, fake)
    for optimizer in model.optimizers.values():
        optimizer.learning_rate = 0.0
    logs = model.train_step({k: tf.constant(v) for k, v in step.items()})
    np.testing.assert_allclose(logs["labelled_loss"], of_labels, rtol=1e-5)
    np.testing.assert_allclose(logs["unlabelled_loss"], of_others, rtol=1e-5)
    np.testing.assert_allclose(logs["generator_loss"], -np.log(1 - softmax(judged)[:, -1]).mean(), rtol=1e-5)
    both = model.discriminator(np.concatenate([step["image"], fakes["discriminator"]])).numpy()
    assert np.abs(both[:BATCH] - real).max() > 1e-4  # the statistic of one batch would differ


@pytest.mark.parametrize("family", networks.CLASSIFYING)
def test_the_layer_moves_the_logit_of_being_real_alone(family):
    """Class probabilities of an image are those without its batch."""
    keras.utils.set_random_seed(1)
    make = networks.network_module(family)
    network = make.discriminator(SIZE, CHANNELS, CLASSES, width=1 / 16, minibatch_discrimination=True)
    images = np.tile(batch()["image"][:1], (BATCH, 1, 1, 1))
    alone, alike = network(images[:1]).numpy()[0], network(images).numpy()[0]
    assert np.abs(alone - alike).max() > 0.01
    np.testing.assert_allclose(alone - alone.mean(), alike - alike.mean(), atol=1e-5)
    assert network.output.dtype == "float32"
    plain = make.discriminator(SIZE, CHANNELS, CLASSES, width=1 / 16)
    assert len(network.trainable_variables) == len(plain.trainable_variables) + 3


def test_a_network_without_the_layer_matches_features():
    assert improved_gan().separate_passes
    assert not without_noise(False).separate_passes


def accuracy_against_one_image(minibatch_discrimination: bool) -> float:
    """Of a discriminator against a generator whose only image is one of the two of the data."""
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    pictures = random.uniform(-1, 1, (2, SIZE, SIZE, CHANNELS)).astype(np.float32)
    latents = keras.Input((LATENT,))
    image = keras.layers.Dense(pictures[0].size, kernel_initializer="zeros")(latents)
    generator = keras.Model(latents, keras.layers.Reshape(pictures[0].shape)(image))
    generator.layers[1].bias.assign(pictures[0].ravel())
    model = ImprovedGAN(generator, classifier(minibatch_discrimination), seed=5)
    model.compile(discriminator=keras.optimizers.Adam(0.01), generator=keras.optimizers.SGD(0.0))
    train = tf.function(model.train_step, autograph=False)
    for _ in range(100):
        model.reset_metrics()
        kinds = random.permutation(np.repeat((0, 1), 16))
        images = tf.constant(pictures[kinds])
        data = {"image": images, "matched_image": images, "labelled_image": images, "label": tf.constant(kinds)}
        logs = train(data)
    return float(logs["discriminator_accuracy"])


def test_a_generator_that_collapsed_is_found_out():
    """Its image is in the data, so that only the batch tells: an image by itself is taken for real half the time."""
    assert accuracy_against_one_image(True) == 1
    assert accuracy_against_one_image(False) <= 0.8
