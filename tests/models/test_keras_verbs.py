"""Keras' verbs on the models: each works, or says in one sentence what does."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.cli.scripts import ROOT
from tests.models.exported import DISTINCT_EXPORTS
from tests.models.small import BATCH, CHANNELS, LATENT, MODELS, SIZE, batch, compiled, values
from tests.tiers import tiered
from tfgan_models import GAN, InputError, keras_registry
from tfgan_models.export.signatures import shapes
from tfgan_models.networks import mlp
from tfgan_models.networks.hidden_layers import with_dropout
from tfgan_models.training import checkpoint

IMAGES = batch()["image"]
FIT = {"verbose": 0, "shuffle": False, "batch_size": BATCH}


def one_sentence(error) -> bool:
    return "\n" not in str(error.value)


@pytest.mark.parametrize("name", tiered(DISTINCT_EXPORTS, ("gan", "vae", "supervised_aae")))
def test_export_of_keras_holds_call(name, tmp_path):
    model = MODELS[name]()
    model.export(tmp_path / "export", verbose=False)
    loaded = tf.saved_model.load(str(tmp_path / "export"))
    takes_images = "images" in model.call.__code__.co_varnames[:2]
    latent_dim, _ = shapes(model)
    inputs = IMAGES if takes_images else np.random.default_rng(0).normal(size=(3, latent_dim)).astype(np.float32)
    np.testing.assert_allclose(loaded.serve(inputs), model(inputs, training=False), atol=1e-5)


def test_evaluate_of_a_gan_says_what_measures_it():
    model = compiled(MODELS["gan"])
    for call in (
        lambda: model.evaluate({"image": IMAGES}),
        lambda: model.fit(IMAGES, validation_data=IMAGES, **FIT),
        lambda: model.fit(IMAGES, validation_split=0.5, **FIT),
    ):
        with pytest.raises(InputError, match=r"GAN has no held-out loss.*tfgan evaluate") as error:
            call()
        assert one_sentence(error)


def test_evaluate_takes_arrays():
    model = compiled(MODELS["vae"], run_eagerly=True)
    expected = model.evaluate(tf.data.Dataset.from_tensors({"image": IMAGES}), verbose=0, return_dict=True)
    assert model.evaluate(IMAGES, verbose=0, batch_size=BATCH, return_dict=True) == expected
    history = model.fit(IMAGES, validation_data=IMAGES, validation_batch_size=BATCH, **FIT).history
    assert history["val_pixel_error"][0] > 0
    supervised, labels = compiled(MODELS["supervised_aae"], run_eagerly=True), batch()["label"]
    score = supervised.evaluate(IMAGES, labels, verbose=0, batch_size=BATCH, return_dict=True)
    assert score == supervised.evaluate(batch(), verbose=0, batch_size=BATCH, return_dict=True)
    assert "val_pixel_error" in supervised.fit(IMAGES, labels, validation_data=(IMAGES, labels), **FIT).history


def test_predict_of_a_gan_takes_latents_and_of_an_autoencoder_images():
    gan, vae = compiled(MODELS["gan"], run_eagerly=True), compiled(MODELS["vae"], run_eagerly=True)
    latents = np.random.default_rng(0).normal(size=(5, LATENT)).astype(np.float32)
    np.testing.assert_allclose(gan.predict(latents, verbose=0), gan.generate(latents), atol=1e-5)
    data = tf.data.Dataset.from_tensors({"image": IMAGES})
    for images in (IMAGES, {"image": IMAGES}, data):
        np.testing.assert_allclose(vae.predict(images, verbose=0), vae.reconstruct(IMAGES), atol=1e-5)
        with pytest.raises(InputError, match=r"predict of GAN takes latents.*model.prior.sample\(n\)") as error:
            gan.predict(images, verbose=0)
        assert one_sentence(error)
    with pytest.raises(InputError, match=r"predict of VAE takes images .*, or the latents to model.generate") as error:
        vae.predict(latents, verbose=0)
    assert one_sentence(error)
    with pytest.raises(InputError, match=r"from 254 to 256: give values in \[-1, 1\]"):
        vae.predict(np.round(IMAGES) + 255, verbose=0)


def test_predict_of_half_precision_takes_latents_as_they_are():
    keras.config.set_dtype_policy("mixed_bfloat16")
    generator = with_dropout(mlp.generator(SIZE, CHANNELS, LATENT, (16,)), 0.3, in_samples=True)
    model = GAN(generator, mlp.discriminator(SIZE, CHANNELS, units=(16,)))
    latents = np.random.default_rng(0).normal(size=(5, LATENT)).astype(np.float32)
    np.testing.assert_allclose(model.predict(latents, verbose=0), model.generate(latents), atol=0.01)


def test_callbacks_of_keras_set_every_player_s_learning_rate():
    model = compiled(MODELS["gan"], run_eagerly=True)
    model.optimizers["discriminator"].learning_rate = 4e-3
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    # The step of the running mean never falls by this much, so that each epoch after the first counts as a plateau.
    plateau = keras.callbacks.ReduceLROnPlateau("generator_loss", 0.1, patience=1, mode="min", min_delta=1e9)
    history = model.fit(data, epochs=2, steps_per_epoch=1, callbacks=[schedule], verbose=0, shuffle=False).history
    assert history["learning_rate_generator"] == pytest.approx([1e-3 / 2, 1e-3 / 4])
    assert history["learning_rate_discriminator"] == pytest.approx([4e-3 / 2, 4e-3 / 4])
    model.fit(data, epochs=2, steps_per_epoch=1, callbacks=[plateau], verbose=0, shuffle=False)
    rates = {player: float(optimizer.learning_rate) for player, optimizer in model.optimizers.items()}
    assert rates == pytest.approx({"generator": 1e-3 / 40, "discriminator": 4e-3 / 40})


def test_one_optimizer_is_made_for_each_player():
    for given in ("adam", keras.optimizers.Adam(), {"class_name": "Adam", "config": {}}):
        model = MODELS["gan"]()
        model.compile(given)
        first, second = model.optimizers.values()
        assert first is not second
        assert type(first) is type(second) is keras.optimizers.Adam
        assert len(first.variables) > 2
    model.compile(keras.optimizers.Adam(0.03, beta_1=0.5), discriminator="sgd", gradient_clip=0.1)
    assert model.optimizers["generator"].beta_1 == 0.5
    assert type(model.optimizers["discriminator"]) is keras.optimizers.SGD
    assert model.fit(IMAGES, **FIT).history["generator_loss"]
    again = MODELS["gan"]()
    again.compile_from_config(model.get_compile_config())
    assert again.get_compile_config() == model.get_compile_config()


def test_compile_says_what_it_takes():
    model = MODELS["gan"]()
    for arguments, options, said in (
        (("adm",), {}, "optimizer 'adm': give a Keras optimizer or the name of one"),
        (("adam",), {"loss": "mse"}, "compile loss: GAN computes its own losses and metrics, leave loss out"),
        ((), {"generator": 3, "discriminator": "adam"}, "optimizer 3: give"),
    ):
        with pytest.raises(InputError, match=said) as error:
            model.compile(*arguments, **options)
        assert one_sentence(error)
    with pytest.raises(ValueError, match=r"an optimizer for each of its players \['discriminator', 'generator'\]"):
        model.compile()


def test_the_summary_counts_the_variables_of_all_optimizers():
    model, lines = compiled(MODELS["gan"], lambda: keras.optimizers.Adam(0.01)), []
    model.summary(print_fn=lines.append)
    count = sum(int(np.prod(v.shape)) for optimizer in model.optimizers.values() for v in optimizer.variables)
    assert f"Optimizer params: {count:,}" in "\n".join(lines)


@pytest.mark.parametrize(("verb", "instead"), [("train_on_batch", "train_step"), ("test_on_batch", "test_step")])
def test_verbs_that_take_no_dicts_say_what_to_call(verb, instead):
    with pytest.raises(InputError, match=f"{verb} makes a tuple of the batch: .* {instead} with a dict") as error:
        getattr(compiled(MODELS["vae"]), verb)(IMAGES)
    assert one_sentence(error)


def test_fit_takes_arrays_and_datasets_of_images():
    """Each the same as batches that are dicts."""
    data = tf.data.Dataset.from_tensor_slices(IMAGES)
    expected = None
    for images in (
        tf.data.Dataset.from_tensors({"image": IMAGES}),
        IMAGES,
        tf.constant(IMAGES),
        list(IMAGES),
        {"image": IMAGES},
        data.batch(BATCH),
        tf.data.Dataset.zip(data).batch(BATCH),
        tf.data.Dataset.zip(data, tf.data.Dataset.range(BATCH)).batch(BATCH),
    ):
        model = compiled(MODELS["autoencoder"], run_eagerly=True)
        options = {} if isinstance(images, tf.data.Dataset) else {"batch_size": BATCH}
        model.fit(images, verbose=0, shuffle=False, **options)
        weights = values(model.variables)
        expected = expected or weights
        for a, b in zip(weights, expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_fit_says_what_images_it_takes():
    model = compiled(MODELS["autoencoder"])
    pixels = np.random.default_rng(0).integers(0, 256, IMAGES.shape).astype(np.uint8)
    pixels.flat[:2] = 0, 255
    data: Any = tf.data.Dataset.from_tensor_slices
    floats = pixels.astype(np.float32)
    for images, said in (
        (pixels, r"type uint8: give float32 in \[-1, 1\], convert bytes by x / 127.5 - 1"),
        (data(pixels).batch(8), r"type uint8: give float32 in \[-1, 1\]"),
        (floats, r"from 0 to 255: give values in \[-1, 1\], convert bytes by x / 127.5 - 1"),
        ({"image": floats}, r"from 0 to 255: give values"),
        (data(floats).batch(8), r"from 0 to 255: give values"),
        (data({"image": floats}).batch(8), r"from 0 to 255: give values"),
        (IMAGES * np.nan, r"from nan to nan: give values"),
        (IMAGES[0], rf"shape \[{SIZE}, {SIZE}, {CHANNELS}\]: give batches \[n, height, width, channels\]"),
        (data(IMAGES), r"give batches \[n, height, width, channels\]"),
        ({"images": IMAGES}, "a batch has the entries images: give the images as 'image'"),
        (data({"images": IMAGES}).batch(8), "give dicts with 'image', or images alone"),
    ):
        with pytest.raises(InputError, match=said) as error:
            model.fit(images, verbose=0)
        assert one_sentence(error)
    assert int(model.step) == 0


def test_keras_finds_classes_that_were_not_imported(tmp_path, monkeypatch):
    """With the registry as it is before any import: a slow test does the same in a process of its own."""
    model = compiled(MODELS["vae"])
    model.save(tmp_path / "model.keras")
    registry = keras.saving.get_custom_objects()
    ours = {name: entry for name, entry in registry.items() if name.startswith("tfgan_models>")}
    for name, module in keras_registry.CLASSES.items():
        assert hasattr(importlib.import_module(f"tfgan_models.{module}"), name)
    names = {name.removeprefix("tfgan_models>") for name in ours}
    assert names - {"LabelTricks"} <= keras_registry.CLASSES.keys()  # which comes with the models that use it
    try:
        for name in ours:
            del registry[name]
        keras_registry.register()
        assert all(
            isinstance(registry[f"tfgan_models>{name}"], keras_registry.StandIn) for name in keras_registry.CLASSES
        )
        again = keras.models.load_model(tmp_path / "model.keras")
    finally:
        registry.update(ours)
    assert type(again) is type(model)
    latents = np.zeros((2, LATENT), np.float32)
    np.testing.assert_array_equal(again.generate(latents), model.generate(latents))


@pytest.mark.slow
def test_keras_finds_classes_if_tensorflow_is_imported_first():
    """TensorFlow searches for Keras without importing it."""
    code = "import tfgan_models, tensorflow, keras; print(*keras.saving.get_custom_objects())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) >= {f"tfgan_models>{name}" for name in keras_registry.CLASSES}


def test_a_checkpoint_is_restored_without_optimizers(tmp_path):
    model = compiled(MODELS["gan"], lambda: keras.optimizers.Adam(0.01))
    model.fit(IMAGES, **FIT)
    saved = checkpoint.save(model, tmp_path, 1)
    again, resumed = MODELS["gan"](), compiled(MODELS["gan"], lambda: keras.optimizers.SGD(0.01))
    for other in (again, resumed):
        checkpoint.restore(other, saved, optimizers=False)
        for a, b in zip(values(other.variables), values(model.variables), strict=True):
            np.testing.assert_array_equal(a, b)
    for other, said in (
        (again, "has optimizers and the model is not compiled: compile it, or restore with optimizers=False"),
        (resumed, "belongs to another model"),
    ):
        with pytest.raises(InputError, match=said):
            checkpoint.restore(other, saved)
    with pytest.raises(InputError, match="belongs to another model"):
        checkpoint.restore(MODELS["vae"](), saved, optimizers=False)
