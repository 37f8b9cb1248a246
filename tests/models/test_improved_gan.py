"""The losses of a step against NumPy, and what sees labels."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import BATCH, CHANNELS, CLASSES, LATENT, SIZE, batch, compiled, improved_gan, values
from tests.objectives.test_semi_supervised import softmax
from tfgan_models import ImprovedGAN
from tfgan_models.networks import improved_mlp, mlp


def without_noise(convolution: bool = False) -> ImprovedGAN:
    images = keras.Input((SIZE, SIZE, CHANNELS))
    if convolution:
        features = keras.layers.Conv2D(4, 3, 2, "same", activation="tanh", name="features")(images)
    else:
        features = keras.layers.Dense(5, "tanh", name="features")(keras.layers.Flatten()(images))
    classifier = keras.Model(images, keras.layers.Dense(CLASSES)(keras.layers.Flatten()(features)))
    return ImprovedGAN(mlp.generator(SIZE, CHANNELS, LATENT, (16,)), classifier, unlabelled_weight=0.7, seed=5)


def expected_losses(
    labels: np.ndarray, labelled: np.ndarray, real: np.ndarray, fake: np.ndarray
) -> tuple[float, float]:
    """The labelled and the unlabelled loss of the discriminator, from the logits of the K classes."""
    p = softmax(labelled)
    of_labels = -np.log(p[np.arange(BATCH), labels] / (1 - p[:, -1])).mean()
    return of_labels, -0.5 * np.log(1 - softmax(real)[:, -1]).mean() - 0.5 * np.log(softmax(fake)[:, -1]).mean()


@pytest.mark.parametrize("convolution", [False, True])
def test_losses_are_those_of_numpy(convolution):
    model, step = compiled(lambda: without_noise(convolution)), batch()
    fakes = {}
    for purpose in ("discriminator", "generator"):
        latents = model.noise(purpose, BATCH, (LATENT,), tf.random.stateless_uniform)
        fakes[purpose] = model.generator(latents).numpy()
    labelled, real, fake = (
        model.discriminator(images).numpy().astype(np.float64)
        for images in (step["labelled_image"], step["image"], fakes["discriminator"])
    )
    of_labels, of_others = expected_losses(step["label"], labelled, real, fake)
    for optimizer in model.optimizers.values():
        optimizer.learning_rate = 0.0
    logs = model.train_step({k: tf.constant(v) for k, v in step.items()})
    np.testing.assert_allclose(logs["labelled_loss"], of_labels, rtol=1e-5)
    np.testing.assert_allclose(logs["unlabelled_loss"], of_others, rtol=1e-5)
    np.testing.assert_allclose(logs["discriminator_loss"], of_labels + 0.7 * of_others, rtol=1e-5)
    means = [model.featured(images).numpy().mean(0) for images in (step["matched_image"], fakes["generator"])]
    np.testing.assert_allclose(logs["generator_loss"], np.mean((means[0] - means[1]) ** 2), rtol=1e-4)
    np.testing.assert_allclose(logs["labelled_error"], (labelled.argmax(1) != step["label"]).mean())
    right = (np.exp(real).sum(1) > 1).mean() / 2 + (np.exp(fake).sum(1) <= 1).mean() / 2
    np.testing.assert_allclose(logs["discriminator_accuracy"], right)


def test_the_generator_steps_after_the_discriminator():
    """Its loss is of the features that the discriminator has after its step."""
    step = {k: tf.constant(v) for k, v in batch().items()}
    still, moving = compiled(without_noise), compiled(without_noise)
    still.optimizers["discriminator"].learning_rate = 0.0
    moving.optimizers["discriminator"].learning_rate = 1.0
    losses = [float(model.train_step(step)["generator_loss"]) for model in (still, moving)]
    assert abs(losses[0] - losses[1]) > 1e-4


def test_the_labelled_loss_sees_the_labelled_images_alone():
    """With other unlabelled images it is the same, to the bit, and so is what it tells the discriminator."""
    logs = []
    for unlabelled in (batch(0), batch(1)):
        model = compiled(improved_gan)
        step = batch(0) | {k: unlabelled[k] for k in ("image", "matched_image")}
        logs.append(model.train_step({k: tf.constant(v) for k, v in step.items()}))
    for name in ("labelled_loss", "labelled_error"):
        assert float(logs[0][name]) == float(logs[1][name])
    assert float(logs[0]["unlabelled_loss"]) != float(logs[1]["unlabelled_loss"])


def test_labels_reach_the_generator_through_the_discriminator_alone():
    """Where that stands still, they change nothing; where it moves, the generator follows."""
    for rate, same in ((0.0, True), (0.1, False)):
        generators = []
        for label in (0, 1):
            model = compiled(improved_gan)
            model.optimizers["discriminator"].learning_rate = rate
            model.train_step(
                {k: tf.constant(v) for k, v in (batch() | {"label": np.full(BATCH, label, np.int32)}).items()}
            )
            generators.append(np.concatenate([v.ravel() for v in values(model.variables_of("generator"))]))
        assert np.array_equal(*generators) == same


def test_few_labels_and_many_pictures_beat_few_labels():
    """Two clouds of pictures, a label for one picture of each, which is at the cloud's edge: the property claimed."""
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    centres = np.zeros((2, 8, 8, 1), np.float32)
    centres[0, :, :4], centres[1, :, 4:] = 1, 1
    classes = random.integers(0, 2, 2000)
    pictures = np.float32(np.clip(centres[classes] + 0.8 * random.normal(size=(2000, 8, 8, 1)), -1, 1))
    generator = improved_mlp.generator(8, 1, 8, (32,))
    discriminator = improved_mlp.discriminator(8, 1, 2, (64, 32))
    model = ImprovedGAN(generator, discriminator)
    model.compile(**{player: keras.optimizers.Adam(1e-3, beta_1=0.5) for player in model.players})
    known = np.array([np.flatnonzero(classes == c)[0] for c in (0, 1)])

    def rows():
        while True:
            mine, matched = random.integers(0, 2000, (2, 50))
            label = np.int32(random.integers(0, 2, 50))
            yield {
                "image": pictures[mine],
                "matched_image": pictures[matched],
                "labelled_image": pictures[known[label]],
                "label": label,
            }

    shapes = {k: tf.TensorSpec(v.shape, v.dtype) for k, v in next(rows()).items()}
    batches = tf.data.Dataset.from_generator(rows, output_signature=shapes)
    model.fit(batches, steps_per_epoch=300, verbose=0, shuffle=False)
    answers = np.argmax(model.classify(pictures)[0], -1)
    nearest = np.argmin([((pictures - pictures[k]) ** 2).sum((1, 2, 3)) for k in known], 0)
    assert (answers != classes).mean() < (nearest != classes).mean() / 2
