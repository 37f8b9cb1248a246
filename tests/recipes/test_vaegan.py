"""The VAE/GAN's recipe: its optimizer and the layers that measure its error."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.recipes import vaegan
from tfgan_models.training import flags as common_flags
from tfgan_models.training import trial


@pytest.mark.parametrize(("given", "expected"), [({}, "FusedAdam"), ({"optimizer": "rmsprop"}, "RMSprop")])
def test_vaegan_optimizer_flag(given, expected, monkeypatch):
    flags = vaegan.VAEGANFlags(
        model=vaegan.Model(width=0.1, **given), training=common_flags.Training(steps_per_epoch=1)
    )
    images = SimpleNamespace(images=np.zeros((8, 32, 32, 3), np.uint8), attribute_names=())
    optimizers = vaegan.build(flags, images).optimizers.values()
    assert {type(optimizer).__name__ for optimizer in optimizers} == {expected}
    assert {getattr(optimizer, "beta_1", 0.5) for optimizer in optimizers} == {0.5}


@pytest.mark.parametrize(
    ("size", "given", "expected"),
    [(8, None, 0.5), (32, None, 0.5), (64, None, 2), (128, None, 8), (160, None, 12.5), (64, 0.5, 0.5), (64, 0, 0)],
)
def test_the_weight_of_the_divergence_grows_with_the_number_of_pixels(size, given, expected):
    flags = vaegan.VAEGANFlags(data=common_flags.Data(image_size=size), model=vaegan.Model(beta=given))
    assert vaegan.complete(flags).model.beta == expected


@pytest.mark.parametrize(
    "model",
    [{"grow_from": 16}, {"similarity_layer": ("features",), "relative_error": False}],
    ids=lambda m: next(iter(m)),
)
def test_the_weight_stays_if_the_error_does_not_grow_or_the_images_do(model):
    flags = vaegan.VAEGANFlags(data=common_flags.Data(image_size=64), model=vaegan.Model(**model))
    assert vaegan.complete(flags).model.beta == 0.5


def test_flags_that_are_known_to_work_are_not_tried(monkeypatch):
    """A trial may change the names that Keras gives, and so the last bits of the weights."""
    built = []
    monkeypatch.setattr(vaegan, "build", lambda *given: built.append(given))
    recipe = dataclasses.replace(vaegan.RECIPE, build=vaegan.build)
    for flags in (vaegan.VAEGANFlags(), vaegan.VAEGANFlags(data=common_flags.Data(image_size=64))):
        trial.build(recipe, vaegan.complete(flags))
    trial.build(recipe, vaegan.PRESETS["larsen"])
    assert built == []
    trial.build(recipe, vaegan.complete(vaegan.VAEGANFlags(model=vaegan.Model(width=0.3))))
    assert len(built) == 1


@pytest.mark.parametrize(
    ("network", "size", "measured"),
    [
        ("dcgan", 8, ("image", "features")),
        ("dcgan", 16, ("image", "convolution_1", "features")),
        ("mlp", 8, ("image", "hidden_1", "features")),
        ("vaegan", 32, ("image", "convolution_1", "features")),
    ],
)
def test_the_error_is_measured_in_pixels_and_all_convolutions(network, size, measured, monkeypatch):
    flags = vaegan.VAEGANFlags(
        model=vaegan.Model(network=network, width=0.1),
        data=common_flags.Data(image_size=size),
        training=common_flags.Training(steps_per_epoch=1),
    )
    model = vaegan.build(flags, SimpleNamespace(images=np.zeros((8, size, size, 1), np.uint8), attribute_names=()))
    assert model.similarity_layer == measured
    logs = model.train_step({"image": tf.random.stateless_uniform((8, size, size, 1), [0, 0], -1, 1)})
    assert np.isfinite(logs["error"])
