"""Public names of the package. They do not import TensorFlow before they are used."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib

import numpy as np
import pytest
import tensorflow as tf

import tfgan_models
from tests.cli.scripts import ROOT
from tests.models.small import LATENT, MODELS, OPTIMIZERS, batch, compiled


def python(program: str, *arguments: str) -> str:
    """Run a program in a process of its own and return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, env=environment, cwd=ROOT.parent
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


NAMES = """
import sys
import tfgan_models
listed = dir(tfgan_models)
assert not {"tensorflow", "keras", "numpy"} & set(sys.modules)
for name in listed:
    getattr(tfgan_models, name)
print(*listed)
"""


def test_names_are_listed_and_there_without_an_import_of_their_own():
    listed = python(NAMES).split()
    modules = ["export", "checkpoint", "losses", "priors", "latent", "pictures", "networks", "data", "models", "layers"]
    assert {*tfgan_models.__all__, *modules} <= set(listed)
    assert {"BatchNormalization", "VAE", "GAN", "VAEGAN", "AutoEncoder", "GenerativeModel"} <= set(listed)


def test_a_public_name_is_the_class_of_its_module():
    for name in tfgan_models.__all__:
        assert getattr(tfgan_models, name).__name__ == name
    assert tfgan_models.export.save.__module__ == "tfgan_models.export.saved_model"


def test_the_version_is_that_of_pyproject_and_needs_no_tensorflow():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    program = "import sys, tfgan_models; print(tfgan_models.__version__, 'tensorflow' in sys.modules)"
    assert python(program).split() == [project["version"], "False"]
    assert "__version__" in dir(tfgan_models)


def test_other_names_are_missing():
    with pytest.raises(AttributeError, match="'tfgan_models' has no attribute 'WGAN3'"):
        tfgan_models.WGAN3  # noqa: B018


LOAD = """
import sys
if sys.argv[5] == "keras first":
    import keras
    import tfgan_models
else:
    import tfgan_models
    import keras
import numpy as np
assert "tfgan_models.models.base" not in sys.modules
model = keras.models.load_model(sys.argv[1])
assert type(model) is getattr(tfgan_models, sys.argv[4])
np.save(sys.argv[2], model.generate(np.load(sys.argv[3])))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "order"), [("vae", "keras first"), ("improved_gan", "keras last")])
def test_a_keras_file_loads_where_the_package_alone_was_imported(name, order, tmp_path):
    model = compiled(MODELS[name], OPTIMIZERS[name])
    model.fit(tf.data.Dataset.from_tensors(batch()), verbose=0, shuffle=False)
    latents = np.random.default_rng(0).normal(size=(3, LATENT)).astype(np.float32)
    np.save(tmp_path / "latents.npy", latents)
    model.save(tmp_path / "model.keras")
    places = (str(tmp_path / file) for file in ("model.keras", "images.npy", "latents.npy"))
    python(LOAD, *places, type(model).__name__, order)
    np.testing.assert_allclose(np.load(tmp_path / "images.npy"), model.generate(latents), atol=1e-5)
    assert any(isinstance(layer, tfgan_models.BatchNormalization) for layer in model._flatten_layers())
