"""The VAE/GAN's recipe: its optimizer and the layers that measure its error."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.networks.growing import Growth
from tfgan_models.recipes import vaegan
from tfgan_models.training import flags as common_flags


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


def test_stages_of_growth_have_the_same_relation_of_divergence_and_error():
    flags = vaegan.VAEGANFlags(
        data=common_flags.Data(image_size=64),
        model=vaegan.Model(width=0.1, grow_from=16),
        training=common_flags.Training(steps_per_epoch=1),
    )
    images = SimpleNamespace(images=np.zeros((8, 16, 16, 3), np.uint8), attribute_names=())
    assert vaegan.build(flags, images, Growth(64)).beta == 2 / 16


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
