"""SavedModels: manifest, numbering, signatures, and that they need nothing of ours."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import ATTRIBUTES, CHANNELS, LATENT, MODELS, SIZE
from tests.shared import ATTRIBUTE_NAMES
from tests.tiers import tiered
from tfgan_models import InputError, export
from tfgan_models.latent import code_prior
from tfgan_models.objectives import priors

SIGNATURES = {
    "autoencoder": ["generate", "encode", "reconstruct"],
    "vae": ["generate", "sample", "sample_prior", "encode", "reconstruct"],
    "gan": ["generate", "sample", "sample_prior", "discriminate"],
    **{
        name: ["generate", "sample", "sample_prior", "encode", "reconstruct", "discriminate"]
        for name in ("vaegan", "vaegan_of_layers")
    },
    **{
        name: ["generate", "sample", "sample_prior", "discriminate"]
        for name in ("gan_with_everything", "wgan", "wgan_of_the_slides", "wgan_gp", "r3gan", "ebgan")
    },
    "improved_gan": ["generate", "sample", "sample_prior", "discriminate", "classify"],
    **{
        name: ["generate", "sample", "sample_prior", "encode", "reconstruct"]
        for name in ("aae", "aae_universal", "aae_informed", "supervised_aae")
    },
    "clustering_aae": ["generate", "sample", "sample_prior", "encode", "reconstruct", "classify"],
    "semi_supervised_aae": ["generate", "sample", "sample_prior", "encode", "reconstruct", "classify"],
}
PRIORS = {
    "autoencoder": None,
    "improved_gan": "uniform",
    "aae_informed": "ring_of_gaussians",
    **dict.fromkeys(("supervised_aae", "clustering_aae", "semi_supervised_aae"), "class_and_style"),
}
FAST = ("vaegan", "improved_gan", "semi_supervised_aae", "wgan_gp")


@pytest.fixture(scope="module")
def vaegan(exported) -> export.Exported:
    return export.load(exported("vaegan"))


@pytest.mark.parametrize("name", tiered(MODELS, FAST))
def test_manifest(name, exported):
    path = exported(name)
    manifest = json.loads((path / export.MANIFEST).read_text())
    assert manifest == export.load(path).manifest
    assert manifest == {
        "algorithm": type(MODELS[name]()).__name__,
        "image_shape": [SIZE, SIZE, CHANNELS],
        "latent_dim": 2 if name == "aae_informed" else LATENT,
        "prior": PRIORS.get(name, "standard_gaussian"),
        "sampler": None if name == "autoencoder" else "prior",
        "code_prior": None,
        "signatures": SIGNATURES[name],
        "attribute_names": list(ATTRIBUTE_NAMES) if "vaegan" in name else [],
        "dataset": "faces",
    }


def test_versions_count_up_and_the_newest_is_read(tmp_path):
    model = MODELS["autoencoder"]()
    assert [export.save(model, tmp_path, {"run": i}).name for i in range(2)] == ["1", "2"]
    (tmp_path / "2").rename(tmp_path / "10")
    assert export.save(model, tmp_path, {"run": 9}).name == "11"
    assert [v.name for v in export.versions(tmp_path)] == ["1", "10", "11"]
    assert export.load(tmp_path).manifest["run"] == 9
    assert export.load(tmp_path / "1").manifest["run"] == 0


def test_all_files_are_on_the_disk_before_the_version_has_its_number(tmp_path, monkeypatch):
    """A power cut may otherwise leave a version whose files are empty."""
    flushed, fsync = set(), os.fsync

    def synced(handle):
        flushed.add(Path(os.readlink(f"/proc/self/fd/{handle}")))
        fsync(handle)

    def renamed(unfinished, target):
        seen = {path for path in (unfinished, *unfinished.rglob("*"))}
        assert len(seen) > 5
        assert seen <= flushed
        os.rename(unfinished, target)
        return target

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    export.save(MODELS["autoencoder"](), tmp_path, {})
    assert tmp_path in flushed


@pytest.mark.parametrize("content", ["", "{", '{"dataset": "fac', "[]", "null"])
def test_a_damaged_manifest_is_said_to_be(content, exported, tmp_path):
    version = shutil.copytree(exported("autoencoder"), tmp_path / "1")
    (version / export.MANIFEST).write_text(content)
    for read in (export.read_manifest, export.load):
        with pytest.raises(InputError, match=r"^'[^']*manifest.json' is damaged, export the model again"):
            read(version)


def test_a_numbered_folder_of_another_s_is_no_version_and_keeps_its_number(tmp_path):
    model = MODELS["autoencoder"]()
    export.save(model, tmp_path, {"run": 0})
    (tmp_path / "7").mkdir()
    (tmp_path / "9").write_text("a file")
    assert [export.read_manifest(version)["run"] for version in export.versions(tmp_path)] == [0]
    assert export.load(tmp_path).manifest["run"] == 0
    assert export.save(model, tmp_path, {"run": 1}).name == "10"
    assert [version.name for version in export.versions(tmp_path)] == ["1", "10"]


def test_an_unfinished_export_is_never_listed(tmp_path, monkeypatch):
    model = MODELS["autoencoder"]()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", full)
        with pytest.raises(OSError, match="No space"):
            export.save(model, tmp_path, {})
    assert os.listdir(tmp_path) == []
    with pytest.raises(InputError):
        export.load(tmp_path)
    assert export.save(model, tmp_path, {}).name == "1"
    assert os.listdir(tmp_path) == ["1"]


def test_signatures_are_methods_of_what_tensorflow_loads(tmp_path):
    model = MODELS["vae"]()
    path = export.save(model, tmp_path, {})
    loaded = tf.saved_model.load(str(path))
    latents = tf.random.stateless_normal((3, *model.decoder.input_shape[1:]), (0, 1))
    found = loaded.generate(latents)["image"]
    np.testing.assert_array_equal(found, loaded.signatures["generate"](latent=latents)["image"])


def test_every_weight_is_written_once(tmp_path):
    model = MODELS["vae"]()
    path = export.save(model, tmp_path, {})
    written = [
        shape for name, shape in tf.train.list_variables(str(path / "variables" / "variables")) if name[0] != "_"
    ]
    assert sum(map(math.prod, written)) == sum(math.prod(variable.shape) for variable in model.variables)


@pytest.mark.parametrize("error", [tf.errors.ResourceExhaustedError(None, None, "No space left"), KeyboardInterrupt()])
@pytest.mark.parametrize(("owner", "function"), [(tf.saved_model, "save"), (Path, "write_text"), (os, "rename")])
def test_a_failed_export_leaves_nothing(owner, function, error, tmp_path, monkeypatch):
    original = getattr(owner, function)

    def fails_at_its_end(*arguments, **options):
        if function != "rename":
            original(*arguments, **options)
        raise error

    model = MODELS["autoencoder"]()
    monkeypatch.setattr(owner, function, fails_at_its_end)
    with pytest.raises(type(error)):
        export.save(model, tmp_path, {})
    assert os.listdir(tmp_path) == []


def test_an_export_onto_a_full_disk_leaves_nothing(tmp_path):
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", tmp_path], capture_output=True).returncode:
        pytest.skip("mounting a tmpfs needs rights that this user lacks")
    try:
        (tmp_path / "filler").write_bytes(bytes(250_000))
        with pytest.raises((OSError, tf.errors.ResourceExhaustedError), match="No space left"):
            export.save(MODELS["vae"](), tmp_path / "vae", {})
        assert os.listdir(tmp_path / "vae") == []
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_unknown_signature(vaegan):
    with pytest.raises(
        InputError, match=r"'classify'.*generate, sample, sample_prior, encode, reconstruct, discriminate"
    ) as error:
        vaegan("classify", image=np.zeros((1, SIZE, SIZE, CHANNELS)))
    assert "\n" not in str(error.value)


def test_a_path_without_an_export(tmp_path):
    (tmp_path / "notes.txt").write_text("no model")
    (tmp_path / "3").mkdir()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "saved_model.pb").write_bytes(b"")
    for path in (tmp_path, tmp_path / "notes.txt", tmp_path / "nowhere", tmp_path / "3", foreign):
        with pytest.raises(InputError, match=str(path)) as error:
            export.load(path)
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


def test_a_seed_decides_and_the_first_of_many_samples_stand(vaegan):
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
        model, mixture = MODELS[name](), code_prior.fit(codes, prior)
        loaded = export.load(export.save(model, tmp_path / name, {}, code_prior=mixture))
        has, about = loaded.manifest["signatures"], loaded.manifest["code_prior"]
        assert has == ["generate", "sample", *(["sample_prior"] if prior else []), "encode", "reconstruct"]
        assert (loaded.manifest["sampler"], about) == ("codes", mixture.about())
        assert (about["components"], about["codes"], about["covariance"]) == (1, 300, "full")
        assert (about["prior_log_likelihood"] is None) == (prior is None)
        drawn = loaded("sample", count=40, seed=7)
        latents = mixture.distribution().sample(40, seed=(7, 0)).numpy()
        np.testing.assert_allclose(drawn["latent"], latents, atol=1e-4)
        np.testing.assert_allclose(drawn["image"], model.generate(latents), atol=1e-4)
    own = export.load(tmp_path / "vae")("sample_prior", count=40, seed=7)["latent"]
    of_the_prior = export.load(exported("vaegan"))
    for signature in ("sample", "sample_prior"):
        np.testing.assert_array_equal(own, of_the_prior(signature, count=40, seed=7)["latent"])


ELSEWHERE = """
import sys
sys.modules["tfgan_models"] = None
import numpy as np
import tensorflow as tf

def made(name, spec):
    shape = [2 if size is None else size for size in spec.shape]
    return tf.constant(2) if name == "count" else tf.zeros(shape, spec.dtype)

for path, images in zip(sys.argv[1::2], sys.argv[2::2]):
    loaded = tf.saved_model.load(path)
    for name, function in loaded.signatures.items():
        outputs = function(**{key: made(key, spec) for key, spec in function.structured_input_signature[1].items()})
        assert all(np.isfinite(value).all() and value.shape[0] == 2 for value in outputs.values()), name
        print(path, name, *sorted(outputs))
    default = loaded.signatures["serving_default"]
    latent = made("latent", default.structured_input_signature[1]["latent"])
    np.save(images, default(latent=latent)["image"])
"""


@pytest.fixture(
    scope="module",
    params=[("vaegan", "semi_supervised_aae"), pytest.param(tuple(MODELS), marks=pytest.mark.slow)],
    ids=["some models", "all models"],
)
def elsewhere(request, exported, tmp_path_factory) -> tuple[dict[str, Path], Path, str]:
    """Models' exports, the folder of images of latents of zeros, and what a process without the package printed."""
    exports, folder = {name: exported(name) for name in request.param}, tmp_path_factory.mktemp("elsewhere")
    mixture = code_prior.fit(np.random.default_rng(0).normal(size=(100, LATENT)))
    exports["of_codes"] = export.save(MODELS["vae"](), folder / "of_codes", {}, code_prior=mixture)
    arguments = [str(path) for name, export in exports.items() for path in (export, folder / f"{name}.npy")]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return exports, folder, done.stdout


def test_plain_tensorflow_reads_every_export_where_the_package_is_not_to_be_had(elsewhere):
    exports, folder, printed = elsewhere
    answered = [line.split() for line in printed.splitlines()]
    outputs = {
        "serving_default": ["image"],
        "generate": ["image"],
        "sample": ["image", "latent"],
        "sample_prior": ["image", "latent"],
        "encode": ["latent", "mean", "stddev"],
        "reconstruct": ["image"],
        "discriminate": ["score"],
        "classify": ["generated", "probabilities"],
    }
    for name, path in exports.items():
        own = {signature: names for where, signature, *names in answered if where == str(path)}
        expected = {
            signature: outputs[signature] for signature in ("serving_default", *SIGNATURES.get(name, SIGNATURES["vae"]))
        }
        if "vaegan" in name:
            expected["discriminate"] = ["attributes", "score"]
        if name == "supervised_aae":
            expected["encode"] = ["style"]
        if name in ("clustering_aae", "semi_supervised_aae"):
            expected["classify"] = ["probabilities"]
        assert own == expected
        exported = export.load(path)
        images = exported("generate", latent=np.zeros((2, exported.manifest["latent_dim"])))["image"]
        np.testing.assert_array_equal(np.load(folder / f"{name}.npy"), images)
