"""Adversarial autoencoders of classes: their losses against NumPy, and what each variant claims."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.frozen import softplus, still, tensors
from tests.models.small import BATCH, CLASSES, STYLE, aae_of_classes, batch, compiled, supervised_aae, values
from tfgan_models import ClusteringAAE, SemiSupervisedAAE
from tfgan_models.networks import latent_discriminator, mlp
from tfgan_models.objectives import priors


def test_supervised_aae_losses_are_those_of_numpy():
    model, step = still(supervised_aae), batch()
    images, labels = step["image"], step["label"]
    styles = model.encoder(images, training=True).numpy()  # batch statistics do not move weights
    latents = np.concatenate([np.eye(CLASSES)[labels], styles], 1)
    error = 0.5 * np.square(images - model.decoder(latents, training=True)).sum((1, 2, 3)).mean()
    real, fake = (model.discriminator(c).numpy() for c in (model.noise("prior", BATCH, (STYLE,)), styles))
    logs = model.train_step(tensors(step))
    np.testing.assert_allclose(logs["autoencoder_loss"], error, rtol=1e-4)
    np.testing.assert_allclose(logs["discriminator_loss"], (softplus(-real) + softplus(fake)).mean(), rtol=1e-4)
    np.testing.assert_allclose(logs["generator_loss"], softplus(-fake).mean(), rtol=1e-4)


def test_the_class_reaches_the_decoder_and_the_style_does_not_depend_on_it():
    model, step = compiled(supervised_aae), batch()
    images = step["image"]
    as_first, as_second = (model.reconstruct_as(images, np.full(BATCH, label)) for label in (0, 1))
    assert np.abs(as_first - as_second).max() > 1e-4
    style = np.asarray(model.encode_style(images).mean())
    latents = np.concatenate([np.tile([0, 1, 0], (BATCH, 1)), style], 1).astype(np.float32)
    np.testing.assert_allclose(model.generate(latents), as_second, rtol=1e-5, atol=1e-6)


def test_semi_supervised_aae_losses_are_those_of_numpy():
    model, step = still(lambda: aae_of_classes(SemiSupervisedAAE)), batch()

    def parts(images):
        outputs = model.encoder(images).numpy().astype(np.float64)
        exponentials = np.exp(outputs[:, :CLASSES])
        return exponentials / exponentials.sum(1, keepdims=True), outputs[:, CLASSES:]

    classes, styles = parts(step["image"])
    error = 0.5 * np.square(step["image"] - model.decoder(np.concatenate([classes, styles], 1))).sum((1, 2, 3)).mean()
    drawn = model.noise("prior", BATCH, (), priors.sampler(model.prior)).numpy()
    judged = {
        "class": [model.class_discriminator(c).numpy() for c in (drawn[:, :CLASSES], classes)],
        "style": [model.style_discriminator(c).numpy() for c in (drawn[:, CLASSES:], styles)],
    }
    probabilities, _ = parts(step["labelled_image"])
    logs = model.train_step(tensors(step))
    np.testing.assert_allclose(logs["autoencoder_loss"], error, rtol=1e-4)
    np.testing.assert_allclose(logs["error"], error, rtol=1e-4)
    for part, (real, fake) in judged.items():
        expected = (softplus(-real) + softplus(fake)).mean()
        np.testing.assert_allclose(logs[f"{part}_discriminator_loss"], expected, rtol=1e-4)
        right = ((real > 0).mean() + (fake <= 0).mean()) / 2
        np.testing.assert_allclose(logs[f"{part}_discriminator_accuracy"], right)
    np.testing.assert_allclose(logs["generator_loss"], sum(softplus(-fake).mean() for _, fake in judged.values()), 1e-4)
    labels = step["label"]
    np.testing.assert_allclose(logs["classifier_loss"], -np.log(probabilities[np.arange(BATCH), labels]).mean(), 1e-4)
    np.testing.assert_allclose(logs["labelled_error"], (probabilities.argmax(1) != labels).mean())


def test_labels_and_labelled_images_reach_the_classification_phase_alone():
    """With other labelled images the other losses are the same to the bit, and so is all that others' steps do."""
    weights, logs = [], []
    for labelled in (batch(0), batch(1)):
        model = compiled(lambda: aae_of_classes(SemiSupervisedAAE))
        model.optimizers["classifier"].learning_rate = 0.0
        step = batch(0) | {name: labelled[name] for name in ("labelled_image", "label")}
        logs.append(model.train_step(tensors(step)))
        weights.append(values(model.variables))
    for first, second in zip(*weights, strict=True):
        np.testing.assert_array_equal(first, second)
    for name in logs[0]:
        if not name.startswith(("classifier", "labelled")):
            assert float(logs[0][name]) == float(logs[1][name]), name
    assert float(logs[0]["classifier_loss"]) != float(logs[1]["classifier_loss"])


def test_clustering_aae_equals_semi_supervised_aae_without_its_classification_phase():
    step = tensors(batch())
    clustering = compiled(lambda: aae_of_classes(ClusteringAAE))
    semi_supervised = compiled(lambda: aae_of_classes(SemiSupervisedAAE))
    semi_supervised.optimizers["classifier"].learning_rate = 0.0
    for model in (clustering, semi_supervised):
        model.train_step(step)
    for first, second in zip(clustering.variables, semi_supervised.variables, strict=True):
        np.testing.assert_array_equal(first.numpy(), second.numpy())


def test_heads_are_pushed_apart_and_class_and_style_share_their_space():
    model = still(lambda: aae_of_classes(ClusteringAAE, heads=True))
    heads = model.heads.numpy()
    distances = [np.linalg.norm(a - b) for i, a in enumerate(heads) for b in heads[:i]]
    logs = model.train_step(tensors(batch()))
    expected = sum(max(0.0, 10 - d) for d in distances)
    np.testing.assert_allclose(logs["autoencoder_loss"] - logs["error"], expected, rtol=1e-4)

    images = batch()["image"]
    codes = np.asarray(model.encode(images).mean())
    np.testing.assert_allclose(model.represent(images), codes[:, :CLASSES] @ heads + codes[:, CLASSES:], rtol=1e-4)
    assert model.representation_prior.components_distribution.batch_shape == (CLASSES,)
    plain = compiled(lambda: aae_of_classes(ClusteringAAE))
    assert plain.heads is None
    with pytest.raises(ValueError, match="no layer ClusterHeads"):
        plain.represent(images)


def test_two_clouds_become_two_clusters():
    """The property claimed: classes are found without a label."""
    keras.utils.set_random_seed(2)
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 2000)
    bars = np.stack([np.where(np.arange(8)[:, None] < 4, v, -v) * np.ones((8, 8)) for v in (1.0, -1.0)])[..., None]
    images = np.float32(np.clip(0.6 * bars[truth] + 0.3 * random.normal(size=(2000, 8, 8, 1)), -1, 1))
    model = ClusteringAAE(
        mlp.encoder(8, 1, 2 + 2, (64,), stochastic=False),
        mlp.decoder(8, 1, 2 + 2, (64,)),
        latent_discriminator.discriminator(2, (64,)),
        latent_discriminator.discriminator(2, (64,)),
    )
    model.compile(**{player: keras.optimizers.Adam(2e-3, beta_1=0.5) for player in model.players})
    data = tf.data.Dataset.from_tensor_slices({"image": images}).repeat().shuffle(2000, 0).batch(100)
    model.fit(data, steps_per_epoch=400, verbose=0, shuffle=False)
    found = np.argmax(model.classify(images), 1)
    agreement = (found == truth).mean()
    assert max(agreement, 1 - agreement) > 0.95
