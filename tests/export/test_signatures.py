"""The signatures of an export: shapes, seeds and distributions of their outputs."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import ATTRIBUTES, CHANNELS, LATENT, MODELS, SIZE
from tfgan_models import InputError, export
from tfgan_models.latent import code_prior
from tfgan_models.objectives import priors


@pytest.fixture(scope="module")
def vaegan(exported) -> export.ExportedModel:
    return export.load(exported("vaegan"))


def test_signatures_are_methods_of_what_tensorflow_loads(tmp_path):
    model = MODELS["vae"]()
    path = export.save(model, tmp_path, {})
    loaded = tf.saved_model.load(str(path))
    latents = tf.random.stateless_normal((3, *model.decoder.input_shape[1:]), (0, 1))
    actual = loaded.generate(latents)["image"]
    np.testing.assert_array_equal(actual, loaded.signatures["generate"](latent=latents)["image"])


def test_unknown_signature_raises_input_error(vaegan):
    with pytest.raises(
        InputError, match=r"'classify'.*generate, sample, sample_prior, encode, reconstruct, discriminate"
    ) as error:
        vaegan("classify", image=np.zeros((1, SIZE, SIZE, CHANNELS)))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("examples", [1, 3, 5])
def test_batches_are_of_any_size(vaegan, examples):
    random = np.random.default_rng(0)
    images = random.uniform(-1, 1, (examples, SIZE, SIZE, CHANNELS))
    latents = random.normal(size=(examples, LATENT))
    answers = {
        "generate": vaegan("generate", latent=latents),
        "sample": vaegan("sample", count=examples, seed=0),
        "encode": vaegan("encode", image=images, seed=0),
        "reconstruct": vaegan("reconstruct", image=images),
        "discriminate": vaegan("discriminate", image=images),
    }
    shapes = {s: {name: value.shape for name, value in answer.items()} for s, answer in answers.items()}
    image, latent = {"image": images.shape}, latents.shape
    assert shapes == {
        "generate": image,
        "sample": image | {"latent": latent},
        "encode": {"mean": latent, "stddev": latent, "latent": latent},
        "reconstruct": image,
        "discriminate": {"score": (examples,), "attributes": (examples, ATTRIBUTES)},
    }
    for answer in answers.values():
        assert {value.dtype for value in answer.values()} == {np.dtype(np.float32)}
    assert np.abs(answers["generate"]["image"]).max() <= 1
    assert 0 < answers["discriminate"]["attributes"].min() < answers["discriminate"]["attributes"].max() < 1


def test_sample_signature_is_reproducible_by_its_seed(vaegan):
    def sample(seed):
        return vaegan("sample", count=4, seed=seed)["image"]

    np.testing.assert_array_equal(sample(3), sample(3))
    assert len({sample(seed).tobytes() for seed in (-1, 0, 1, 2**31 - 1)}) == 4


def test_encode_draws_standard_noise_by_its_seed(vaegan):
    images = np.random.default_rng(0).uniform(-1, 1, (1000, SIZE, SIZE, CHANNELS)).astype(np.float32)
    first, again, other = (vaegan("encode", image=images, seed=seed) for seed in (3, 3, 4))
    for name in ("mean", "stddev", "latent"):
        np.testing.assert_array_equal(first[name], again[name])
    noises = [(answer["latent"] - answer["mean"]) / answer["stddev"] for answer in (first, other)]
    error = 5 / np.sqrt(noises[0].size)  # five standard errors
    for noise in noises:
        assert noise.mean() == pytest.approx(0, abs=error)
        assert noise.std() == pytest.approx(1, abs=error)
    assert (noises[0] * noises[1]).mean() == pytest.approx(0, abs=error)  # independent


def test_encode_without_noise_is_the_code(exported):
    images = np.random.default_rng(0).uniform(-1, 1, (2, SIZE, SIZE, CHANNELS))
    answer = export.load(exported("autoencoder"))("encode", image=images, seed=1)
    assert not answer["stddev"].any()
    np.testing.assert_array_equal(answer["latent"], answer["mean"])


def test_samples_of_codes_are_those_of_the_distribution(exported, tmp_path):
    """The same latents as TensorFlow Probability draws of the parameters, and images of them; the prior beside it."""
    random = np.random.default_rng(0)
    codes = random.normal(size=(300, LATENT)) @ random.normal(size=(LATENT, LATENT)) + 3.0
    for name, prior in (("vae", priors.standard_gaussian(LATENT)), ("autoencoder", None)):
        model, mixture = MODELS[name](), code_prior.fit_mixture(codes, prior)
        loaded = export.load(export.save(model, tmp_path / name, {}, code_prior=mixture))
        has, about = loaded.manifest["signatures"], loaded.manifest["code_prior"]
        assert has == ["generate", "sample", *(["sample_prior"] if prior else []), "encode", "reconstruct"]
        assert (loaded.manifest["sampler"], about) == ("codes", mixture.about())
        assert (about["components"], about["codes"], about["covariance"]) == (1, 300, "full")
        assert (about["prior_log_likelihood"] is None) == (prior is None)
        picture = loaded("sample", count=40, seed=7)
        latents = mixture.distribution().sample(40, seed=(7, 0)).numpy()
        np.testing.assert_allclose(picture["latent"], latents, atol=1e-4)
        np.testing.assert_allclose(picture["image"], model.generate(latents), atol=1e-4)
    custom = export.load(tmp_path / "vae")("sample_prior", count=40, seed=7)["latent"]
    of_the_prior = export.load(exported("vaegan"))
    for signature in ("sample", "sample_prior"):
        np.testing.assert_array_equal(custom, of_the_prior(signature, count=40, seed=7)["latent"])
