"""Bad inputs of an export's signatures: an error that says what to give, in plain TensorFlow and in Python."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import CLASSES, LATENT, MODELS, SIZE
from tests.tiers import tiered
from tfgan_models import InputError, export
from tfgan_models.export import saved_model, signatures
from tfgan_models.export.parts import BLOCK

IMAGES, LATENTS = np.zeros((2, SIZE, SIZE, 1), np.float32), np.zeros((2, LATENT), np.float32)
WITH_NAN = np.where(np.arange(2)[:, None, None, None], np.nan, IMAGES).astype(np.float32)
SHAPE, RANGE = rf"image: give the shape \[n, {SIZE}, {SIZE}, 1\], not", r"image: .*give float32 values in \[-1, 1\]"
LATENT_SHAPE = rf"latent: give the shape \[n, {LATENT}\], not"
# In TensorFlow the name of the check says what is wanted.
NUMBER = r"(?s){0}_must_be_a_number.*expected shape \[\]|{0}: give the shape \[\], not"
BAD = {
    "no batch axis": ("reconstruct", {"image": IMAGES[0]}, SHAPE),
    "no channels": ("reconstruct", {"image": IMAGES[..., 0]}, SHAPE),
    "one axis more": ("discriminate", {"image": IMAGES[None]}, SHAPE),
    "a number": ("discriminate", {"image": np.float32(0)}, SHAPE),
    "other channels": ("discriminate", {"image": np.zeros((2, SIZE, SIZE, 3), np.float32)}, SHAPE),
    "other size": ("reconstruct", {"image": np.zeros((2, 8, 8, 1), np.float32)}, SHAPE),
    "other size to encode": ("encode", {"image": np.zeros((2, 8, 16, 1), np.float32), "seed": 0}, SHAPE),
    "bytes": ("reconstruct", {"image": IMAGES + 255}, RANGE),
    "below": ("encode", {"image": IMAGES - 1.1, "seed": 0}, RANGE),
    "NaN": ("discriminate", {"image": WITH_NAN}, RANGE),
    "a single latent": ("generate", {"latent": LATENTS[0]}, LATENT_SHAPE),
    "a longer latent": ("generate", {"latent": np.zeros((2, 9), np.float32)}, LATENT_SHAPE),
    "a latent of NaN": ("generate", {"latent": LATENTS + np.nan}, "latent: .*give finite values"),
    "an infinite latent": ("generate", {"latent": LATENTS - np.inf}, "latent: .*give finite values"),
    "no samples": ("sample", {"count": 0, "seed": 0}, "count.*: give a number above 0"),
    "a negative count": ("sample_prior", {"count": -3, "seed": 0}, "count.*: give a number above 0"),
    "several counts": ("sample", {"count": [4, 4], "seed": 0}, NUMBER.format("count")),
    "several seeds": ("sample", {"count": 4, "seed": [0, 1]}, NUMBER.format("seed")),
}


@pytest.fixture(scope="module")
def loaded(exported):
    return tf.saved_model.load(str(exported("vaegan")))


@pytest.mark.parametrize(("signature", "inputs", "said"), BAD.values(), ids=BAD)
def test_plain_tensorflow_raises_an_error_that_says_what_to_give(signature, inputs, said, loaded):
    function = loaded.signatures[signature]
    specs = function.structured_input_signature[1]
    with pytest.raises(tf.errors.InvalidArgumentError, match=said):
        function(**{name: tf.constant(value, specs[name].dtype) for name, value in inputs.items()})


@pytest.mark.parametrize(("signature", "inputs", "said"), BAD.values(), ids=BAD)
def test_exported_model_raises_input_error(signature, inputs, said, exported):
    with pytest.raises(InputError, match=said) as error:
        export.load(exported("vaegan"))(signature, **inputs)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([0, CLASSES], "label: give numbers from 0 to 2"),
        ([0, -1], "label: give numbers"),
        ([0], "one for each"),
        (1, "shape"),
    ],
)
def test_labels_are_checked(labels, said, exported):
    model = tf.saved_model.load(str(exported("supervised_aae")))
    reconstruct = model.signatures["reconstruct"]
    with pytest.raises(tf.errors.InvalidArgumentError, match=said):
        reconstruct(image=tf.constant(IMAGES), label=tf.constant(labels))
    assert reconstruct(image=tf.constant(IMAGES), label=tf.constant([0, 2]))["image"].shape == IMAGES.shape


def test_inputs_that_are_no_numbers_raise_input_error(exported):
    model = export.load(exported("vaegan"))
    for inputs in ({"latent": "a string"}, {"latent": [[1.0], [1.0, 2.0]]}):
        with pytest.raises(InputError, match=r"latent: give numbers of the shape \[n, 4\]"):
            model("generate", **inputs)
    for count in (2.5, 2**40):
        with pytest.raises(InputError, match=rf"count {re.escape(str(count))}: give whole numbers below 2147483647"):
            model("sample", count=count, seed=0)
    with pytest.raises(InputError, match=r"not \[16, 16, 1\]; add the batch axis by \[None\]"):
        model("reconstruct", image=IMAGES[0])


def test_the_signature_shows_the_shapes_that_it_takes(loaded):
    (spec,) = loaded.signatures["reconstruct"].structured_input_signature[1].values()
    assert spec.shape.as_list() == [None, SIZE, SIZE, 1]


ABORT = """
import sys
import tensorflow as tf
signatures = tf.saved_model.load(sys.argv[1]).signatures
try:
    signatures["reconstruct"](image=tf.zeros((16, 16, 1)))
except tf.errors.InvalidArgumentError as error:
    print("an error", error)
"""


@pytest.mark.slow
def test_an_image_without_batch_axis_does_not_end_the_process(exported):
    process = subprocess.run(
        [sys.executable, "-c", ABORT, str(exported("vaegan"))], capture_output=True, text=True, env=dict(os.environ)
    )
    assert process.returncode == 0, process.stderr
    assert re.search(SHAPE, process.stdout)


def test_an_export_without_checks_loads_and_is_checked_in_python(tmp_path, monkeypatch):
    """As earlier versions wrote them."""
    monkeypatch.setattr(saved_model, "signatures", signatures.unchecked)
    model = export.load(export.save(MODELS["vaegan"](), tmp_path, {}))
    images = model("sample", count=3, seed=0)["image"]
    assert model("reconstruct", image=images)["image"].shape == images.shape
    for signature, inputs, said in BAD.values():
        with pytest.raises(InputError, match=said):
            model(signature, **inputs)


@pytest.mark.parametrize("name", tiered(("gan", "vaegan", "semi_supervised_aae", "improved_gan"), ("gan", "vaegan")))
def test_samples_in_blocks_begin_as_a_single_draw_does(name, exported):
    model = export.load(exported(name))
    for count in (1, 5, 64, BLOCK - 1, BLOCK):
        (part,) = model.samples(count, 3)
        raw = model._loaded.signatures["sample"](count=tf.constant(count), seed=tf.constant(3))
        np.testing.assert_array_equal(part["latent"], raw["latent"])
        np.testing.assert_array_equal(part["image"], raw["image"])
    parts = list(model.samples(2 * BLOCK + 3, 3))
    assert [len(part["image"]) for part in parts] == [BLOCK, BLOCK, 3]
    latents = np.concatenate([part["latent"] for part in parts])
    assert len(np.unique(latents, axis=0)) == len(latents)
    whole = model("sample", count=2 * BLOCK + 3, seed=3)
    np.testing.assert_array_equal(whole["latent"], latents)
    np.testing.assert_array_equal(whole["image"], np.concatenate([part["image"] for part in parts]))
    # Any number of samples begins the larger one, wherever a block ends.
    for count in (2, BLOCK, BLOCK + 1, 2 * BLOCK):
        np.testing.assert_array_equal(model("sample", count=count, seed=3)["latent"], latents[:count])
    assert len(list(model.samples(2, -5))) == 1
    assert (next(iter(model.samples(BLOCK + 1, -5)))["latent"] != parts[0]["latent"]).any()


def test_the_images_do_not_depend_on_the_size_of_the_parts_in_the_graph(tmp_path, monkeypatch):
    model = MODELS["vae"]()
    answers = []
    for size in (2**18, SIZE * SIZE * 5):
        monkeypatch.setattr(signatures, "PIXELS_AT_ONCE", size)
        loaded = export.load(export.save(model, tmp_path / str(size), {}))
        answers.append(loaded("sample", count=13, seed=1))
    np.testing.assert_array_equal(answers[0]["latent"], answers[1]["latent"])
    np.testing.assert_allclose(answers[0]["image"], answers[1]["image"], atol=1e-6)
    np.testing.assert_allclose(answers[1]["image"], model.generate(answers[1]["latent"]), atol=1e-5)


def test_latents_in_parts_give_the_same_images(exported):
    model = export.load(exported("gan"))
    latents = np.random.default_rng(0).normal(size=(300, LATENT)).astype(np.float32)
    raw = model._loaded.signatures["generate"](latent=tf.constant(latents))["image"]
    np.testing.assert_allclose(model("generate", latent=latents)["image"], raw, atol=1e-6)
