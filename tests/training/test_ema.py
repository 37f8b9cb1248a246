"""Averaged weights: equal to averages in NumPy, and used for pictures and exports while the model trains on."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.models.small import CHANNELS, CLASSES, LATENT, MODELS, SIZE, batch, compiled, vae_gan, values
from tests.tiers import tiered
from tfgan_models import AAE, GenerativeModel
from tfgan_models.callbacks.pictures import SAMPLES, Pictures
from tfgan_models.data.pixels import to_float
from tfgan_models.networks import latent_discriminator, mlp
from tfgan_models.objectives.conditions import append_channels
from tfgan_models.optimizers import FusedAdam
from tfgan_models.plots import image_grid
from tfgan_models.training import checkpoint, flags, run
from tfgan_models.training.ema import AveragedModel, averages_of, ema_model

MOMENTUM = 0.3  # which the warm-up reaches at the fourth step
CONDITIONAL = ("vae_conditional", "vaegan_concat")  # among the autoencoders


def averaging(rate: float = 0.5) -> keras.Optimizer:
    return keras.optimizers.SGD(rate, use_ema=True, ema_momentum=MOMENTUM)


def step(model: GenerativeModel, number: int, strategy: tf.distribute.Strategy | None = None) -> None:
    data = tf.data.Dataset.from_tensors(batch(number))
    if strategy and strategy.num_replicas_in_sync > 1:
        data = strategy.experimental_distribute_dataset(data.unbatch().batch(len(batch()["image"])))
    model.fit(data, steps_per_epoch=1, verbose=0, shuffle=False)


def trained(name: str = "gan", steps: int = 3, rate: float = 0.5) -> GenerativeModel:
    model = compiled(MODELS[name], lambda: averaging(rate))
    for number in range(steps):
        step(model, number)
    return model


def fresh(model: GenerativeModel) -> GenerativeModel:
    """A second copy with averaged weights, which nothing else changes."""
    owner = AveragedModel(model)
    owner.follow(model, averages_of(model))
    return owner.copy


CASES = {
    "one device": (1, averaging),
    "two devices": (2, averaging),
    "RMSprop": (1, lambda: keras.optimizers.RMSprop(0.02, use_ema=True, ema_momentum=MOMENTUM)),
    "FusedAdam": (1, lambda: FusedAdam(0.05, use_ema=True, ema_momentum=MOMENTUM)),
}


@pytest.mark.parametrize("case", tiered(CASES, ["one device"]))
def test_averages_equal_a_recomputation_and_leave_the_model_as_it_is(case, two_devices):
    """With a momentum of (1 + t) / (10 + t) until that is more than the optimizer's."""
    devices, optimizer = CASES[case]
    strategy = two_devices if devices == 2 else tf.distribute.get_strategy()
    with strategy.scope():
        model = compiled(MODELS["gan"], optimizer)
    assert strategy.num_replicas_in_sync == devices
    expected = None
    for number in range(5):
        step(model, number, strategy)
        weights = values(model.trainable_variables)
        if expected is None:
            expected = weights  # the average of one step
        momentum = min(MOMENTUM, (1 + number) / (10 + number))
        expected = [momentum * e + (1 - momentum) * w for e, w in zip(expected, weights, strict=True)]
    before = checkpoint.digest(model)
    with strategy.scope():
        copy = ema_model(model)
    assert checkpoint.digest(model) == before
    for variable, value, weight in zip(copy.trainable_variables, expected, weights, strict=True):
        np.testing.assert_allclose(variable.numpy(), value, rtol=1e-5, atol=1e-6, err_msg=variable.path)
        assert not np.allclose(value, weight, rtol=1e-4, atol=1e-5), variable.path
    for ours, its in zip(copy.non_trainable_variables, model.non_trainable_variables, strict=True):
        if not any(its is statistic for statistic in model.generator.variables):
            np.testing.assert_array_equal(ours.numpy(), its.numpy(), err_msg=its.path)  # step, others' statistics


def test_averages_that_warm_up_are_the_same_when_a_run_goes_on(tmp_path):
    unbroken = compiled(MODELS["vae"], averaging)
    for number in range(4):
        if number == 2:
            checkpoint.save(unbroken, tmp_path, 1)
        step(unbroken, number)
    resumed = compiled(MODELS["vae"], averaging)
    checkpoint.restore(resumed, tmp_path / "epoch-00001")
    for number in (2, 3):
        step(resumed, number)
    for ours, its in zip(ema_model(resumed).variables, ema_model(unbroken).variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), its.numpy(), err_msg=ours.path)


@pytest.mark.parametrize("name", tiered(["gan", "gan_with_everything"], ["gan"]))
def test_a_generator_s_statistics_are_those_of_its_averaged_weights(name):
    """Batch statistics, and virtual ones: an image is what the network in training would draw it as."""
    model = trained(name, steps=6, rate=0.02)
    copy = ema_model(model)
    latents = copy.prior.sample(1000, seed=(1, 2))
    drawn = copy.generate(latents).numpy()
    np.testing.assert_array_equal(drawn, fresh(model).generate(latents).numpy())
    expected = copy.generator(latents, training=True).numpy()
    difference = np.abs(drawn - expected).mean() / expected.std()
    assert difference < (0.05 if name == "gan" else 1e-5)
    assert [layer.momentum for layer in copy.generator._flatten_layers() if hasattr(layer, "momentum")] == [
        layer.momentum for layer in model.generator._flatten_layers() if hasattr(layer, "momentum")
    ]


def autoencoders() -> dict[str, Callable[[], GenerativeModel]]:
    """Of every kind, with batch normalization in encoder and decoder."""

    def normalized(posterior: str) -> AAE:
        noise, gaussian = int(posterior == "universal"), posterior == "gaussian"
        return AAE(
            mlp.encoder(SIZE, CHANNELS + noise, LATENT, (16,), stochastic=gaussian, normalization="batch"),
            mlp.decoder(SIZE, CHANNELS, LATENT, (16,), normalization="batch"),
            latent_discriminator.discriminator(LATENT, (16,)),
            posterior=posterior,
        )

    posteriors = ("deterministic", "gaussian", "universal")
    aae = {f"aae_{posterior}": functools.partial(normalized, posterior) for posterior in posteriors}
    return {name: MODELS[name] for name in ("vae", "vaegan", "supervised_aae", *CONDITIONAL)} | aae


STATISTICS = [(name, order) for name in autoencoders() for order in ("sorted", "65")]


@pytest.mark.parametrize(("name", "order"), tiered(STATISTICS, [("vae", "sorted")]))
def test_an_autoencoder_s_statistics_are_those_of_its_averaged_weights(name, order):
    """In any order of the calibration images, and if they fill no batches; with the classes as often as they are."""
    model = compiled(autoencoders()[name], lambda: averaging(0.02))
    for number in range(6):
        step(model, number)
    images = np.concatenate([batch(number)["image"] for number in range(40)])
    attributes = np.concatenate([batch(number)["attributes"] for number in range(40)])
    labels = np.where(np.arange(len(images)) % 10 > 0, 0, np.arange(len(images)) % CLASSES)
    # By brightness, or too few to fill batches.
    chosen = np.argsort(images.mean((1, 2, 3))) if order == "sorted" else np.arange(65)
    images, labels, attributes = np.uint8(np.rint((images[chosen] + 1) * 127.5)), labels[chosen], attributes[chosen]
    before = fresh(model)
    model.bn_calibration_images = {"image": images, "label": labels, "attributes": attributes}
    digest = checkpoint.digest(model)
    copy = ema_model(model)
    assert checkpoint.digest(model) == digest
    for ours, again, its in zip(copy.variables, fresh(model).variables, before.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), again.numpy(), err_msg=ours.path)
        if "moving_" not in ours.path:
            np.testing.assert_array_equal(ours.numpy(), its.numpy(), err_msg=ours.path)
    assert not any(layer.recalibrating for layer in copy._flatten_layers() if hasattr(layer, "recalibrating"))

    def far(network: keras.Model, inputs: np.ndarray) -> float:
        """Distance of inference from the result of a batch of all images, divided by the spread of that result."""
        used, expected = (tf.nest.flatten(network(inputs, training=training))[0].numpy() for training in (False, True))
        return np.abs(used - expected).mean() / expected.std()

    pixels = to_float(images)
    if name == "supervised_aae":
        latents = tf.concat([tf.one_hot(labels, copy.classes), copy.encode_style(pixels).mean()], -1)
    elif name in CONDITIONAL:
        conditions = copy.condition.of(copy.bn_calibration_images)
        styles = copy.encode_as(pixels, conditions).sample(seed=(1, 2))
        if name == "vaegan_concat":
            styles = tf.concat([styles, tf.random.stateless_normal((len(images), copy.style_dim), (2, 3))], 0)
        latents = tf.concat([tf.tile(conditions, (len(styles) // len(images), 1)), styles], -1)
        pixels = append_channels(pixels, conditions)
    else:
        latents = copy.encode(pixels).sample(seed=(1, 2))
    if name == "vaegan":
        latents = tf.concat([latents, copy.prior.sample(len(images), seed=(2, 3))], 0)
    inputs = {"decoder": latents, "encoder": pixels}
    if "universal" in name:
        inputs["encoder"] = tf.concat([pixels, tf.random.stateless_normal((*images.shape[:3], 1), (0, 1))], -1)
    # Few images have codes that tell little of others, and a few draws of noise are no large sample of it.
    near = 0.25 if "universal" in name else {"sorted": 0.1, "65": 0.2}[order]
    for part, given in inputs.items():
        assert far(getattr(copy, part), given) < near, part
        if order == "sorted" and "universal" not in name:
            assert far(getattr(copy, part), given) < far(getattr(before, part), given), part


def test_a_decoder_whose_classes_nobody_knows_keeps_its_statistics():
    model = trained("supervised_aae", rate=0.02)
    model.bn_calibration_images = {"image": np.uint8(127.5 * (batch()["image"] + 1))}
    copy = ema_model(model)
    for ours, its in zip(copy.decoder.non_trainable_variables, model.decoder.non_trainable_variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), its.numpy(), err_msg=its.path)
    assert not np.array_equal(
        copy.encoder.non_trainable_variables[0].numpy(), model.encoder.non_trainable_variables[0].numpy()
    )


def test_without_averages_it_is_the_model_itself():
    model = compiled(MODELS["gan"])
    assert ema_model(model) is model


def test_a_model_that_has_made_no_step_is_drawn_with_its_weights():
    model = compiled(MODELS["vae"], averaging)
    latents = np.ones((2, LATENT), np.float32)
    np.testing.assert_array_equal(ema_model(model).generate(latents), model.generate(latents))


def test_a_player_whose_gate_never_opened_keeps_its_weights_and_the_others_have_averages():
    model = compiled(lambda: vae_gan(equilibrium=-9.0), lambda: averaging(0.05))
    for number in range(3):
        step(model, number)
    assert int(model.optimizers["decoder"].iterations) == 0
    copy = ema_model(model)
    assert copy is not model
    for ours, its in zip(copy.variables_of("decoder"), model.variables_of("decoder"), strict=True):
        np.testing.assert_array_equal(ours.numpy(), its.numpy(), err_msg=its.path)
    for player in ("encoder", "discriminator"):
        kept = model.optimizers[player]._model_variables_moving_average
        for ours, average in zip(copy.variables_of(player), kept, strict=True):
            np.testing.assert_array_equal(ours.numpy(), average.numpy(), err_msg=ours.path)


def test_samples_are_drawn_with_averages(tmp_path):
    model = trained()
    callback = Pictures(tmp_path, batch()["image"])
    callback.set_model(model)
    callback.on_epoch_end(0)
    drawn = np.asarray(Image.open(tmp_path / "samples" / "epoch-0001.png"))[..., None]
    latents = model.prior.sample(SAMPLES, seed=[0, 0])
    np.testing.assert_array_equal(drawn, image_grid.grid(np.asarray(ema_model(model).generate(latents))))
    assert np.abs(drawn.astype(int) - image_grid.grid(np.asarray(model.generate(latents)))).max() > 10


@pytest.mark.parametrize("decay", [1.0, 0.5])
def test_ema_reaches_every_optimizer(decay):
    asked = flags.Training(ema=0.9, learning_rate_decay=decay, steps_per_epoch=5)
    made = run.optimizers(["generator", "discriminator"], asked, keras.optimizers.Adam)
    assert {player: (o.use_ema, o.ema_momentum) for player, o in made.items()} == dict.fromkeys(
        ("generator", "discriminator"), (True, 0.9)
    )
    without = run.optimizers(["generator"], flags.Training(steps_per_epoch=5), keras.optimizers.Adam)
    assert not without["generator"].use_ema
