"""Adversarial autoencoders: the losses of each phase against NumPy, and what each variant claims."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import (
    BATCH,
    CLASSES,
    LATENT,
    SIZE,
    STYLE,
    aae,
    aae_of_classes,
    batch,
    compiled,
    supervised_aae,
    values,
)
from tests.tiers import tiered
from tfgan_models import AAE, ClusteringAAE, InputError, SemiSupervisedAAE
from tfgan_models.metrics.two_sample import kernel_discrepancy
from tfgan_models.networks import latent_discriminator, mlp
from tfgan_models.objectives import priors


def tensors(step: dict) -> dict:
    return {k: tf.constant(v) for k, v in step.items()}


def softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, x)


def still(make, **rates: float):
    """A model whose players do not move, but for those that are named."""
    model = compiled(make)
    for player, optimizer in model.optimizers.items():
        optimizer.learning_rate = rates.get(player, 0.0)
    return model


@pytest.mark.parametrize("posterior", ["deterministic", "gaussian", "universal"])
def test_losses_are_those_of_numpy(posterior):
    model, images = still(lambda: aae(posterior)), batch()["image"]
    drawn = {}
    for purpose in ("reconstruction", "unlabelled codes"):
        if posterior == "universal":
            noise = model.noise(purpose, BATCH, (SIZE, SIZE, 1))
            drawn[purpose] = model.encoder(np.concatenate([images, noise], -1)).numpy()
        elif posterior == "gaussian":
            mean, log_variance = (output.numpy() for output in model.encoder(images))
            drawn[purpose] = mean + np.exp(log_variance / 2) * model.noise(purpose, BATCH, (LATENT,))
        else:
            drawn[purpose] = model.encoder(images).numpy()
    error = 0.5 * np.square(images - model.decoder(drawn["reconstruction"])).sum((1, 2, 3)).mean()
    codes = model.noise("prior", BATCH, (), priors.sampler(model.prior))
    real, fake = (model.discriminator(c).numpy() for c in (codes, drawn["unlabelled codes"]))
    logs = model.train_step(tensors(batch()))
    np.testing.assert_allclose(logs["autoencoder_loss"], error, rtol=1e-4)
    np.testing.assert_allclose(logs["discriminator_loss"], (softplus(-real) + softplus(fake)).mean(), rtol=1e-5)
    np.testing.assert_allclose(logs["generator_loss"], softplus(-fake).mean(), rtol=1e-5)
    np.testing.assert_allclose(logs["discriminator_accuracy"], ((real > 0).mean() + (fake <= 0).mean()) / 2)


@pytest.mark.parametrize("make", [aae, supervised_aae], ids=["aae", "supervised"])
def test_the_phases_follow_each_other(make):
    """The discriminator sees the encoder as reconstruction left it, the generator the discriminator after its step."""
    step = tensors(batch())
    base, reconstructed, judged = (
        still(make, **rates).train_step(step) for rates in ({}, {"autoencoder": 1e-2}, {"discriminator": 1.0})
    )
    assert abs(float(base["discriminator_loss"] - reconstructed["discriminator_loss"])) > 1e-4
    assert float(base["discriminator_loss"]) == float(judged["discriminator_loss"])
    assert abs(float(base["generator_loss"] - judged["generator_loss"])) > 1e-4
    assert float(base["autoencoder_loss"]) == float(reconstructed["autoencoder_loss"])


def test_labels_are_told_for_codes_and_prior_alike_and_having_none_is_a_class_of_its_own(monkeypatch):
    classes, seen = 5, []
    model, step = still(lambda: aae("gaussian", "ring_of_gaussians", classes)), batch()
    judge = type(model.discriminator).call

    def watched(network, inputs, *arguments, **options):
        if network is model.discriminator:
            seen.append(np.asarray(inputs))
        return judge(network, inputs, *arguments, **options)

    monkeypatch.setattr(type(model.discriminator), "call", watched)
    components = model.noise("labelled prior", BATCH, (), priors.sampler(model.prior.components_distribution))
    chance = model.noise("component", BATCH, (), tf.random.stateless_uniform)
    unlabelled = model.noise("prior", BATCH, (), priors.sampler(model.prior))
    logs = model.train_step(tensors(step))
    none, labels = np.eye(classes + 1)[[classes] * BATCH], np.eye(classes + 1)[step["label"]]
    for codes, told in zip(seen, (none, labels) * 3, strict=True):  # of the prior, of images, and of images again
        np.testing.assert_array_equal(codes[:, 2:], told)
    np.testing.assert_allclose(seen[0][:, :2], unlabelled, rtol=1e-6)
    expected = priors.sample_class_components(components, chance, tf.constant(step["label"]), classes)
    np.testing.assert_allclose(seen[1][:, :2], expected, rtol=1e-6)
    for codes, name in ((seen[2], "image"), (seen[3], "labelled_image")):
        posterior = model.encode(step[name])
        assert (np.abs(codes[:, :2] - posterior.mean()) < 6 * np.asarray(posterior.stddev())).all()
    np.testing.assert_array_equal(seen[2], seen[4])
    np.testing.assert_array_equal(seen[3], seen[5])
    real, fake = (np.concatenate([model.discriminator(c).numpy() for c in pair]) for pair in (seen[:2], seen[2:4]))
    np.testing.assert_allclose(logs["discriminator_loss"], (softplus(-real) + softplus(fake)).mean(), rtol=1e-5)
    np.testing.assert_allclose(logs["generator_loss"], softplus(-fake).mean(), rtol=1e-5)


def test_a_universal_posterior_is_a_function_of_noise_and_is_given_by_draws_that_are_always_the_same():
    model, images = compiled(lambda: aae("universal")), batch()["image"]
    posterior = model.encode(images)
    assert posterior.mean().shape == (BATCH, LATENT)
    assert np.asarray(posterior.stddev()).min() > 1e-4
    np.testing.assert_array_equal(posterior.mean(), model.encode(images).mean())
    # An image's posterior does not depend on its batch.
    np.testing.assert_allclose(model.encode(images[2:3]).mean(), posterior.mean()[2:3], rtol=1e-4, atol=1e-6)
    # Equal images have equal posteriors, of which each takes a draw of its own.
    codes = np.asarray(model.encode(np.repeat(images[:1], 200, 0)).sample(seed=(0, 0)))
    assert len(np.unique(codes.round(5), axis=0)) == 16
    spread = np.max(posterior.stddev()[0])
    np.testing.assert_allclose(codes.mean(0), posterior.mean()[0], atol=4 * spread / np.sqrt(200))


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="posterior 'sure': there are deterministic, gaussian, universal"):
        aae("sure")
    with pytest.raises(InputError, match="prior 'ring': there are standard_gaussian"):
        aae(prior="ring")
    with pytest.raises(InputError, match="cannot be dealt out to 3 classes"):
        aae("gaussian", "ring_of_gaussians", 3)


@pytest.mark.parametrize("posterior", tiered(["deterministic", "gaussian", "universal"], ["deterministic"]))
def test_codes_come_to_fill_the_prior(posterior):
    """The property claimed: of images in two clouds, whose codes begin far from it."""
    keras.utils.set_random_seed(3)
    random = np.random.default_rng(0)
    centres = np.stack([np.full((4, 4, 1), v, np.float32) for v in (-0.5, 0.5)])
    images = np.float32(centres[random.integers(0, 2, 2000)] + 0.3 * random.normal(size=(2000, 4, 4, 1)))
    gaussian, noise = posterior == "gaussian", int(posterior == "universal")
    model = AAE(
        mlp.encoder(4, 1 + noise, 2, (64,), stochastic=gaussian),
        mlp.decoder(4, 1, 2, (64,)),
        latent_discriminator.discriminator(2, (64, 64)),
        posterior=posterior,
    )
    rates = {"autoencoder": 3e-3, "discriminator": 1e-3, "generator": 1e-3}
    model.compile(**{player: keras.optimizers.Adam(rate, beta_1=0.5) for player, rate in rates.items()})
    prior = np.asarray(model.prior.sample(1000, seed=(0, 0)))

    def discrepancy() -> float:
        return kernel_discrepancy(np.asarray(model.encode(images[:1000]).sample(seed=(0, 1))), prior)

    model.encoder.get_layer("mean" if gaussian else "code").bias.assign([3.0, -3.0])
    before = discrepancy()
    data = tf.data.Dataset.from_tensor_slices({"image": images}).repeat().shuffle(2000, 0).batch(100)
    model.fit(data, steps_per_epoch=600, verbose=0, shuffle=False)
    assert before > 0.3
    assert discrepancy() < 0.1 * before


def test_the_supervised_one_s_losses_are_those_of_numpy():
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


def test_the_semi_supervised_one_s_losses_are_those_of_numpy():
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


def test_without_labels_the_clustering_one_does_what_the_semi_supervised_one_does_without_its_last_phase():
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
