"""SavedModels of every model: their manifests and weights, and that TensorFlow reads them without the package."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models import conditional
from tests.models.expected import PRIORS, SIGNATURES
from tests.models.exported import EXPORTED
from tests.models.small import CHANNELS, LATENT, MODELS, SIZE
from tests.shared import ATTRIBUTE_NAMES
from tests.tiers import tiered
from tfgan_models import export
from tfgan_models.latent import code_prior
from tfgan_models.models.variable_networks import exported_variables

FAST = ("vaegan", "improved_gan", "semi_supervised_aae", "wgan_gp")


@pytest.mark.parametrize("name", tiered(EXPORTED, FAST))
def test_manifest(name, exported):
    path = exported(name)
    manifest = json.loads((path / export.MANIFEST).read_text())
    assert manifest == export.load(path).manifest
    model, networks, condition = MODELS[name](), manifest.pop("networks"), manifest.pop("condition", None)
    assert sum(count for _, count in networks) == len(exported_variables(model))
    assert all(isinstance(getattr(model, network), keras.Model) for network, _ in networks if network)
    assert (condition is not None) == (name in conditional.MODELS)
    assert manifest == {
        "algorithm": type(model).__name__,
        "image_shape": [SIZE, SIZE, CHANNELS],
        "latent_dim": 2 if name == "aae_informed" else LATENT,
        "prior": PRIORS.get(name, "standard_gaussian"),
        "sampler": None if name == "autoencoder" else "prior",
        "code_prior": None,
        "attribute_vectors": None,
        "directions": None,
        "signatures": SIGNATURES[name],
        "attribute_names": list(ATTRIBUTE_NAMES) if name == "vaegan" else [],
        "dataset": "faces",
    }


def test_every_weight_is_written_once(tmp_path):
    model = MODELS["vae"]()
    path = export.save(model, tmp_path, {})
    written = [
        shape for name, shape in tf.train.list_variables(str(path / "variables" / "variables")) if name[0] != "_"
    ]
    assert sum(map(math.prod, written)) == sum(math.prod(variable.shape) for variable in model.variables)


ELSEWHERE = """
import json
import sys
from pathlib import Path
sys.modules["tfgan_models"] = None
import keras
import numpy as np
import tensorflow as tf

def made(name, spec, manifest):
    shape = [2 if size is None else size for size in spec.shape]
    if name == "condition":  # the first class
        return tf.one_hot(tf.zeros(shape[:-1], tf.int32), len(manifest["condition"]["names"]))
    return tf.constant(2) if name == "count" else tf.zeros(shape, spec.dtype)

for path, images in zip(sys.argv[1::2], sys.argv[2::2]):
    loaded, manifest = tf.saved_model.load(path), json.loads((Path(path) / "manifest.json").read_text())
    for name, function in loaded.signatures.items():
        inputs = function.structured_input_signature[1]
        outputs = function(**{key: made(key, spec, manifest) for key, spec in inputs.items()})
        assert all(np.isfinite(value).all() and value.shape[0] == 2 for value in outputs.values()), name
        print(path, name, *sorted(outputs))
    default = loaded.signatures["serving_default"]
    latent = made("latent", default.structured_input_signature[1]["latent"], manifest)
    np.save(images, default(latent=latent)["image"])
"""


@pytest.fixture(
    scope="module",
    params=[("vaegan", "semi_supervised_aae", "gan_projection"), pytest.param(tuple(EXPORTED), marks=pytest.mark.slow)],
    ids=["some models", "all models"],
)
def elsewhere(request, exported, tmp_path_factory) -> tuple[dict[str, Path], Path, str]:
    """Models' exports, the folder of images of latents of zeros, and what a process without the package printed."""
    exports, folder = {name: exported(name) for name in request.param}, tmp_path_factory.mktemp("elsewhere")
    mixture = code_prior.fit_mixture(np.random.default_rng(0).normal(size=(100, LATENT)))
    exports["of_codes"] = export.save(MODELS["vae"](), folder / "of_codes", {}, code_prior=mixture)
    arguments = [str(path) for name, export in exports.items() for path in (export, folder / f"{name}.npy")]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    finished_process = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert finished_process.returncode == 0, finished_process.stderr
    return exports, folder, finished_process.stdout


def test_plain_tensorflow_reads_every_export_without_the_package(elsewhere):
    exports, folder, printed = elsewhere
    answered = [line.split() for line in printed.splitlines()]
    outputs = {
        "serving_default": ["image"],
        "generate": ["image"],
        "sample": ["image", "latent"],
        "sample_prior": ["image", "latent"],
        "sample_as": ["image", "latent"],
        "sample_prior_as": ["image", "latent"],
        "encode": ["latent", "mean", "stddev"],
        "reconstruct": ["image"],
        "discriminate": ["score"],
        "classify": ["generated", "probabilities"],
    }
    for name, path in exports.items():
        custom = {signature: names for where, signature, *names in answered if where == str(path)}
        expected = {
            signature: outputs[signature] for signature in ("serving_default", *SIGNATURES.get(name, SIGNATURES["vae"]))
        }
        if name == "vaegan":
            expected["discriminate"] = ["attributes", "score"]
        if name in ("gan_auxiliary", "r3gan_conditional"):
            expected["discriminate"] = ["condition", "score"]
        if name == "supervised_aae":
            expected["encode"] = ["style"]
        if name in ("clustering_aae", "semi_supervised_aae"):
            expected["classify"] = ["probabilities"]
        assert custom == expected
        exported = export.load(path)
        images = exported("generate", latent=np.zeros((2, exported.manifest["latent_dim"])))["image"]
        np.testing.assert_array_equal(np.load(folder / f"{name}.npy"), images)


@pytest.mark.parametrize("name", ["run [1]", "what*", "why?", "a\\b"])
def test_a_model_is_loaded_from_a_path_that_looks_like_a_pattern(name, exported, tmp_path):
    """TensorFlow takes it for one, and finds no weights."""
    shutil.copytree(exported("vae"), tmp_path / name)
    first, again = (export.load(path)("sample", count=2, seed=0) for path in (exported("vae"), tmp_path / name))
    np.testing.assert_array_equal(first["image"], again["image"])
