"""``sample_as`` and ``discriminate`` of conditional models: in Python, in TensorFlow, and what they refuse."""

from __future__ import annotations

import dataclasses
import types

import numpy as np
import pytest
import tensorflow as tf

from tests.models.conditional import LABELS, judged
from tests.models.sizes import CLASSES, LATENT
from tests.models.small import batch
from tests.shared import trained
from tests.tiers import tiered
from tfgan_models import InputError, export
from tfgan_models.export import latent_classes
from tfgan_models.export.parts import BLOCK
from tfgan_models.latent import code_prior
from tfgan_models.objectives import priors

FIRST, SECOND = np.eye(CLASSES, dtype=np.float32)[:2]


@pytest.fixture(scope="module")
def projection(exported) -> export.ExportedModel:
    return export.load(exported("gan_projection"))


@pytest.fixture(scope="module")
def auxiliary(exported) -> export.ExportedModel:
    return export.load(exported("gan_auxiliary"))


def test_samples_have_the_condition_and_the_styles_of_the_seed(projection):
    first, again, other = (projection("sample_as", count=6, seed=3, condition=c) for c in (FIRST, FIRST, SECOND))
    np.testing.assert_array_equal(first["image"], again["image"])
    np.testing.assert_array_equal(first["latent"][:, :CLASSES], np.tile(FIRST, (6, 1)))
    np.testing.assert_array_equal(other["latent"][:, :CLASSES], np.tile(SECOND, (6, 1)))
    np.testing.assert_array_equal(first["latent"][:, CLASSES:], other["latent"][:, CLASSES:])
    assert first["latent"].shape == (6, LATENT) and len(np.unique(first["latent"][:, CLASSES])) == 6
    np.testing.assert_allclose(
        first["image"], trained("gan_projection").generate(tf.constant(first["latent"])), atol=1e-5
    )


def test_any_number_of_samples_is_drawn_in_blocks(projection):
    many = projection("sample_as", count=BLOCK + 5, seed=3, condition=SECOND)
    parts = list(projection.samples(BLOCK + 5, 3, condition=SECOND))
    assert [len(part["image"]) for part in parts] == [BLOCK, 5]
    np.testing.assert_array_equal(np.concatenate([part["latent"] for part in parts]), many["latent"])
    np.testing.assert_array_equal(many["latent"][:, :CLASSES], np.tile(SECOND, (BLOCK + 5, 1)))


def test_the_manifest_names_the_condition(projection, auxiliary):
    assert projection.manifest["condition"] == {"kind": "labels", "names": list(LABELS), "conditioning": "projection"}
    assert auxiliary.manifest["condition"] == {
        "kind": "attributes",
        "names": ["attribute 2", "attribute 0", "attribute 1"],
        "conditioning": "auxiliary",
    }


def test_judgments_are_those_of_the_model(projection, auxiliary):
    step = batch()
    inputs = judged(trained("gan_projection"), step)
    scores = projection("discriminate", image=inputs["images"], condition=inputs["conditions"])["score"]
    np.testing.assert_allclose(scores, trained("gan_projection").discriminate(**inputs)[:, 0], atol=1e-5)
    expected, logits = trained("gan_auxiliary").discriminate(step["image"])
    answer = auxiliary("discriminate", image=step["image"])
    np.testing.assert_allclose(answer["score"], expected[:, 0], atol=1e-5)
    np.testing.assert_allclose(answer["condition"], tf.sigmoid(logits), atol=1e-5)


def test_styles_of_codes_are_those_of_the_mixture(tmp_path):
    model, random = trained("vae_conditional"), np.random.default_rng(0)
    mixture = code_prior.fit_mixture(random.normal(3.0, 0.5, (300, model.style_dim)))
    effects = random.normal(size=(model.condition.size, model.style_dim)).astype(np.float32)
    mixture = dataclasses.replace(mixture, condition=model.condition, effects=effects)
    loaded = export.load(export.save(model, tmp_path / "vae", {}, code_prior=mixture))
    assert loaded.manifest["sampler"] == "codes"
    told, size = np.array([1, 0, 1], np.float32), model.condition.size
    prior = priors.standard_gaussian(model.style_dim).sample(20, seed=(7, 0))
    of_codes = mixture.mixture().sample(20, seed=(7, 0)) + told @ effects
    for source, styles in {None: of_codes, "codes": of_codes, "prior": prior}.items():
        (part,) = loaded.samples(20, 7, source, told)
        np.testing.assert_array_equal(part["latent"][:, :size], np.tile(told, (20, 1)))
        np.testing.assert_allclose(part["latent"][:, size:], styles, atol=1e-5)
        np.testing.assert_allclose(part["image"], model.generate(tf.constant(part["latent"])), atol=1e-4)
    latents = loaded("sample", count=20, seed=7)["latent"]
    np.testing.assert_allclose(latents, mixture.distribution().sample(20, seed=(7, 0)), atol=1e-5)
    assert set(np.unique(latents[:, :size])) == {0, 1}
    differences = latents[:, size:] - latents[:, :size] @ effects
    assert np.abs(differences.mean(0) - 3).max() < 1
    changed = loaded.with_conditions(latents, 1 - latents[:, :size])
    np.testing.assert_array_equal(changed[:, :size], 1 - latents[:, :size])
    np.testing.assert_allclose(changed[:, size:] - changed[:, :size] @ effects, differences, atol=1e-4)
    of_prior = loaded.with_conditions(latents, 1 - latents[:, :size], "prior")  # whose styles do not depend on it
    np.testing.assert_array_equal(of_prior[:, size:], latents[:, size:])


@pytest.mark.parametrize("name", tiered(["vae_conditional", "vaegan_concat"], ["vaegan_concat"]))
def test_pictures_are_encoded_and_reconstructed_with_their_conditions(name, exported):
    model, step, encoding = trained(name), batch(), export.load(exported(name))
    conditions = model.condition.of(step).numpy()
    posterior = model.encode_as(step["image"], conditions)
    answer = encoding("encode", image=step["image"], condition=conditions, seed=3)
    np.testing.assert_allclose(answer["mean"], posterior.mean(), atol=1e-5)
    np.testing.assert_allclose(answer["stddev"], posterior.stddev(), atol=1e-5)
    np.testing.assert_array_equal(answer["latent"][:, :CLASSES], conditions)
    assert (np.abs(answer["latent"][:, CLASSES:] - answer["mean"]) <= 6 * answer["stddev"]).all()
    if name == "vaegan_concat":
        answer = encoding("discriminate", image=step["image"], condition=conditions)
        np.testing.assert_allclose(answer["score"], model.discriminate(step["image"], conditions)[:, 0], atol=1e-5)
    for given in (conditions, 1 - conditions):
        image = encoding("reconstruct", image=step["image"], condition=given)["image"]
        np.testing.assert_allclose(image, model.reconstruct_as(step["image"], given), atol=1e-5)
    assert not encoding.encodes  # not from images alone, as `tfgan edit`, `tfgan project` and the studio would
    with pytest.raises(InputError, match=r"encodes pictures only with their own condition, give a model .* without"):
        encoding.codes(step["image"])
    with pytest.raises(InputError, match="condition: give one for each of"):
        encoding("reconstruct", image=step["image"], condition=conditions[:1])
    with pytest.raises(tf.errors.InvalidArgumentError, match="condition: give one for each image"):
        function = encoding._loaded.signatures["reconstruct"]
        function(image=tf.constant(step["image"]), condition=tf.constant(conditions[:1]))
    names = ["attribute 2", "attribute 0", "attribute 1"]
    told = {"conditioning": "concat"} if name == "vaegan_concat" else {}
    assert encoding.manifest["condition"] == {"kind": "attributes", "names": names} | told


SUM = "condition: .*give a 1 for one class"
IMAGES = batch()["image"][:2]
BAD = {
    "shape": ("sample_as", {"count": 2, "seed": 0, "condition": FIRST[:2]}, r"condition: give the shape \[3\], not"),
    "axes": ("sample_as", {"count": 2, "seed": 0, "condition": FIRST[None]}, r"condition: give the shape \[n\], not"),
    "two classes": ("sample_as", {"count": 2, "seed": 0, "condition": FIRST + SECOND}, SUM),
    "no class": ("sample_as", {"count": 2, "seed": 0, "condition": 0 * FIRST}, SUM),
    "range": ("sample_as", {"count": 2, "seed": 0, "condition": 2 * FIRST - SECOND}, "condition: .*values from 0 to 1"),
    "NaN": ("sample_as", {"count": 2, "seed": 0, "condition": FIRST + np.nan}, "condition: .*give values from 0 to 1"),
    "count": ("sample_as", {"count": 0, "seed": 0, "condition": FIRST}, "count.*: give a number above 0"),
    "rows": ("discriminate", {"image": IMAGES, "condition": FIRST[None]}, "condition: give one for each"),
    "classes": ("discriminate", {"image": IMAGES, "condition": np.ones((2, 3), np.float32)}, SUM),
}


@pytest.mark.parametrize(("signature", "inputs", "said"), BAD.values(), ids=BAD)
def test_bad_conditions_are_refused_in_the_graph_and_in_python(signature, inputs, said, projection):
    function = projection._loaded.signatures[signature]
    specs = function.structured_input_signature[1]
    with pytest.raises(tf.errors.InvalidArgumentError, match=said):
        function(**{name: tf.constant(value, specs[name].dtype) for name, value in inputs.items()})
    with pytest.raises(InputError, match=said) as error:
        projection(signature, **inputs)
    assert "\n" not in str(error.value)


def test_attributes_may_be_any(auxiliary):
    for condition in (np.zeros(3), np.ones(3), np.full(3, 0.5)):
        assert auxiliary("sample_as", count=2, seed=0, condition=condition)["latent"][0, :3] == pytest.approx(condition)
    with pytest.raises(InputError, match="condition: it has values from 0 to 2, give values from 0 to 1"):
        auxiliary.samples(2, 0, condition=[2, 0, 0])


def test_a_condition_for_a_model_without_one_is_refused(exported):
    with pytest.raises(InputError, match="has no signature 'sample_as': it has"):
        next(export.load(exported("gan")).samples(2, condition=SECOND))


@pytest.mark.parametrize(("algorithm", "names"), [("SupervisedAAE", ["cat", "dog"]), ("ClusteringAAE", ["0", "1"])])
def test_clusters_have_no_names_of_classes(algorithm, names):
    class Model(types.SimpleNamespace):
        def __call__(self, signature: str, count: int, seed: int) -> dict[str, np.ndarray]:
            return {"latent": np.float32([[1, 0, 0.5], [0, 1, -0.5]] * (count // 2))}

    manifest = {"prior": "class_and_style", "algorithm": algorithm, "label_names": ["cat", "dog"]}
    assert latent_classes.condition_of(Model(manifest=manifest, sampler=lambda source: "sample_prior")) == {
        "kind": "labels",
        "names": names,
    }
