"""Layers of the discriminator that are held do not move, and the others do."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from tests.models.sizes import CHANNELS, LATENT, SIZE, WIDTH
from tests.models.small import MODELS, batch, compiled, values
from tests.tiers import tiered
from tfgan_models import GAN, InputError
from tfgan_models.layers import InstanceNormalization
from tfgan_models.networks import dcgan
from tfgan_models.recipes import vae
from tfgan_models.training import checkpoint, warm_start
from tfgan_models.training import flags as common_flags
from tfgan_models.training.start_flags import Start


def spectral() -> GAN:
    generator = dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH)
    return GAN(generator, dcgan.discriminator(SIZE, CHANNELS, width=WIDTH, normalization="spectral"))


HELD = {name: MODELS[name] for name in ("gan", "vaegan", "wgan", "r3gan", "ebgan", "improved_gan", "aae")}
HELD |= {"spectral": spectral}


@pytest.mark.parametrize("name", tiered(HELD, ["gan", "spectral"]))
def test_held_layers_do_not_move_and_others_do(name):
    model = compiled(HELD[name], run_eagerly=True)
    player = "critic" if "critic" in model.players else "discriminator"
    network = getattr(model, model.players[player][0])
    kernels = [layer for layer in network.layers if warm_start._has_kernel(layer)]
    warm_start.hold(model, 1)
    until = network.layers.index(kernels[1])
    held = [v for layer in network.layers[:until] for v in layer.variables if "float" in str(v.dtype)]
    before, before_all = values(held), values(model.trainable_variables)
    for step in range(2):
        model.train_step(batch(step))
    for old, new in zip(before, values(held), strict=True):
        np.testing.assert_array_equal(old, new)
    moved = [(a != b).any() for a, b in zip(before_all, values(model.trainable_variables), strict=True)]
    assert held
    assert sum(moved) > len(moved) / 2
    assert (network.layers[until].trainable_weights[0] is not held[0]) and any(moved[-2:])


def test_batch_statistics_of_held_layers_do_not_move():
    model = compiled(MODELS["gan"], run_eagerly=True)
    warm_start.hold(model, 2)
    (norm,) = [layer for layer in model.discriminator.layers if layer.name.startswith("batch_normalization")]
    mean = norm.moving_mean.numpy()
    model.train_step(batch())
    np.testing.assert_array_equal(norm.moving_mean.numpy(), mean)
    assert not norm.trainable


@pytest.mark.parametrize(
    ("name", "count", "said"),
    [
        ("vae", 1, "VAE has no discriminator; remove the flag"),
        ("clustering_aae", 1, "has several, class_discriminator and style_discriminator"),
        ("gan", 3, "the discriminator has 3 layers, and one has to learn: give at most 2"),
        ("gan_with_everything", 1, "--historical_averaging needs all weights"),
    ],
)
def test_layers_that_cannot_be_held_are_refused(name, count, said):
    with pytest.raises(InputError, match=f"--freeze {count}: .*{said}"):
        warm_start.hold(compiled(MODELS[name]), count)


def test_freezing_without_a_parent_is_refused():
    with pytest.raises(InputError, match=r"--freeze 2: .*add --init_from"):
        common_flags.check(dataclasses.replace(vae.RECIPE.flags(), start=Start(freeze=2)))


def test_an_instance_normalization_belongs_to_the_layer_before_it():
    network = dcgan.discriminator(2 * SIZE, CHANNELS, width=WIDTH, normalization="instance")
    counted = [layer for layer in network.layers if warm_start._has_kernel(layer)]
    assert len(counted) == sum(hasattr(layer, "kernel") for layer in network.layers)
    assert any(isinstance(layer, InstanceNormalization) for layer in network.layers)


def test_a_parent_has_to_have_what_is_held(tmp_path):
    checkpoint.save(compiled(MODELS["vae"]), tmp_path / "checkpoints", 1)
    model = compiled(MODELS["vaegan"])
    warm_start.hold(model, 1)
    with pytest.raises(InputError, match=r"--freeze 1: the model of --init_from .* has no weights for discriminator/"):
        warm_start.take(model, str(tmp_path), 1)


def test_a_run_of_other_players_is_refused_by_its_folder_and_not_here(tmp_path):
    checkpoint.save(compiled(MODELS["vae"]), tmp_path / "checkpoints", 1)
    record = {"path": str(tmp_path), "weights": "0123", "averages": ["nobody"]}
    (tmp_path / "config.json").write_text(json.dumps({"start": {"parent": record}}))
    assert warm_start.begin(compiled(MODELS["gan"]), Start(init_from=str(tmp_path)), tmp_path, True) == record
