"""Conditional VAE/GANs: their losses in NumPy, their shared passes, and that the condition decides the picture."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.conditional import attributes, check_colors, labels, networks, vaegan
from tests.models.frozen import softplus, tensors
from tests.models.sizes import BATCH, CHANNELS, LATENT, SIZE, WIDTH
from tests.models.small import batch, compiled
from tests.models.test_conditional_vae import conditions_of, encoder_inputs
from tests.tiers import tiered
from tfgan_models import Condition, ConditionalVAEGAN, InputError
from tfgan_models.models.refined_codes import every_second
from tfgan_models.networks import conditional, dcgan, mlp
from tfgan_models.objectives import losses, priors

KINDS = {"labels": labels, "attributes": attributes}
JUDGED = {
    "both": {},
    "samples": {"judge_reconstructions": False},
    "reconstructions": {"judge_samples": False},
}
CASES = [
    (kind, conditioning, judged, loss)
    for kind, conditioning in (("labels", "projection"), ("attributes", "concat"))
    for judged in JUDGED
    for loss in ("minimax", "non_saturating")
]
FAST = [("attributes", "concat", "both", "non_saturating"), ("labels", "projection", "reconstructions", "minimax")]


def told(conditioning: str, images: np.ndarray, conditions: np.ndarray) -> np.ndarray | list[tf.Tensor]:
    """The discriminator's inputs, by NumPy."""
    if conditioning == "concat":
        return encoder_inputs(images, conditions)
    return [tf.constant(images), tf.constant(conditions)]


@pytest.mark.parametrize(("kind", "conditioning", "judged", "loss"), tiered(CASES, FAST))
def test_losses_equal_a_recomputation(kind, conditioning, judged, loss):
    options = {"relative_error": conditioning == "concat", "equilibrium": None, "loss": loss, **JUDGED[judged]}
    model, step = compiled(lambda: vaegan(KINDS[kind](conditioning), **options)), batch()
    images, conditions = step["image"], conditions_of(kind, step)
    posterior = model.encoder(encoder_inputs(images, conditions), training=True)
    mean, log_variance = (t.numpy().astype(np.float64) for t in posterior)
    styles = mean + np.exp(log_variance / 2) * model.noise("posterior", BATCH, (LATENT - 3,)).numpy()
    latents = np.concatenate([conditions, styles], 1)
    if model.judge_samples:
        samples = np.concatenate([conditions, model.noise("prior", BATCH, (LATENT - 3,)).numpy()], 1)
        latents = np.concatenate([latents, samples])
    fakes = model.decoder(latents.astype(np.float32), training=True).numpy()
    fake_conditions = np.concatenate([conditions] * (len(fakes) // BATCH))
    real, fake = (
        [t.numpy() for t in model.discriminator_with_features(told(conditioning, *inputs), training=True)]
        for inputs in ((images, conditions), (fakes, fake_conditions))
    )
    real[0], fake[0] = images, fakes  # not the channels of the condition
    errors = []
    for target, output in zip(real[:3], fake[:3], strict=True):
        squares = np.square(target - output[:BATCH])
        share = 0.5 * SIZE * SIZE * CHANNELS * squares.mean() / target.var(0).mean()
        errors.append(share if model.relative_error else 0.5 * squares.sum((1, 2, 3)).mean())
    error = np.mean(errors)
    divergence = 0.5 * np.sum(mean**2 + np.exp(log_variance) - 1 - log_variance, -1).mean()
    halves = [fake[3][:BATCH]] * model.judge_reconstructions + [fake[3][BATCH:]] * model.judge_samples
    gan = softplus(-real[3]).mean() + sum(softplus(half).mean() for half in halves)
    deception = -gan if loss == "minimax" else sum(softplus(-half).mean() for half in halves)
    logs = model.train_step(tensors(step))
    expected = {
        "divergence": divergence,
        "error": error,
        "gan": gan,
        "encoder_loss": 0.7 * divergence + error,
        "decoder_loss": 0.3 * error + 0.7 * deception,
        "discriminator_loss": gan,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize(("kind", "conditioning", "judged", "loss"), tiered(CASES, FAST))
def test_shared_passes_give_each_player_the_gradient_of_its_own_loss(kind, conditioning, judged, loss):
    options = {"similarity_layer": "features", "equilibrium": None, "loss": loss, **JUDGED[judged]}
    model, plain = (compiled(lambda: vaegan(KINDS[kind](conditioning), **options)) for _ in range(2))
    step = batch()
    conditions, images = conditions_of(kind, step), tf.constant(step["image"])
    model.train_step(tensors(step))
    with tf.GradientTape(persistent=True) as tape:
        posterior = plain.encode_as(images, conditions, training=True)
        styles = priors.reparameterize(posterior, plain.noise("posterior", BATCH, (LATENT - 3,)))
        latents, both = tf.concat([conditions, styles], 1), conditions
        if plain.judge_samples:
            samples = tf.concat([conditions, plain.noise("prior", BATCH, (LATENT - 3,))], 1)
            latents, both = tf.concat([latents, samples], 0), np.concatenate([conditions, conditions])
        fakes = plain.decoder(latents, training=True)
        real, fake = (
            plain.discriminator_with_features(plain.discriminator_inputs(x, tf.constant(y)), training=True)
            for x, y in ((images, conditions), (fakes, both))
        )
        error = losses.squared_error(real[0], fake[0][:BATCH])
        halves = [fake[1][:BATCH]] * plain.judge_reconstructions + [fake[1][BATCH:]] * plain.judge_samples
        gan = losses.discriminator_real_loss(real[1]) + tf.add_n([losses.discriminator_fake_loss(x) for x in halves])
        deception = -gan if loss == "minimax" else tf.add_n([losses.non_saturating(x) for x in halves])
        encoder = 0.7 * priors.divergence(posterior, priors.standard_gaussian(LATENT - 3)) + error
        decoder = 0.3 * error + 0.7 * deception
    plain.update(tape, encoder=encoder, decoder=decoder, discriminator=gan)
    for a, b in zip(model.trainable_variables, plain.trainable_variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6, err_msg=a.path)


def test_refined_styles_are_of_the_images_own_conditions():
    model, step = compiled(lambda: vaegan(labels("concat"), refine_steps=3)), batch()
    for weight in model.decoder.trainable_variables:  # so that untrained images depend on their latents
        weight.assign(4 * weight)
    images, conditions, rows = tf.constant(step["image"]), conditions_of("labels", step), np.arange(1, BATCH, 2)
    styles = model.encode_as(images, conditions).mean()
    for told in (conditions, np.roll(conditions, 1, 1)):
        chosen, refined = every_second(model, images, tf.constant(told), styles)
        np.testing.assert_array_equal(chosen, rows)
        before, after = (
            np.square(model.generate(np.concatenate([told[rows], some], 1)) - step["image"][rows]).sum((1, 2, 3))
            for some in (styles.numpy()[rows], refined)
        )
        assert (after < before).all()
    logs = model.train_step(tensors(step))
    np.testing.assert_allclose(logs["encoder_loss"], 0.7 * logs["divergence"] + 2 * logs["error"], rtol=1e-5)


def test_the_label_decides_the_color_and_the_style_does_not():
    """Two classes of two colors, of samples and of reconstructions whose condition is exchanged."""
    keras.utils.set_random_seed(0)
    condition = Condition("labels", ("dark", "bright"), "concat")
    encoder, decoder = mlp.encoder(8, 3, 4, (32,), stochastic=True), mlp.decoder(8, 1, 6, (32,))
    judge = conditional.discriminator(mlp.discriminator, 8, 1, 2, "concat", units=(32,))
    options = {"gamma": 0.5, "beta": 1.0, "loss": "non_saturating", "relative_error": True, "balanced_gradients": True}
    model = ConditionalVAEGAN(encoder, decoder, judge, condition, ("image",), seed=1, **options)
    model.compile(keras.optimizers.Adam(5e-3, beta_1=0.5))
    check_colors(model, 0.4)


@pytest.mark.parametrize("conditioning", ["concat", "projection"])
def test_a_judgment_depends_on_the_condition(conditioning):
    model, step = vaegan(labels(conditioning)), batch()
    conditions = conditions_of("labels", step)
    scores = [model.discriminate(step["image"], given).numpy() for given in (conditions, conditions[:, ::-1].copy())]
    expected = model.discriminator(told(conditioning, step["image"], conditions), training=False)
    np.testing.assert_allclose(scores[0], expected, atol=1e-6)
    assert np.abs(scores[0] - scores[1]).max() > 1e-5
    with pytest.raises(InputError, match="conditions: give them"):
        model.discriminate(step["image"])


@pytest.mark.parametrize(
    ("conditioning", "built", "said"),
    [
        ("auxiliary", "auxiliary", "conditioning 'auxiliary': .*give concat or projection"),
        ("concat", "projection", r"condition: concat needs a discriminator whose inputs end in \[4\]"),
    ],
)
def test_networks_that_do_not_fit_are_refused(conditioning, built, said):
    encoder = dcgan.encoder(SIZE, CHANNELS + 3, LATENT - 3, WIDTH)
    with pytest.raises(InputError, match=said):
        ConditionalVAEGAN(encoder, *networks(labels(built)), labels(conditioning))


def test_arguments_that_cannot_be_are_refused():
    for options, said in (
        ({"loss": "hinge"}, "loss 'hinge': give one of"),
        ({"reconstruction": "audio"}, "reconstruction 'audio'"),
        ({"judge_reconstructions": False, "judge_samples": False}, "the discriminator has no fakes"),
        ({"similarity_layer": "nowhere"}, "similarity_layer nowhere: the discriminator has"),
    ):
        with pytest.raises(InputError, match=said):
            vaegan(labels("concat"), **options)
    with pytest.raises(InputError, match="the batch has no 'label'"):
        compiled(lambda: vaegan(labels("concat"))).train_step({"image": tf.constant(batch()["image"])})
