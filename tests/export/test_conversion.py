"""ONNX and LiteRT files of exports: they compute what TensorFlow does, or are refused in one line."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import re
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.export.test_edit import vectors
from tests.models.expected import SIGNATURES
from tests.models.exported import DISTINCT_EXPORTS
from tests.models.small import CHANNELS, LATENT, MODELS, SIZE
from tests.networks import cases
from tests.tiers import tiered
from tfgan_models import GAN, AutoEncoder, InputError, export, layers
from tfgan_models.export import conversion, litert_format, onnx_format
from tfgan_models.latent import code_prior
from tfgan_models.networks import FAMILIES, mlp

FORMATS = ("onnx", "litert")
RANDOM = np.random.default_rng(0)
MIXTURE = code_prior.fit_mixture(RANDOM.normal(size=(300, LATENT)) + RANDOM.choice([-4, 4], (300, 1)))


def converted(version, formats=FORMATS, *signatures: str) -> dict[str, float]:
    """The differences of the files, by ``format/signature``, after checks that they are written and recorded."""
    differences = {}
    for path, difference in conversion.convert(version, formats, signatures):
        assert path.is_file() and path.parent.parent == version and difference <= 1e-4
        differences[f"{path.parent.name}/{path.stem}"] = difference
    manifest = json.loads((version / export.MANIFEST).read_text())
    recorded = {f"{name}/{signature}": value for name in formats for signature, value in manifest[name].items()}
    assert recorded == pytest.approx(differences, rel=0.1)
    return differences


def run(version, name: str, **inputs) -> dict[str, np.ndarray]:
    suffix, module = {"onnx": (".onnx", onnx_format), "litert": (".tflite", litert_format)}[name.partition("/")[0]]
    return module.run((version / f"{name}{suffix}").read_bytes(), inputs)


@pytest.fixture(scope="module")
def vae(tmp_path_factory):
    """An export with vectors and a mixture. All signatures are converted to ONNX, and one to LiteRT."""
    folder = tmp_path_factory.mktemp("vae")
    version = export.save(MODELS["vae"](), folder, {}, code_prior=MIXTURE, attribute_vectors=vectors())
    every = converted(version, ["onnx"])
    assert set(every) == {f"onnx/{n}" for n in ("generate", "encode", "reconstruct", "edit", "edit_image", "sample")}
    converted(version, ["litert"], "sample")
    return version


@pytest.mark.parametrize("examples", tiered([1, 5], [5]))
def test_the_files_compute_the_signatures_for_batches_of_any_size(vae, examples):
    exported = export.load(vae)
    latents = RANDOM.normal(size=(examples, LATENT)).astype(np.float32)
    images = RANDOM.uniform(-1, 1, (examples, SIZE, SIZE, CHANNELS)).astype(np.float32)
    strengths = RANDOM.normal(size=(examples, 3)).astype(np.float32)
    for name, inputs, renamed in (
        ("generate", {"latent": latents}, {}),
        ("encode", {"image": images}, {}),
        ("reconstruct", {"image": images}, {"image": "output_image"}),
        ("edit", {"latent": latents, "strength": strengths}, {}),
        ("edit_image", {"image": images, "strength": strengths}, {"image": "output_image"}),
    ):
        expected = exported(name, **inputs, **({"seed": 0} if name == "encode" else {}))
        expected.pop("latent", None)
        outputs = run(vae, f"onnx/{name}", **inputs)
        assert outputs.keys() == {renamed.get(key, key) for key in expected}
        for key, value in expected.items():
            np.testing.assert_allclose(outputs[renamed.get(key, key)], value, atol=1e-5)


@pytest.mark.parametrize("name", FORMATS)
def test_a_sample_is_a_draw_from_the_mixture_by_random_numbers_from_outside(vae, name):
    assert len(MIXTURE.weights) > 1
    with np.load(vae / "code_prior.npz") as mixture:
        weights, means, scales = (mixture[key] for key in ("weights", "means", "scales"))
    noise = RANDOM.standard_normal((64, LATENT), np.float32)
    uniform = np.linspace(0, 1, 64, endpoint=False, dtype=np.float32)
    outputs = run(vae, f"{name}/sample", noise=noise, uniform=uniform)
    for latent, e, u in zip(outputs["latent"], noise, uniform, strict=True):
        component = int(np.searchsorted(np.cumsum(weights), u, side="right"))
        scale = np.diag(scales[component]) if scales.ndim == 2 else scales[component]
        np.testing.assert_allclose(latent, means[component] + scale @ e, atol=1e-5)
    images = export.load(vae)("generate", latent=outputs["latent"])["image"]
    np.testing.assert_allclose(outputs["image"], images, atol=1e-5)


def test_a_sample_of_a_conditional_model_takes_its_condition(tmp_path):
    model = MODELS["vae_conditional"]()
    size, style_dim = model.condition.size, model.style_dim
    mixture = code_prior.fit_mixture(RANDOM.normal(size=(300, style_dim)))
    effects = RANDOM.normal(size=(size, style_dim)).astype(np.float32)
    mixture = dataclasses.replace(mixture, condition=model.condition, effects=effects)
    version = export.save(model, tmp_path, {}, code_prior=mixture)
    converted(version, ["onnx"], "sample")
    condition = RANDOM.integers(0, 2, (8, size)).astype(np.float32)
    noise, uniform = RANDOM.standard_normal((8, style_dim), np.float32), np.zeros(8, np.float32)
    outputs = run(version, "onnx/sample", noise=noise, uniform=uniform, condition=condition)
    scale = np.diag(mixture.scales[0]) if mixture.scales.ndim == 2 else mixture.scales[0]
    styles = mixture.means[0] + noise @ scale.T + condition @ effects
    np.testing.assert_allclose(outputs["latent"], np.concatenate([condition, styles], 1), atol=1e-5)
    np.testing.assert_allclose(outputs["image"], model.generate(tf.constant(outputs["latent"])), atol=1e-5)


def test_posteriors_of_draws_convert(exported, tmp_path):
    """Their noise is a constant of the file, and their shapes are computed by an operation that ONNX does not have."""
    version = shutil.copytree(exported("aae_universal"), tmp_path / "1")
    assert converted(version, ["onnx"], "encode").keys() == {"onnx/encode"}


def test_masks_that_are_hashes_are_refused_by_name(exported, tmp_path):
    version = shutil.copytree(exported("gan_of_dropout_in_samples"), tmp_path / "1")
    with pytest.raises(InputError, match=r"signatures generate: ONNX has no .* Bitcast of .*dropout"):
        converted(version, ["onnx"], "generate")


@pytest.mark.slow
# r3gan has the networks of wgan_gp, and the masks of the other are refused (above).
@pytest.mark.parametrize("name", sorted({*DISTINCT_EXPORTS} - {"gan_of_dropout_in_samples", "r3gan"}))
def test_every_kind_of_model_converts(name, exported, tmp_path):
    version = shutil.copytree(exported(name), tmp_path / "1")
    expected = [signature for signature in SIGNATURES[name] if not signature.startswith("sample")]
    assert set(converted(version)) == {f"{each}/{s}" for each in FORMATS for s in expected}


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_converts_in_bfloat16(family, tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    version = export.save(GAN(cases.generator(family), cases.discriminator(family, attributes=0)), tmp_path, {})
    keras.config.set_dtype_policy("float32")
    assert len(converted(version)) == 4


@pytest.mark.slow
@pytest.mark.parametrize(("family", "option"), cases.each_option_once())
def test_every_option_of_discriminators_converts(family, option, tmp_path):
    model = GAN(cases.generator(family), cases.discriminator(family, option, attributes=0))
    assert len(converted(export.save(model, tmp_path, {}), FORMATS, "discriminate")) == 2


def of_all_layers() -> AutoEncoder:
    """Its encoder has every layer with weights or noise of the package."""
    images = keras.Input((SIZE, SIZE, CHANNELS))
    hidden = layers.SpectralNormalization(layers.Conv2D(4, 4, strides=2, padding="same"))(images)
    hidden = layers.BatchNormalization()(hidden)
    hidden = layers.WeightNormalization(layers.Conv2D(4, 4, strides=2, padding="same"))(hidden)
    hidden = layers.VirtualBatchNormalization()(hidden)
    hidden = layers.WeightNormalization(layers.Conv2DTranspose(4, 4, strides=2, padding="same"))(hidden)
    hidden = layers.SpectralNormalization(layers.Conv2DTranspose(4, 4, strides=2, padding="same"))(hidden)
    hidden = layers.Maxout(8, 2)(keras.layers.Flatten()(layers.GaussianNoise(0.1)(hidden)))
    hidden = layers.MinibatchDiscrimination(4, 2)(hidden)
    hidden = layers.WeightNormalization(keras.layers.Dense(LATENT))(hidden)
    return AutoEncoder(keras.Model(images, layers.ClusterHeads(2)(hidden)), mlp.decoder(SIZE, CHANNELS, LATENT - 2))


def test_every_layer_converts(tmp_path):
    assert set(converted(export.save(of_all_layers(), tmp_path, {}), FORMATS, "encode")) == {
        "onnx/encode",
        "litert/encode",
    }


@keras.saving.register_keras_serializable("tests")
class SingularValues(keras.layers.Layer):
    """A layer whose operation neither format has."""

    def call(self, inputs):
        values = tf.linalg.svd(tf.linalg.diag(inputs), compute_uv=False)
        return tf.ensure_shape(inputs + values, inputs.shape)


@pytest.mark.parametrize("name", FORMATS)
def test_an_operation_without_counterpart_is_refused_by_name(name, tmp_path):
    encoder = mlp.encoder(SIZE, CHANNELS, LATENT, (16,), stochastic=False)
    encoder = keras.Model(encoder.inputs, SingularValues(name="singular_values")(encoder.outputs[0]))
    version = export.save(AutoEncoder(encoder, mlp.decoder(SIZE, CHANNELS, LATENT, (16,))), tmp_path, {})
    with pytest.raises(InputError, match=r"^signatures encode: .*operation Svd") as error:
        converted(version, [name], "encode")
    assert error.value.argument == "signatures" and "\n" not in str(error.value)
    assert name == "litert" or "singular_values" in str(error.value)
    assert not (version / name).exists()


def test_outputs_that_differ_are_refused(exported, tmp_path, monkeypatch):
    version = shutil.copytree(exported("vae"), tmp_path / "1")
    monkeypatch.setattr(conversion.onnx_format, "run", wrong(onnx_format.run))
    with pytest.raises(InputError, match=r"^signatures generate: ONNX computes outputs that differ .* 2\.0e-04"):
        converted(version, ["onnx"], "generate")
    assert not (version / "onnx").exists() and "onnx" not in export.read_manifest(version)


def wrong(run):
    return lambda content, inputs: {name: value + np.float32(2e-4) for name, value in run(content, inputs).items()}


def test_the_largest_difference():
    expected = {"a": np.float32([0.5, -1]), "b": np.float32([[1000, 0]])}
    assert conversion.largest_difference(expected, expected) == 0
    assert conversion.largest_difference({"a": np.float32([0.5, -0.75]), "b": expected["b"]}, expected) == 0.25
    assert conversion.largest_difference(expected | {"b": np.float32([[1000, 100]])}, expected) == 0.1
    for other in (np.float32([0.5, np.nan]), np.float32([0.5])):
        assert conversion.largest_difference(expected | {"a": other}, expected) == np.inf


def test_what_cannot_be_converted_is_refused_in_one_line(exported, tmp_path, monkeypatch):
    version = shutil.copytree(exported("gan"), tmp_path / "1")
    for arguments, message in (
        ((version, ["onnx"], ["sample"]), r"^signatures sample: .* generate, discriminate"),
        ((version, ["torch"]), r"^format torch: give onnx or litert"),
        ((tmp_path / "nothing", ["onnx"]), r"is not an exported model"),
    ):
        with pytest.raises(InputError, match=message) as error:
            list(conversion.convert(*arguments))
        assert "\n" not in str(error.value)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for name in FORMATS:
        with pytest.raises(InputError, match=re.escape(f"run: pip install 'tfgan_models[{name}]'")):
            list(conversion.convert(version, [name]))
