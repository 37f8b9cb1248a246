"""The Keras model next to a SavedModel, and the model in float32 that is rebuilt from it."""

from __future__ import annotations

import shutil
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.exported import DISTINCT_EXPORTS
from tests.models.small import LATENT, MODELS
from tests.tiers import tiered
from tfgan_models import InputError, export
from tfgan_models.export import keras_file
from tfgan_models.training import parent

LATENTS = np.random.default_rng(0).normal(size=(3, LATENT)).astype(np.float32)


def weights(version) -> list[np.ndarray]:
    return [value for _, value in export.read_weights(export.load(version))]


@pytest.mark.parametrize("name", tiered(DISTINCT_EXPORTS, ["vaegan", "gan_with_everything"]))
def test_keras_loads_the_whole_model_in_safe_mode(name, exported):
    version = exported(name)
    model = keras.saving.load_model(version / "model.keras")
    assert type(model) is type(MODELS[name]()) and not model.compiled
    for variable, value in zip(model.variables, weights(version), strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    with zipfile.ZipFile(version / "model.keras") as file:
        assert set(file.namelist()) == {"metadata.json", "config.json", "model.weights.h5"}


def test_a_warm_start_reads_the_same_from_it_as_from_the_saved_model(exported):
    of_keras, of_export = (parent.read(str(path)) for path in (exported("vaegan") / "model.keras", exported("vaegan")))
    assert of_keras.digest == of_export.digest
    assert [weight and (weight.network, weight.shape) for weight in of_keras.weights] == [
        weight and (weight.network, weight.shape) for weight in of_export.weights
    ]


def test_a_model_of_bfloat16_is_rebuilt_in_float32(tmp_path):
    keras.utils.set_random_seed(1)
    plain = MODELS["vaegan"]()
    keras.config.set_dtype_policy("mixed_bfloat16")
    reduced = MODELS["vaegan"]()
    keras.config.set_dtype_policy("float32")
    for variable, source in zip(reduced.variables, plain.variables, strict=True):
        variable.assign(source)
    version = export.save(reduced, tmp_path, {})
    again = keras_file.rebuild(version, weights(version))
    np.testing.assert_array_equal(again.generate(LATENTS), plain.generate(LATENTS))
    assert np.abs(export.load(version)("generate", latent=LATENTS)["image"] - plain.generate(LATENTS)).max() > 0
    assert {tf.as_dtype(layer.compute_dtype) for layer in again.discriminator.layers} == {tf.float32}
    loaded = keras.saving.load_model(version / "model.keras")
    assert {variable.dtype for variable in loaded.decoder.variables} == {"float32"}


def test_the_configuration_alone_is_enough(exported, tmp_path):
    version = shutil.copytree(exported("vaegan"), tmp_path / "1")
    with zipfile.ZipFile(version / "model.keras") as file:
        (version / "model.json").write_bytes(file.read("config.json"))
    (version / "model.keras").unlink()
    again = keras_file.rebuild(version, weights(version))
    np.testing.assert_array_equal(again.generate(LATENTS), export.load(version)("generate", latent=LATENTS)["image"])


def test_what_cannot_be_rebuilt_is_refused_in_one_line(exported, tmp_path):
    version = shutil.copytree(exported("vaegan"), tmp_path / "1")
    values = weights(version)
    for content in (b"", b"{", b'{"class_name": "Unknown", "config": {}}'):
        (version / "model.keras").unlink(missing_ok=True)
        (version / "model.json").write_bytes(content)
        with pytest.raises(InputError, match=r"model.json' is damaged") as error:
            keras_file.rebuild(version, values)
        assert "\n" not in str(error.value) and len(str(error.value)) < 400
    (version / "model.keras").write_bytes(b"no archive")
    with pytest.raises(InputError, match=r"model.keras' is damaged"):
        keras_file.rebuild(version, values)
    shutil.copy(exported("gan") / "model.keras", version)  # of another model
    with pytest.raises(InputError, match=r"model.keras' is damaged"):
        keras_file.rebuild(version, values)
    for name in ("model.keras", "model.json"):
        (version / name).unlink()
    with pytest.raises(InputError, match=r"has no model.keras"):
        keras_file.rebuild(version, values)
