"""Checkpoints: nothing is missing, every bit comes back, and the newest are kept."""

from __future__ import annotations

import json
import os
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.expected import DISTINCT
from tests.models.small import CHANNELS, LATENT, MODELS, SIZE, batch, compiled
from tests.tiers import tiered
from tfgan_models import GAN, GenerativeModel, InputError
from tfgan_models.networks import mlp
from tfgan_models.training import checkpoint

VARIABLES, MANIFEST = checkpoint.VARIABLES, checkpoint.MANIFEST


def gan_with_seeds() -> GAN:
    """A GAN whose discriminator drops out, with a seed generator in each of two layers."""
    images = keras.Input((SIZE, SIZE, CHANNELS))
    hidden = keras.layers.GaussianNoise(0.3)(keras.layers.Flatten()(images))
    hidden = keras.layers.Dropout(0.5)(keras.layers.Dense(8, activation="relu", name="features")(hidden))
    discriminator = keras.Model(images, keras.layers.Dense(1)(hidden), name="discriminator")
    return GAN(mlp.generator(SIZE, CHANNELS, LATENT, (8,)), discriminator, seed=5)


def adam_with_averages() -> keras.Optimizer:
    return keras.optimizers.Adam(0.01, use_ema=True)


def trained(make=gan_with_seeds, steps: int = 2, **options) -> GenerativeModel:
    model = compiled(make, adam_with_averages, **options)
    model.fit(tf.data.Dataset.from_tensors(batch()).repeat(), steps_per_epoch=steps, verbose=0, shuffle=False)
    return model


def small() -> GenerativeModel:
    return compiled(MODELS["autoencoder"])


def bits(model: GenerativeModel) -> dict[str, bytes]:
    return {name: variable.numpy().tobytes() for name, variable in checkpoint.inventory(model).items()}


def perturb(model: GenerativeModel) -> None:
    """Change every element of every variable."""
    for variable in checkpoint.inventory(model).values():
        value = variable.numpy()
        variable.assign(value + np.ones_like(value))


EVERY = {**MODELS, "seeds": gan_with_seeds}
SOME = ("gan", "gan_of_past_fakes", "vaegan", "wgan_gp", "improved_gan", "semi_supervised_aae", "seeds")


@pytest.mark.parametrize("name", tiered([*DISTINCT, "seeds"], ("vaegan", "improved_gan", "seeds")))
def test_every_variable_comes_back_bit_for_bit(name, tmp_path):
    model = trained(EVERY[name], run_eagerly=True)
    before = bits(model)
    saved = checkpoint.save(model, tmp_path, 1)
    perturb(model)
    assert all(value != before[name] for name, value in bits(model).items())
    checkpoint.restore(model, saved)
    assert bits(model) == before


@pytest.mark.parametrize("name", tiered(EVERY, SOME))
def test_inventory_is_complete(name):
    model = compiled(EVERY[name], adam_with_averages)
    listed = [id(variable) for variable in checkpoint.inventory(model).values()]
    needed = [*model.variables]
    for optimizer in model.optimizers.values():
        needed += [*optimizer.variables, *optimizer._model_variables_moving_average]
    for layer in model._flatten_layers():
        if isinstance(layer, keras.metrics.Metric):
            continue  # running means begin anew with every epoch
        needed += [*layer.weights, *(generator.state for generator in layer._seed_generators)]
        generators = [v for v in vars(layer).values() if isinstance(v, keras.random.SeedGenerator)]
        needed += [generator.state for generator in generators]
    assert not [variable.path for variable in needed if id(variable) not in listed]


def test_seed_states_are_in_the_inventory():
    states = [v.path for v in checkpoint.inventory(compiled(gan_with_seeds)).values() if "seed" in v.path]
    assert len(states) >= 2


def test_training_goes_on_as_if_nothing_had_happened(tmp_path):
    straight, cut = trained(steps=4), trained(steps=2)
    resumed = compiled(gan_with_seeds, adam_with_averages)
    checkpoint.restore(resumed, checkpoint.save(cut, tmp_path, 1))
    resumed.fit(tf.data.Dataset.from_tensors(batch()).repeat(), steps_per_epoch=2, verbose=0, shuffle=False)
    assert bits(resumed) == bits(straight)


@pytest.mark.parametrize("saved_on", [1, 2])
def test_values_move_between_one_device_and_two(saved_on, two_devices, tmp_path):
    with two_devices.scope():
        shared = compiled(gan_with_seeds, adam_with_averages)
    alone = compiled(gan_with_seeds, adam_with_averages)
    source, target = (alone, shared) if saved_on == 1 else (shared, alone)
    perturb(source)
    checkpoint.restore(target, checkpoint.save(source, tmp_path, 1))
    assert bits(target) == bits(source)
    for variable in checkpoint.inventory(shared).values():
        first, *others = two_devices.experimental_local_results(variable.value)
        assert all(other.numpy().tobytes() == first.numpy().tobytes() for other in others), variable.path


def test_the_newest_are_kept_by_number(tmp_path):
    model = small()
    for epoch in (8, 9, 10, 11):
        checkpoint.save(model, tmp_path, epoch, keep=3)
    assert [checkpoint.epoch_of(c) for c in checkpoint.checkpoints(tmp_path)] == [9, 10, 11]
    assert sorted(os.listdir(tmp_path)) == ["epoch-00009", "epoch-00010", "epoch-00011"]
    checkpoint.save(model, tmp_path, 100_000, keep=1)
    assert os.listdir(tmp_path) == ["epoch-100000"]


@pytest.mark.parametrize(("keep", "kept"), [(1, [3]), (2, [2, 3])])
def test_later_epochs_do_not_count_among_those_that_are_kept(keep, kept, tmp_path):
    """They were damaged: the run went back, and has come to this epoch again."""
    model = small()
    for epoch in (1, 2, 5, 6, 7):
        checkpoint.save(model, tmp_path, epoch, keep=9)
    for epoch in (5, 6, 7):
        os.truncate(tmp_path / f"epoch-0000{epoch}" / VARIABLES, 10)
    saved = checkpoint.save(model, tmp_path, 3, keep=keep)
    assert saved.name == "epoch-00003"
    assert sorted(os.listdir(tmp_path)) == [f"epoch-{epoch:05d}" for epoch in kept]
    checkpoint.restore(model, saved)


def test_files_and_folder_are_on_the_disk_before_the_folder_gets_its_name(tmp_path, monkeypatch):
    done, fsync, rename = [], os.fsync, os.rename

    def synced(handle):
        done.append(os.path.basename(os.readlink(f"/proc/self/fd/{handle}")))
        fsync(handle)

    def renamed(old, new):
        done.append(f"renamed to {os.path.basename(new)}")
        rename(old, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", renamed)
    checkpoint.save(small(), tmp_path, 1)
    assert done == [VARIABLES, MANIFEST, ".unfinished-00001", "renamed to epoch-00001", tmp_path.name]


def test_10_comes_after_9_however_it_is_written(tmp_path):
    for name in ("epoch-9", "epoch-10", "epoch-00002"):
        (tmp_path / name).mkdir()
    assert [c.name for c in checkpoint.checkpoints(tmp_path)] == ["epoch-00002", "epoch-9", "epoch-10"]


def test_other_names_in_the_folder_are_no_checkpoints(tmp_path):
    saved = checkpoint.save(small(), tmp_path, 1)
    shutil.copytree(saved, tmp_path / "epoch-00002.bak")
    (tmp_path / "notes.txt").write_text("mine")
    assert checkpoint.checkpoints(tmp_path) == [saved]


def test_there_are_no_checkpoints_in_a_folder_that_is_not_there(tmp_path):
    assert checkpoint.checkpoints(tmp_path / "nowhere") == []


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_variable_that_is_not_finite_is_named_and_nothing_is_written(value, tmp_path):
    model = small()
    bad = model.decoder.trainable_variables[0]
    numbers = bad.numpy()
    numbers.flat[3] = value
    bad.assign(numbers)
    with pytest.raises(checkpoint.NotFinite, match=bad.path):
        checkpoint.save(model, tmp_path / "new", 1)
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("other", ["gan", "vae"])
def test_another_model_s_checkpoint_is_refused(other, tmp_path):
    saved, model = checkpoint.save(compiled(MODELS[other]), tmp_path, 1), small()
    before = bits(model)
    with pytest.raises(InputError, match=r"another model.*--no-resume"):
        checkpoint.restore(model, saved)
    assert bits(model) == before


def test_manifest_tells_what_is_inside(tmp_path):
    model = trained()
    manifest = json.loads((checkpoint.save(model, tmp_path, 7) / MANIFEST).read_text())
    assert (manifest["epoch"], manifest["step"]) == (7, 2)
    inventory = checkpoint.inventory(model)
    assert manifest["variables"] == {n: [v.path, list(v.shape), v.dtype] for n, v in inventory.items()}
