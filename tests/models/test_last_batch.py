"""The last batch of an array or a dataset, which may be smaller: it is weighted by its size, or refused."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import BATCH, MODELS, batch, compiled, vae_gan, values
from tests.tiers import tiered
from tfgan_models import GAN, InputError, networks
from tfgan_models.objectives import losses

IMAGES = batch()["image"]


def gan_of_two_steps() -> GAN:
    gan = MODELS["gan"]()
    return GAN(gan.generator, gan.discriminator, discriminator_steps=2)


NEED_TWO = {
    "wgan": MODELS["wgan"],
    "wgan_gp": MODELS["wgan_gp"],
    "gan of two steps": gan_of_two_steps,
    "relative error": lambda: vae_gan(relative_error=True),
}


@pytest.mark.parametrize("name", tiered(NEED_TWO, ("wgan", "relative error")))
def test_fit_refuses_a_last_batch_that_a_step_cannot_learn_from(name):
    """Its networks would see no image, or an error be divided by no variance, and their weights be lost."""
    model = compiled(NEED_TWO[name])
    before = values(model.variables)
    many = np.concatenate([IMAGES, IMAGES])[: BATCH + 1]
    said = (
        f"{BATCH + 1} images in batches of {BATCH} end in a batch of 1, and a step of .* needs 2: give {BATCH} images"
    )
    for call in (
        lambda: model.fit(many, batch_size=BATCH, verbose=0),
        lambda: model.fit(many, None, BATCH, verbose=0),
        lambda: model.fit({"image": many}, batch_size=BATCH, verbose=0),
    ):
        with pytest.raises(InputError, match=said):
            call()
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value, err_msg=variable.path)


def test_a_dataset_with_such_a_batch_ends_before_it():
    model = compiled(MODELS["wgan"], run_eagerly=True)
    many = np.concatenate([IMAGES, IMAGES])[: BATCH + 1]
    with pytest.raises(tf.errors.InvalidArgumentError, match="needs 2 images: batch the dataset with drop_remainder"):
        model.fit(tf.data.Dataset.from_tensor_slices(many).batch(BATCH), verbose=0, shuffle=False)
    assert int(model.step) == 1
    assert all(np.isfinite(value).all() for value in values(model.variables))


def test_ebgan_learns_from_one_image():
    model = compiled(MODELS["ebgan"], run_eagerly=True)
    model.fit(IMAGES[:1], verbose=0)
    assert int(model.step) == 1
    assert all(np.isfinite(value).all() for value in values(model.variables))


@pytest.mark.parametrize("name", tiered(("autoencoder", "vae", "supervised_aae", "clustering_aae"), ("vae",)))
def test_the_held_out_error_does_not_depend_on_the_batch_size(name):
    model = compiled(MODELS[name], run_eagerly=True)
    images, labels = IMAGES, batch()["label"]
    expected = model.evaluate(images, labels, batch_size=BATCH, verbose=0, return_dict=True)["pixel_error"]
    assert BATCH % 3
    for size in (3, BATCH - 1):
        error = model.evaluate(images, labels, batch_size=size, verbose=0, return_dict=True)["pixel_error"]
        np.testing.assert_allclose(error, expected, rtol=1e-5)
    if name == "vae":
        np.testing.assert_allclose(expected, losses.pixel_error(images, model.reconstruct(images)), rtol=1e-5)


@pytest.mark.parametrize("size", [11, 32])
def test_the_held_out_error_of_two_devices_is_that_of_one(size, two_devices):
    """Of 33 images, the devices get batches of 6 and 5, or the second one gets none of the last batch."""
    images = np.random.default_rng(0).uniform(-1, 1, (33, *IMAGES.shape[1:])).astype("float32")
    with two_devices.scope():
        model = compiled(MODELS["autoencoder"])
    result = model.evaluate(images, batch_size=size, verbose=0, return_dict=True)
    np.testing.assert_allclose(result["pixel_error"], losses.pixel_error(images, model.reconstruct(images)), rtol=1e-5)


def test_minibatch_discrimination_would_tell_samples_by_their_batch_with_reconstructions():
    model = vae_gan(attribute_weight=0.0)
    shape = model.encoder.input_shape
    tells = networks.dcgan.discriminator(shape[1], shape[-1], width=1 / 16, minibatch_discrimination=True)
    for flags in ({}, {"judge_reconstructions": False}):
        with pytest.raises(InputError, match="minibatch discrimination would tell fakes by their larger batch"):
            type(model)(model.encoder, model.decoder, tells, **flags)
    type(model)(model.encoder, model.decoder, tells, judge_samples=False)
