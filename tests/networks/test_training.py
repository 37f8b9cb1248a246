"""GANs of networks with options train, resumed as if never stopped, and on two devices as on one, but for dropout."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import BATCH, CHANNELS, LATENT, SIZE, WIDTH, batch
from tests.tiers import tiered
from tfgan_models import GAN, networks
from tfgan_models.training import checkpoint

STEPS = 4
DROPPED = {
    "mlp": {"units": (16, 16), "maxout": True, "dropout": 0.5, "pixel_dropout": 0.2},
    "dcgan": {"dropout": 0.3, "normalization": "spectral"},
}
OPTIONS = {"normalization": "spectral", "downsampling": "max", "minibatch_discrimination": True}


def gan(family: str, options: dict) -> GAN:
    """With equal initial weights at every call."""
    keras.utils.set_random_seed(1)
    make = networks.network_module(family)
    discriminator = make.discriminator(SIZE, CHANNELS, **({"width": WIDTH} | options))
    model = GAN(make.generator(SIZE, CHANNELS, LATENT, width=WIDTH), discriminator, seed=5)
    model.compile(**{player: keras.optimizers.SGD(1e-2, momentum=0.5) for player in model.players})
    return model


def batches(first: int, steps: int, examples: int = BATCH) -> tf.data.Dataset:
    data = [batch(step) for step in range(first, first + steps)]
    return tf.data.Dataset.from_generator(
        lambda: ({"image": b["image"][i : i + examples]} for b in data for i in range(0, BATCH, examples)),
        output_signature={"image": tf.TensorSpec((examples, SIZE, SIZE, CHANNELS))},
    )


def train(model: GAN, first: int, steps: int) -> None:
    model.fit(batches(first, steps), steps_per_epoch=steps, verbose=0, shuffle=False)


def train_on(devices: tf.distribute.Strategy, model: GAN, steps: int) -> None:
    shared = devices.distribute_datasets_from_function(lambda context: batches(0, steps, BATCH // 2))
    model.fit(shared, steps_per_epoch=steps, verbose=0, shuffle=False)


@pytest.mark.slow
@pytest.mark.parametrize("family", DROPPED)
def test_a_resumed_run_drops_the_same(family, tmp_path):
    whole = gan(family, DROPPED[family])
    plain = gan(family, {name: value for name, value in DROPPED[family].items() if "dropout" not in name})
    train(whole, 0, STEPS)
    saved = checkpoint.save(whole, tmp_path, 1)
    train(whole, STEPS, STEPS)
    resumed = gan(family, DROPPED[family])
    checkpoint.restore(resumed, saved)
    train(resumed, STEPS, STEPS)
    assert checkpoint.digest(resumed) == checkpoint.digest(whole)
    train(plain, 0, 2 * STEPS)
    dropping = [v for v in whole.discriminator.variables if "seed_generator" not in v.path]
    assert any((a.numpy() != b.numpy()).any() for a, b in zip(dropping, plain.discriminator.variables, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(("family", "options"), [("resnet", {}), ("densenet", OPTIONS)], ids=["resnet", "densenet"])
def test_two_devices_train_as_one(family, options, two_devices):
    one = gan(family, options)
    train(one, 0, STEPS)
    with two_devices.scope():
        two = gan(family, options)
    train_on(two_devices, two, STEPS)
    for a, b in zip(one.variables, two.variables, strict=True):
        size = max(np.abs(a.numpy()).max(), 0.01)
        assert np.abs(a.numpy() - b.numpy()).max() / size < 1e-4, a.path


@pytest.mark.parametrize("family", tiered(DROPPED, ["mlp"]))
def test_devices_that_drop_keep_equal_weights_and_seeds(family, two_devices):
    with two_devices.scope():
        model = gan(family, DROPPED[family])
    train_on(two_devices, model, STEPS)
    for variable in model.discriminator.variables:  # the seeds' states among them
        one, other = (copy.numpy() for copy in two_devices.experimental_local_results(variable.value))
        np.testing.assert_array_equal(one, other, variable.path)
        assert np.isfinite(one).all()
