"""``--sampler``: what it draws from in training and from exports, and what it refuses in one line."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tests.cli.scripts import run
from tests.models.small import LATENT, MODELS
from tests.tiers import tiered
from tfgan_models import InputError, export
from tfgan_models.cli import sample, subjects
from tfgan_models.latent import code_prior
from tfgan_models.plots import image_grid
from tfgan_models.training import fit
from tfgan_models.training import flags as common_flags


@pytest.fixture(scope="module")
def exports(tmp_path_factory) -> dict[str, export.ExportedModel]:
    folder = tmp_path_factory.mktemp("exports")
    mixture = code_prior.fit_mixture(np.random.default_rng(0).normal(2.0, 0.3, (200, LATENT)))
    mixtures = {"autoencoder": mixture, "vae": mixture, "gan": None}
    return {
        name: export.load(export.save(MODELS[name](), folder / name, {}, code_prior=mixtures[name]))
        for name in mixtures
    }


@pytest.mark.parametrize(
    ("name", "sampler", "signature"),
    tiered(
        [
            ("vae", None, "sample"),
            ("vae", "codes", "sample"),
            ("vae", "prior", "sample_prior"),
            ("gan", None, "sample"),
            ("gan", "prior", "sample_prior"),
            ("autoencoder", None, "sample"),
            ("autoencoder", "codes", "sample"),
        ],
        [("vae", "prior", "sample_prior"), ("autoencoder", None, "sample")],
    ),
)
def test_samples_are_of_what_was_asked_for(name, sampler, signature, exports, tmp_path):
    picture = tmp_path / "grid.png"
    path = str(exports[name].path)
    sample.main(sample.SampleFlags(model=path, count=9, seed=3, output=str(picture), sampler=sampler))
    drawn = np.asarray(Image.open(picture))[..., None]
    np.testing.assert_array_equal(drawn, image_grid.grid(exports[name](signature, count=9, seed=3)["image"]))
    sample.main(sample.SampleFlags(model=path, count=2, output=str(picture), sampler=sampler, interpolate=True))
    assert np.asarray(Image.open(picture)).shape == (2 * 18 - 2, 10 * 18 - 2)


@pytest.mark.parametrize("interpolate", [False, True])
@pytest.mark.parametrize(("name", "sampler"), [("gan", "codes"), ("autoencoder", "prior")])
def test_an_export_without_the_signature_is_refused(name, sampler, interpolate, exports, tmp_path):
    picture = tmp_path / "grid.png"
    flags = sample.SampleFlags(
        model=str(exports[name].path), output=str(picture), sampler=sampler, interpolate=interpolate
    )
    with pytest.raises(InputError, match=rf"--sampler {sampler}: .* has the signatures generate, sample.* and sampler"):
        sample.main(flags)
    with pytest.raises(InputError, match=f"--sampler {sampler}"):
        subjects._columns(SimpleNamespace(sampler=sampler), exports[name])
    assert not picture.exists()


def test_the_columns_of_an_evaluation(exports):
    def columns(name, sampler=None):
        return subjects._columns(SimpleNamespace(sampler=sampler), exports[name])

    assert columns("vae") == {"samples": "sample", "samples_prior": "sample_prior"}
    assert columns("vae", "codes") == columns("autoencoder") == columns("gan") == {"samples": "sample"}
    assert columns("vae", "prior") == {"samples_prior": "sample_prior"}
    assert columns("gan", "prior") == {"samples": "sample_prior"}


@pytest.mark.parametrize(
    ("signatures", "manifest"), [(["generate", "sample"], {}), (["generate", "encode"], {"sampler": None})]
)
def test_exports_of_earlier_versions(signatures, manifest):
    """Their samples are of the prior; an autoencoder had none."""
    exported = export.ExportedModel("saved_models/old/1", {"signatures": signatures, **manifest}, None)
    if "sample" in signatures:
        assert exported.sampler() == exported.sampler("prior") == "sample"
    else:
        with pytest.raises(InputError, match="no samples can be drawn: saved_models/old/1 has the signatures generate"):
            exported.sampler()
    with pytest.raises(InputError, match="--sampler codes"):
        exported.sampler("codes")


@pytest.mark.parametrize(
    ("name", "sampler", "said"),
    [
        ("gan", "codes", "GAN has no codes for a Gaussian mixture, remove the flag or give prior"),
        ("semi_supervised_aae", "codes", "SemiSupervisedAAE has no codes"),
        ("autoencoder", "prior", "AutoEncoder has no prior, remove the flag or give codes"),
        ("gan", "prior", None),
        ("vae", "codes", None),
        ("vae", "prior", None),
        ("autoencoder", "codes", None),
    ],
)
def test_training_refuses_what_the_model_cannot_draw_from(name, sampler, said):
    data = SimpleNamespace(images=np.zeros((100, 8, 8, 1), np.uint8))
    flags = common_flags.Flags(output=common_flags.Output(sampler=sampler))
    if said is None:
        fit.check_monitoring(MODELS[name](), data, data, flags)
    else:
        with pytest.raises(InputError, match=f"--sampler {sampler}: {said}"):
            fit.check_monitoring(MODELS[name](), data, data, flags)


@pytest.mark.slow
def test_a_run_goes_on_with_another_sampler_and_ends_with_the_same_weights_and_mixture(tmp_path):
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
    printed = run("vae.py", tmp_path / "a", "--epochs", "2", export=True)
    run("vae.py", tmp_path / "b", "--epochs", "1", "--sampler", "prior")
    resumed = run("vae.py", tmp_path / "b", "--epochs", "2", export=True)
    assert "resumed" in resumed

    def line(name: str, text: str) -> str:
        return next(line for line in text.splitlines() if line.startswith(name))

    assert line("weights:", printed) == line("weights:", resumed)
    assert line("code prior:", printed) == line("code prior:", resumed)
    samples = [export.load(tmp_path / run / "export")("sample", count=9, seed=0) for run in "ab"]
    np.testing.assert_array_equal(samples[0]["latent"], samples[1]["latent"])
    assert sorted(p.name for p in (tmp_path / "b" / "run").glob("samples*")) == [
        "samples",
        "samples_codes",
        "samples_prior",
    ]
