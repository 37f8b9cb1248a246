"""Runs that grow, with the images or in depth: resumed, on two devices, exported."""

from __future__ import annotations

import os
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.cli.scripts import assert_identical, variables
from tests.training import killing
from tests.training.test_growing import RECIPES, flags_of
from tests.training.test_growing_depth import DEEPER
from tfgan_models import export
from tfgan_models.callbacks.metrics_file import read_rows
from tfgan_models.training import devices


@pytest.fixture
def train(tmp_path, monkeypatch):
    """Train in a folder, optionally killed at the end or in the middle of an epoch, counted from 1."""

    def go(name: str, recipe: str = "gan", end: int | None = None, middle: int | None = None, **options):
        flags = options.pop("flags", None) or flags_of(recipe, tmp_path / name / "run", **options)
        killing.run(monkeypatch, RECIPES[recipe], flags, end, middle)
        return tmp_path / name

    return go


# A kill in the first stage is that of any run.
KILLS = {
    "between stages": {"end": 2},
    "in the middle of a fade": {"middle": 4},
    "between fade and stage": {"end": 4},
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "recipe"), [*((case, "gan") for case in KILLS), ("in the middle of a fade", "vaegan")]
)
def test_killed_runs_end_with_the_weights_of_an_undisturbed_one(case, recipe, train):
    stages = {"fade_epochs": 2, "epochs_per_stage": 2, "training": {"epochs": 5}}
    check_resumed(train, recipe, KILLS[case], stages)


def check_resumed(train, recipe: str, kill: dict, stages: dict) -> None:
    """Weights, figures and pictures of a run that was killed and resumed equal those of an undisturbed one."""
    whole, killed = train("whole", recipe, **stages), train("killed", recipe, **kill, **stages)
    train("killed", recipe, **stages)
    assert_identical(variables(whole), variables(killed))
    assert read_rows(whole / "run") == read_rows(killed / "run")
    files = [sorted(path.name for path in (folder / "run" / "samples").iterdir()) for folder in (whole, killed)]
    assert files[0] == files[1] == [f"epoch-{i + 1:04d}.png" for i in range(5)]


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {**DEEPER, "training": {"epochs": 3}}])
def test_two_devices_train_as_one(options, train, two_devices, monkeypatch):
    strategies = {"default": tf.distribute.get_strategy(), "mirrored": two_devices}
    monkeypatch.setattr(devices, "strategy", strategies.__getitem__)
    training = options.get("training", {}) | {"ema": None}
    one = train("one", **options | {"training": training})
    two = train("two", **options | {"training": training | {"strategy": "mirrored"}})
    a, b = variables(one), variables(two)
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_allclose(a[name], b[name], rtol=2e-3, atol=2e-4, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", list(RECIPES))
def test_the_export_is_an_ordinary_one_of_the_full_size(recipe, train, tmp_path):
    flags = flags_of(recipe, tmp_path / "x" / "run", size=32, training={"epochs": 5})
    flags.output.export, flags.output.export_dir = True, str(tmp_path / "export")
    train("x", recipe, flags=flags)
    (version,) = export.versions(tmp_path / "export")
    latents = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    images = export.load(version)("generate", latent=latents)["image"]
    assert images.shape == (2, 32, 32, 1)
    plain = tf.saved_model.load(os.fspath(version)).signatures["generate"](tf.constant(latents))
    np.testing.assert_allclose(next(iter(plain.values())), images, atol=1e-6)
    with zipfile.ZipFile(version / "model.keras") as file:
        configuration = file.read("config.json")
    assert b"maps_8" in configuration
    assert b"fade_in" not in configuration


@pytest.mark.slow
@pytest.mark.parametrize(("recipe", "kill"), [("vaegan", {"end": 2}), ("gan", {"end": 3})])  # between stages, in one
def test_killed_runs_that_grow_in_depth_do_too(recipe, kill, train):
    check_resumed(train, recipe, kill, {"epochs_per_stage": 2, "training": {"epochs": 5}, **DEEPER})


@pytest.mark.slow
def test_a_run_that_grew_in_depth_has_an_ordinary_export(train, tmp_path):
    flags = flags_of("vaegan", tmp_path / "x" / "run", training={"epochs": 3}, **DEEPER)
    flags.output.export, flags.output.export_dir = True, str(tmp_path / "export")
    train("x", "vaegan", flags=flags)
    (version,) = export.versions(tmp_path / "export")
    with zipfile.ZipFile(version / "model.keras") as file:
        assert b"block_2_second" in file.read("config.json")
    loaded = keras.models.load_model(version / "model.keras")
    latents = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    images = export.load(version)("generate", latent=latents)["image"]
    np.testing.assert_allclose(loaded.generate(latents), images, atol=1e-6)
