"""The user's own settings of Keras: a command sets what it needs, a model refuses what it cannot work with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import pytest

from tests.cli.scripts import ROOT
from tests.models.small import MODELS
from tfgan_models import InputError, keras_settings
from tfgan_models.cli import quiet_tensorflow
from tfgan_models.networks import dcgan


@pytest.fixture
def restored():
    """Settings of Keras that are restored after the test."""
    before = keras.config.image_data_format(), keras.config.floatx(), keras.config.epsilon()
    yield
    keras.config.set_image_data_format(before[0])
    keras.config.set_floatx(before[1])
    keras.config.set_epsilon(before[2])
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(
    ("name", "value", "needed"),
    [("image_data_format", "channels_first", "channels_last"), ("floatx", "float64", "float32")],
)
def test_models_refuse_settings_that_would_make_others(name, value, needed, restored):
    getattr(keras.config, f"set_{name}")(value)
    said = rf"^Keras' {name} is '{value}', and models of this package need '{needed}': call keras.config.set_{name}\("
    for make in (MODELS["gan"], MODELS["vae"], lambda: dcgan.generator(16, 1, 4)):
        with pytest.raises(InputError, match=said):
            make()


def test_models_refuse_another_backend(monkeypatch):
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(InputError, match=r"^Keras' backend is 'jax', .*: set KERAS_BACKEND=tensorflow before"):
        dcgan.generator(16, 1, 4)


def test_a_command_sets_what_it_needs(restored, monkeypatch, capsys):
    keras.config.set_image_data_format("channels_first")
    keras.config.set_floatx("float64")
    keras.config.set_epsilon(1e-2)
    for name, value in {"KERAS_BACKEND": "jax", "KERAS_MAX_EPOCHS": "1"}.items():
        monkeypatch.setenv(name, value)
    keras_settings.prepare()
    keras_settings.apply()
    keras_settings.check()
    assert (keras.config.epsilon(), keras.config.dtype_policy().name) == (1e-7, "float32")
    assert os.environ["KERAS_BACKEND"] == "tensorflow"
    assert "KERAS_MAX_EPOCHS" not in os.environ
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "keras:       KERAS_BACKEND=jax is not used, this package needs tensorflow",
        "keras:       KERAS_MAX_EPOCHS=1 is not used, give --epochs or --steps_per_epoch",
    ]
    keras_settings.prepare()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"floatx": "double"}', "floatx 'double' is unknown: give float16 or float32 or float64, or remove the file"),
        ('{"image_data_format": ""}', "image_data_format '' is unknown: give channels_last or channels_first, or"),
        ('{"epsilon": 1}', "epsilon 1: give a number such as 1e-07, or remove the file"),
        ("[]", "it holds no names and values: correct the file or remove it"),
    ],
)
def test_settings_that_keras_does_not_know_are_one_line(content, said, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "keras.json").write_text(content)
    with pytest.raises(InputError, match=f"^{tmp_path}/keras.json: {re.escape(said)}"):
        keras_settings.prepare()


@pytest.mark.parametrize("content", ["{", "{}", '{"backend": "jax", "floatx": "float16", "epsilon": 1e-3}'])
def test_other_settings_are_left_to_keras(content, tmp_path, monkeypatch, capsys):
    """A backend in the file does not count, because that in the environment goes before it."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    for file in (None, tmp_path / "keras.json"):
        if file:
            file.write_text(content)
        monkeypatch.delenv("KERAS_BACKEND", raising=False)
        keras_settings.prepare()
        assert os.environ["KERAS_BACKEND"] == "tensorflow"
    assert (tmp_path / "keras.json").read_text() == content
    assert capsys.readouterr() == ("", "")


def train(folder: Path, name: str, settings: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Train with the settings of a user's ``keras.json``, in a process of its own."""
    home = folder / "keras"
    home.mkdir(exist_ok=True)
    (home / "keras.json").write_text(json.dumps(settings))
    flags = "--dataset digits --image_size 8 --epochs 1 --steps_per_epoch 2 --precision float32 --no-export --run_dir"
    return subprocess.run(
        [sys.executable, str(ROOT / "train" / "vae.py"), *flags.split(), name],
        cwd=folder,
        env={**os.environ, "KERAS_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.slow
def test_a_run_does_not_depend_on_keras_json(tmp_path):
    settings = {"image_data_format": "channels_first", "floatx": "float16", "epsilon": 0.1, "backend": "jax"}
    printed = [train(tmp_path, "plain", {}).stdout, train(tmp_path, "own", settings).stdout]
    weights = [[line for line in text.splitlines() if line.startswith("weights:")] for text in printed]
    assert weights[0] == weights[1] != []


@pytest.mark.slow
def test_a_type_that_keras_does_not_have_is_refused_in_one_line(tmp_path):
    refused = train(tmp_path, "own", {"floatx": "double"})
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"vae.py: error: {tmp_path}/keras/keras.json: floatx 'double' is unknown")


@pytest.mark.parametrize(("users", "expected"), [(None, "1"), ("0", "0")])
def test_commands_turn_on_the_kernels_of_onednn_unless_the_user_has_decided(users, expected, monkeypatch):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    if users is not None:
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", users)
    quiet_tensorflow.import_tensorflow()
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == expected
