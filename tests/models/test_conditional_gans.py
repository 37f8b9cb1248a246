"""Conditional GANs: their losses in NumPy, where conditions come from, and that the label decides the picture."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.conditional import ROWS, attributes, gan, labels, networks
from tests.models.frozen import softplus, still, tensors
from tests.models.sizes import BATCH, CHANNELS, LATENT, SIZE, WIDTH
from tests.models.small import batch
from tests.tiers import tiered
from tfgan_models import GAN, R1, R3GAN, WGANGP, Condition, InputError
from tfgan_models.networks import conditional, dcgan, mlp
from tfgan_models.objectives import priors

KINDS = {"labels": labels, "attributes": attributes}
CASES = [(kind, how) for how in ("projection", "auxiliary", "concat") for kind in KINDS]


def outputs(model, images, conditions, opponent: str = "discriminator") -> tuple[np.ndarray, float]:
    """Scores of images and their weighted auxiliary loss, by NumPy except for the features."""
    network, condition = getattr(model, opponent), model.condition
    inputs = images = np.asarray(images)
    if condition.conditioning == "concat":
        inputs = np.concatenate([images, np.broadcast_to(conditions[:, None, None], (*images.shape[:3], 3))], -1)
    features = keras.Model(network.inputs[0], network.get_layer("logit").input)(inputs, training=True)
    features = features.numpy().astype(np.float64)
    kernel, bias = network.get_layer("logit").get_weights()
    scores, loss = features @ kernel + bias, 0.0
    if condition.conditioning == "projection":
        (embedding,) = network.get_layer("projection").get_weights()
        scores += (features * (conditions @ embedding)).sum(1, keepdims=True)
    if condition.conditioning == "auxiliary":
        kernel, bias = network.get_layer("attributes").get_weights()
        read = features @ kernel + bias
        if condition.kind == "labels":
            loss = (np.log(np.exp(read).sum(1)) - (read * conditions).sum(1)).mean()
        else:
            loss = (softplus(read) - conditions * read).mean()
    return scores, 0.5 * loss


def check(logs, **expected: float) -> None:
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, atol=1e-6, err_msg=name)


def drawn(model, purpose: str, examples: int) -> np.ndarray:
    return model.noise(f"{purpose} condition", examples, (), priors.sampler(model.condition.prior())).numpy()


@pytest.mark.parametrize(
    ("kind", "how"), tiered(CASES, [("labels", "projection"), ("attributes", "auxiliary"), ("labels", "concat")])
)
def test_losses_of_a_gan_equal_a_recomputation(kind, how):
    model, step = still(lambda: gan(KINDS[kind](how), "none")), batch()
    real_conditions = model.condition.of(step).numpy()
    fake_conditions = drawn(model, "prior-0", BATCH)
    styles = model.noise("prior-0", BATCH, (LATENT - 3,)).numpy()
    fakes = model.generator(np.concatenate([fake_conditions, styles], 1), training=True)
    real, real_loss = outputs(model, step["image"], real_conditions)
    fake, fake_loss = outputs(model, fakes, fake_conditions)
    logs = model.train_step(tensors(step))
    check(
        logs,
        discriminator_loss=(softplus(-real) + softplus(fake)).mean() + real_loss + fake_loss,
        generator_loss=softplus(-fake).mean() + fake_loss,
        discriminator_accuracy=((real > 0).mean() + (fake <= 0).mean()) / 2,
        **({"auxiliary_loss": real_loss + fake_loss} if how == "auxiliary" else {}),
    )


@pytest.mark.parametrize("how", tiered(["projection", "auxiliary", "concat"], ["auxiliary"]))
def test_losses_of_a_wasserstein_gan_equal_a_recomputation(how):
    model = still(lambda: WGANGP(*networks(labels(how)), critic_steps=2, condition=labels(how), seed=5))
    step = batch()
    images, conditions = step["image"][1::2], model.condition.of(step).numpy()[1::2]  # of the critic's last step
    told = {"critic-1": conditions, "generator": drawn(model, "generator", BATCH // 2)}
    fakes = {
        purpose: model.generator(
            np.concatenate([given, model.noise(purpose, BATCH // 2, (LATENT - 3,))], 1), training=True
        )
        for purpose, given in told.items()
    }
    real, real_loss = outputs(model, images, conditions, "critic")
    fake, fake_loss = outputs(model, fakes["critic-1"], conditions, "critic")
    last, last_loss = outputs(model, fakes["generator"], told["generator"], "critic")
    between = model.noise("interpolation-1", BATCH // 2, (1,), tf.random.stateless_uniform).numpy()[..., None, None]
    mixed = tf.constant(between * images + (1 - between) * fakes["critic-1"].numpy())
    with tf.GradientTape() as tape:
        tape.watch(mixed)
        scores = tf.nest.flatten(model.critic(model.opponent_inputs(mixed, tf.constant(conditions))))[0]
    lengths = np.sqrt((tape.gradient(scores, mixed).numpy().astype(np.float64) ** 2).sum((1, 2, 3)))
    penalty = ((lengths - 1) ** 2).mean()
    check(
        model.train_step(tensors(step)),
        wasserstein_distance=real.mean() - fake.mean(),
        gradient_penalty=penalty,
        critic_loss=fake.mean() - real.mean() + 10 * penalty + real_loss + fake_loss,
        generator_loss=-last.mean() + last_loss,
    )


@pytest.mark.parametrize("how", tiered(["projection", "auxiliary", "concat"], ["projection"]))
def test_losses_of_r3gan_equal_a_recomputation(how):
    model = still(lambda: R3GAN(*networks(attributes(how)), gamma=0.5, condition=attributes(how), seed=5))
    step = batch()
    conditions = model.condition.of(step).numpy()
    latents = np.concatenate([conditions, model.noise("prior", BATCH, (LATENT - 3,))], 1)
    pair = step["image"], model.generator(latents, training=True).numpy()
    (real, real_loss), (fake, fake_loss) = (outputs(model, images, conditions) for images in pair)
    penalties = []
    for images in map(tf.constant, pair):
        with tf.GradientTape() as tape:
            tape.watch(images)
            logits = tf.nest.flatten(model.discriminator(model.opponent_inputs(images, tf.constant(conditions))))[0]
        penalties.append((tape.gradient(logits, images).numpy().astype(np.float64) ** 2).sum((1, 2, 3)).mean())
    check(
        model.train_step(tensors(step)),
        r1=penalties[0],
        r2=penalties[1],
        discriminator_loss=softplus(fake - real).mean() + 0.25 * sum(penalties) + real_loss + fake_loss,
        generator_loss=softplus(real - fake).mean() + fake_loss,
    )


def test_r1_is_of_images_with_their_conditions():
    model = still(lambda: gan(labels("concat"), "none", penalties=[R1(2.0)]))
    plain, step = still(lambda: gan(labels("concat"), "none")), batch()
    images, conditions = tf.constant(step["image"]), model.condition.of(step)
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = model.discriminator(model.opponent_inputs(images, conditions))
    expected = (tape.gradient(logits, images).numpy() ** 2).sum((1, 2, 3)).mean()
    with_it, without = (float(one.train_step(tensors(step))["discriminator_loss"]) for one in (model, plain))
    assert with_it - without == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_conditions_of_samples_are_a_function_of_seed_and_step():
    model, again = (gan(attributes("projection")) for _ in range(2))
    first, same = (one.latents("prior-0", 64) for one in (model, again))
    np.testing.assert_array_equal(first, same)
    rows = {"".join(str(int(value)) for value in row) for row in first[:, :3].numpy()}
    assert rows == set(ROWS)
    model.step.assign(1)
    assert (model.latents("prior-0", 64)[:, :3].numpy() != first[:, :3].numpy()).any()


COLORS = np.array([-0.8, 0.8], np.float32)  # of the two classes


def color_batches() -> tf.data.Dataset:
    random = np.random.default_rng(0)
    classes = random.integers(0, 2, 4096).astype(np.int32)
    images = COLORS[classes][:, None, None, None] + random.normal(0, 0.1, (4096, 8, 8, 1)).astype(np.float32)
    return tf.data.Dataset.from_tensor_slices({"image": images.clip(-1, 1), "label": classes}).batch(32).repeat()


@pytest.mark.parametrize("how", tiered(["projection", "auxiliary", "concat"], ["projection"]))
def test_the_label_decides_the_picture(how):
    """Two classes of two colors: samples of each class have its color."""
    keras.utils.set_random_seed(0)
    condition = Condition("labels", ("dark", "bright"), how)
    discriminator = conditional.discriminator(mlp.discriminator, 8, 1, 2, how, units=(32,))
    model = GAN(mlp.generator(8, 1, 6, (32,)), discriminator, condition=condition, seed=1)
    model.compile(
        generator=keras.optimizers.Adam(2e-3, beta_1=0.5), discriminator=keras.optimizers.Adam(2e-3, beta_1=0.5)
    )
    model.fit(color_batches(), epochs=1, steps_per_epoch=300, shuffle=False, verbose=0)
    styles = np.random.default_rng(1).normal(size=(100, 4)).astype(np.float32)
    for label, color in enumerate(COLORS):
        latents = np.concatenate([np.tile(np.eye(2, dtype=np.float32)[label], (100, 1)), styles], 1)
        means = model.generate(latents).numpy().mean((1, 2, 3))
        assert np.abs(means - color).max() < 0.5, f"class {label}: {means.min():.2f} to {means.max():.2f}"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: GAN(dcgan.generator(SIZE, 1, 3, WIDTH), networks(labels("concat"))[1], condition=labels("concat")),
            "latents of 3 values have no style after a condition of 3",
        ),
        (
            lambda: GAN(*networks(labels("concat")), condition=labels("projection")),
            r"projection needs a discriminator whose inputs end in \[1, 3\] and outputs in \[1\] values, not \[4\]",
        ),
        (
            lambda: GAN(
                dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH, normalization="virtual"),
                networks(labels("concat"))[1],
                condition=labels("concat"),
            ),
            "virtual batch normalization has a reference without conditions",
        ),
    ],
)
def test_networks_that_do_not_fit_are_refused(make, said):
    with pytest.raises(InputError, match=said):
        make()


def test_what_is_missing_is_refused():
    model, images = gan(labels("projection")), batch()["image"]
    with pytest.raises(InputError, match="conditions: give them, because GAN judges images by their conditions"):
        model.discriminate(images)
    model.compile("sgd")
    with pytest.raises(InputError, match="the batch has no 'label'"):
        model.train_step({"image": tf.constant(images)})
