"""Edits of an export: by plain TensorFlow, by its methods, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import ATTRIBUTES, CHANNELS, LATENT, MODELS, SIZE
from tests.shared import ATTRIBUTE_NAMES
from tests.tiers import tiered
from tfgan_models import InputError, export
from tfgan_models.export.parts import BLOCK
from tfgan_models.latent.attribute_vectors import AttributeVectors
from tfgan_models.protocols import SupportsEncode

ENCODING = [name for name in MODELS if isinstance(MODELS[name](), SupportsEncode)]
IMAGES = np.random.default_rng(0).uniform(-1, 1, (3, SIZE, SIZE, CHANNELS)).astype(np.float32)


def vectors(latent_dim: int = LATENT) -> AttributeVectors:
    random = np.random.default_rng(1)
    values = random.normal(size=(ATTRIBUTES, latent_dim)).astype(np.float32)
    auc = np.array([0.9, np.nan, 0.5])
    return AttributeVectors(ATTRIBUTE_NAMES, values, auc, np.array([10, 20, 30]), 60, 30, "regression", ("rare",))


@pytest.fixture(scope="module")
def vae(tmp_path_factory) -> export.ExportedModel:
    folder = tmp_path_factory.mktemp("vae")
    return export.load(export.save(MODELS["vae"](), folder, {}, attribute_vectors=vectors()))


@pytest.mark.parametrize("name", tiered(ENCODING, ["aae_universal", "semi_supervised_aae"]))
def test_edits_are_those_of_the_model(name, tmp_path):
    model = MODELS[name]()
    planted = vectors(model.decoder.input_shape[-1])
    loaded = export.load(export.save(model, tmp_path, {}, attribute_vectors=planted))
    assert loaded.manifest["signatures"][-2:] == ["edit", "edit_image"]
    assert loaded.editable == ATTRIBUTE_NAMES
    np.testing.assert_array_equal(loaded.vectors, planted.vectors)
    codes = np.asarray(model.encode(IMAGES).mean())
    np.testing.assert_allclose(loaded.codes(IMAGES), codes, atol=1e-5)
    strengths = np.random.default_rng(2).normal(size=(3, ATTRIBUTES)).astype(np.float32)
    expected = model.generate(codes + strengths @ planted.vectors)
    np.testing.assert_allclose(loaded.edit(codes, strengths), expected, atol=1e-4)
    np.testing.assert_allclose(loaded.edit_image(IMAGES, strengths), expected, atol=1e-4)
    np.testing.assert_allclose(loaded.edit_image(IMAGES, strengths * 0), model.reconstruct(IMAGES), atol=1e-4)


PLAIN = """
import sys
sys.modules["tfgan_models"] = None
import numpy as np
import tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
given = np.load(sys.argv[2])
image, latent, strength = (tf.constant(given[name]) for name in ("image", "latent", "strength"))
edited = loaded.signatures["edit"](latent=latent, strength=strength)["image"]
edited_image = loaded.signatures["edit_image"](image=image, strength=strength)["image"]
assert (loaded.edit(latent, strength)["image"].numpy() == edited.numpy()).all()
np.savez(sys.argv[3], edit=edited, edit_image=edited_image, vectors=loaded.attribute_vectors)
"""


def test_plain_tensorflow_edits_without_the_package(vae, tmp_path):
    strength = np.random.default_rng(2).normal(size=(3, ATTRIBUTES)).astype(np.float32)
    given = {"image": IMAGES, "latent": vae.codes(IMAGES), "strength": strength}
    np.savez(tmp_path / "given.npz", **given)
    paths = [str(path) for path in (vae.path, tmp_path / "given.npz", tmp_path / "edited.npz")]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, *paths], capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(tmp_path / "edited.npz") as edited:
        np.testing.assert_array_equal(edited["edit"], vae.edit(given["latent"], strength))
        np.testing.assert_array_equal(edited["edit_image"], vae.edit_image(IMAGES, strength))
        np.testing.assert_array_equal(edited["vectors"], vectors().vectors)


def test_the_manifest_describes_the_vectors(vae):
    assert vae.manifest["attribute_vectors"] == {
        "names": list(ATTRIBUTE_NAMES),
        "auc": [0.9, None, 0.5],
        "examples": [10, 20, 30],
        "method": "regression",
        "images": 60,
        "held_out_images": 30,
        "left_out": ["rare"],
    }


def test_strengths_by_name_are_those_of_the_columns(vae):
    first, last = ATTRIBUTE_NAMES[0], ATTRIBUTE_NAMES[-1]
    columns = np.zeros((3, ATTRIBUTES), np.float32)
    columns[:, 0], columns[:, -1] = 2, [-1, 0, 1]
    by_name = vae.edit_image(IMAGES, {first: 2, last: [-1, 0, 1]})
    np.testing.assert_array_equal(by_name, vae.edit_image(IMAGES, columns))


def test_any_number_of_edits_is_made_in_blocks(vae):
    random = np.random.default_rng(0)
    latents, strengths = (random.normal(size=(2 * BLOCK + 3, n)).astype(np.float32) for n in (LATENT, ATTRIBUTES))
    whole = vae._loaded.signatures["edit"](latent=tf.constant(latents), strength=tf.constant(strengths))["image"]
    np.testing.assert_allclose(vae.edit(latents, strengths), whole, atol=1e-6)
    images = vae("generate", latent=latents)["image"]
    assert vae.codes(images).shape == latents.shape


ZEROS = np.zeros((3, ATTRIBUTES), np.float32)
BAD = {
    "rows": ("edit_image", {"image": IMAGES, "strength": ZEROS[:2]}, "strength: give one for each"),
    "rows of latents": (
        "edit",
        {"latent": ZEROS[:, :1].repeat(LATENT, 1), "strength": ZEROS[:2]},
        "strength: give one",
    ),
    "columns": ("edit_image", {"image": IMAGES, "strength": ZEROS[:, :2]}, r"strength: give the shape \[n, 3\]"),
    "NaN": ("edit_image", {"image": IMAGES, "strength": ZEROS + np.nan}, "strength: .*give finite values"),
    "bytes": ("edit_image", {"image": IMAGES + 255, "strength": ZEROS}, r"image: .*give float32 values in \[-1, 1\]"),
    "latents": ("edit", {"latent": ZEROS[:, :2], "strength": ZEROS}, rf"latent: give the shape \[n, {LATENT}\]"),
}


@pytest.mark.parametrize(("signature", "inputs", "said"), BAD.values(), ids=BAD)
def test_bad_inputs_are_refused_in_the_graph_and_in_python(signature, inputs, said, vae):
    with pytest.raises(tf.errors.InvalidArgumentError, match=said):
        vae._loaded.signatures[signature](**{name: tf.constant(value) for name, value in inputs.items()})
    with pytest.raises(InputError, match=said):
        vae(signature, **inputs)


def test_unknown_names_and_other_shapes_of_strengths_raise_input_error(vae):
    with pytest.raises(InputError, match="attribute Attribute 1: unknown, did you mean attribute 1"):
        vae.edit_image(IMAGES, {"Attribute 1": 1})
    with pytest.raises(InputError, match=r"strengths of attribute 1: give one number or \[3\], not \[2\]"):
        vae.edit_image(IMAGES, {"attribute 1": [1, 2]})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("vaegan", "has no vectors of attributes"),
        ("gan", "GAN does not encode pictures to latents"),
        ("supervised_aae", "SupervisedAAE does not encode pictures to latents"),
    ],
)
def test_an_export_without_vectors_loads_and_says_why_it_cannot_edit(name, said, exported):
    model = export.load(exported(name))
    del model.manifest["attribute_vectors"]  # as earlier versions wrote it
    assert model.editable == ()
    for edit in (lambda: model.edit_image(IMAGES, {"Smiling": 1}), lambda: model.vectors):
        with pytest.raises(InputError, match=said) as error:
            edit()
        assert "\n" not in str(error.value)
