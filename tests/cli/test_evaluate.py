"""``train/evaluate.py`` as a user runs it: on an export, twice, and with things that cannot be."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.scripts import ROOT, Script, run
from tests.training.test_workers import together
from tfgan_models.callbacks import progress
from tfgan_models.data import sources
from tfgan_models.data.pixels import to_float
from tfgan_models.export import load, truncated_samples
from tfgan_models.metrics.sampling import rows

WATCHED = ["--evaluate_every", "1", "--evaluation_samples", "50"]
SMALL = ("--samples", "20", "--output_dir", "a", "--sampler", "prior")


def weights(printed: str) -> str:
    (line,) = [line for line in printed.splitlines() if line.startswith("weights:")]
    return line


@pytest.fixture(scope="module")
def watched(tmp_path_factory) -> tuple[Path, str]:
    """The folder of a run that was watched and measured at every epoch, and what it printed."""
    folder = tmp_path_factory.mktemp("vae")
    return folder, run("vae.py", folder, "--epochs", "2", *WATCHED, export=True)


@pytest.fixture(scope="module")
def export(watched) -> Path:
    return watched[0] / "export" / "1"


def evaluate(folder: Path, *flags: str) -> tuple[int, str]:
    """The exit code, and what was printed or complained of."""
    process = Script(ROOT / "train" / "evaluate.py", list(flags), folder, {})
    printed, _ = process.communicate()
    return process.returncode, printed


@pytest.fixture(scope="module")
def measured(export, tmp_path_factory) -> tuple[Path, str]:
    """The folder in which the export was measured, and what was printed."""
    folder = tmp_path_factory.mktemp("measured")
    code, printed = evaluate(folder, "--model", str(export), "--samples", "120", "--output_dir", "a")
    assert code == 0, printed[-2000:]
    return folder, printed


def test_an_export_is_measured(export, measured):
    folder, printed = measured
    report = json.loads((folder / "a" / "evaluation.json").read_text())
    assert report["algorithm"] == "VAE"
    assert report["dataset"] == "digits"
    assert report["crop"] is None
    run_of = json.loads((export.parents[1] / "run" / "config.json").read_text())
    assert report["pictures"]["train"] == run_of["data"]["pictures"] != report["pictures"]["test"]
    assert 0.05 < report["extractor"]["baseline"] < 0.2 < report["extractor"]["accuracy"]
    assert report["extractor"]["name"] == "digits-labels"
    measured = ("reference", "data", "samples", "samples_prior", "reconstructions")
    assert report["images"] == dict.fromkeys(measured, 120)
    assert report["samplers"] == {"samples": "codes", "samples_prior": "prior"}
    figures = report["figures"]
    assert set(figures) == {"samples", "samples_prior", "reconstructions", "data"}
    # After four steps everything is worse than real images.
    for name, worse in {"frechet_distance": 1, "kernel_distance": 1, "coverage": -1, "inception_score": -1}.items():
        assert worse * (figures["samples"][name] - figures["data"][name]) > 0, name
    assert figures["samples"]["nearest_training_image"] != figures["samples_prior"]["nearest_training_image"]
    for column in (
        "samples",
        "samples_prior",
        "reconstructions",
        "data",
        "frechet_distance",
        report["extractor"]["digest"],
    ):
        assert column in printed
    assert np.asarray(Image.open(folder / "a" / "neighbours.png")).shape == (98, 88)


@pytest.mark.slow
def test_the_same_export_by_another_path_has_the_same_report_and_no_second_copy(export, measured):
    folder, _ = measured
    before = (folder / "a" / "evaluation.json").read_bytes()
    elsewhere = os.path.relpath(export.parent, folder)
    code, printed = evaluate(folder, "--model", elsewhere, "--samples", "120", "--output_dir", "a")
    assert code == 0, printed[-2000:]
    assert sorted(path.name for path in (folder / "a").iterdir()) == ["evaluation.json", "neighbours.png"]
    assert (folder / "a" / "evaluation.json").read_bytes() == before


@pytest.mark.slow
def test_samples_of_the_prior_alone_are_measured(export, tmp_path):
    flags = ("--model", str(export), "--samples", "40", "--output_dir", "a", "--sampler", "prior")
    code, printed = evaluate(tmp_path, *flags)
    assert code == 0, printed[-2000:]
    report = json.loads((tmp_path / "a" / "evaluation.json").read_text())
    assert report["samplers"] == {"samples_prior": "prior"}
    assert set(report["figures"]) == {"samples_prior", "reconstructions", "data"}
    assert (tmp_path / "a" / "neighbours.png").exists()


def two_reports(folder: Path, export: Path, flag: str, values: tuple[str, str]) -> list[dict]:
    """The reports of two evaluations that differ in a flag. The second one renames that of the first."""
    for value in values:
        code, printed = evaluate(folder, *SMALL, "--model", str(export), flag, value)
        assert code == 0, printed[-2000:]
    (earlier,) = (folder / "a").glob("evaluation-*.json")
    return [json.loads(path.read_text()) for path in (earlier, folder / "a" / "evaluation.json")]


def test_samples_can_be_truncated(export, tmp_path):
    whole, truncated = two_reports(tmp_path, export, "--truncation", ("1", "0.25"))
    assert (whole["truncation"], truncated["truncation"]) == (1, 0.25)
    assert truncated["figures"]["samples_prior"]["ms_ssim"] > whole["figures"]["samples_prior"]["ms_ssim"]  # more alike
    assert truncated["figures"]["reconstructions"] == whole["figures"]["reconstructions"]
    assert evaluate(tmp_path, *SMALL, "--model", str(export))[0] == 0
    assert list((tmp_path / "a").glob("evaluation-*-truncation-0.25.json"))


def test_reconstructions_can_be_refined(export, tmp_path):
    plain, refined = two_reports(tmp_path, export, "--refine", ("0", "10"))
    errors = [report["figures"]["reconstructions"]["pixel_error"] for report in (plain, refined)]
    assert errors[1] < errors[0] and (plain["refine"], refined["refine"]) == (0, 10)
    assert (plain["refine_blur"], refined["refine_blur"]) == (0, refined["image_shape"][0] / 64)
    assert refined["figures"]["samples_prior"] == plain["figures"]["samples_prior"]


def test_truncated_samples_are_those_of_sheets(exported):
    model = load(exported("vae"))
    whole = model("sample", count=4, seed=3)
    (part,) = truncated_samples.truncated(model, "sample", [whole], 0.5)
    images = truncated_samples.sampler(model, "sample", 0.5)(4, 3)
    np.testing.assert_array_equal(images, part["image"])
    assert np.abs(part["latent"]).mean() < 0.6 * np.abs(whole["latent"]).mean()
    assert not np.array_equal(images, whole["image"])


@pytest.mark.slow
def test_a_conditional_model_reconstructs_images_of_their_own_class(tmp_path):
    run("vae.py", tmp_path, "--condition", "labels", "--epochs", "2", export=True)
    code, printed = evaluate(tmp_path, "--model", "export/1", "--samples", "60")
    assert code == 0, printed[-2000:]
    model = load(tmp_path / "export" / "1")
    test = sources.load("digits", "test", image_size=model.manifest["image_shape"][0])
    selected = rows(test, "data")[:60]
    images, conditions = to_float(test.images[selected]), np.eye(10, dtype=np.float32)[test.labels[selected]]
    error = np.mean((model("reconstruct", image=images, condition=conditions)["image"] - images) ** 2)
    figures = json.loads((tmp_path / "export" / "1" / "evaluation.json").read_text())["figures"]
    assert figures["reconstructions"]["pixel_error"] == pytest.approx(error, rel=1e-3)
    assert figures["data"]["condition_agreement"] > 0.9 and 0 < figures["samples_prior"]["condition_agreement"] <= 1


@pytest.mark.slow
def test_the_figures_are_printed_before_a_file_can_fail(export, tmp_path):
    (tmp_path / "a" / "neighbours.png" / "in the way").mkdir(parents=True)
    code, printed = evaluate(tmp_path, "--model", str(export), "--samples", "20", "--output_dir", "a")
    assert code == 2
    assert "evaluate.py: error: a/neighbours.png" in printed
    assert "frechet_distance" in printed
    assert "Traceback" not in printed


@pytest.mark.slow
def test_an_export_that_does_not_say_what_it_was_trained_on(export, tmp_path):
    shutil.copytree(export, tmp_path / "bare")
    manifest = json.loads((export / "manifest.json").read_text())
    del manifest["dataset"]
    (tmp_path / "bare" / "manifest.json").write_text(json.dumps(manifest))
    code, printed = evaluate(tmp_path, "--model", "bare")
    assert code == 2
    assert "evaluate.py: error: bare does not name its training data: give --dataset" in printed
    code, printed = evaluate(tmp_path, "--model", "bare", "--dataset", "digits", "--samples", "20")
    assert code == 0, printed[-2000:]
    assert json.loads((tmp_path / "bare" / "evaluation.json").read_text())["dataset"] == "digits"
    assert "evaluation.json, neighbours.png, README.md" in printed
    assert "Measured by `tfgan evaluate` with seed 0: " in (tmp_path / "bare" / "README.md").read_text()


def test_a_run_was_measured_at_its_epoch_s_end(export):
    header = (export.parents[1] / "run" / "metrics.csv").read_text().splitlines()[0]
    assert "samples/frechet_distance/digits-labels-" in header
    assert "reconstructions/attribute_cosine/digits-labels-" in header
    assert "sample_diversity" in header


def test_the_lines_of_epochs_are_of_losses_and_leading_figures(watched):
    lines = [line for line in watched[1].splitlines() if line.startswith("epoch ")]
    assert len(lines) == 2
    for line in lines:
        assert all(f"{name} " in line for name in ("loss", *progress.LEADING))
        assert "kernel_distance" not in line


@pytest.mark.slow
def test_watching_and_measuring_leave_the_weights_as_they_are(watched, tmp_path):
    assert weights(run("vae.py", tmp_path, "--epochs", "2", "--no-health")) == weights(watched[1])
    header = (tmp_path / "run" / "metrics.csv").read_text().splitlines()[0]
    assert "sample_" not in header
    assert "samples/" not in header


@pytest.mark.slow
def test_a_single_worker_of_a_cluster_watches_and_measures(tmp_path):
    codes, printed = together("gan.py", [tmp_path], "--epochs", "1", *WATCHED)
    assert codes == [0], printed[0][-3000:]
    with open(tmp_path / "run" / "metrics.csv", newline="") as file:
        (row,) = csv.DictReader(file)
    (figure,) = [float(row[name]) for name in row if name.startswith("samples/frechet_distance/digits-labels-")]
    assert figure > 0
    assert 0 <= float(row["sample_coverage"]) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--samples", "5"], "--samples 5: give at least 20"),
        (["--samples", "0"], "--samples 0: give at least 20"),
        (["--dataset", "nothing_like_it"], "nothing_like_it"),
        (["--extractor", "inception_v3", "--inception_weights", "gone.h5"], "'gone.h5' is not a file"),
        (["--inception_weights", "w.h5"], "add --extractor inception_v3"),
        (["--seed", "-1"], "--seed -1"),
        (["--truncation", "1.5"], "--truncation 1.5: "),
        (["--crop", "0"], "--crop 0: give a number of pixels from 1 on"),
    ],
)
def test_what_cannot_be_ends_in_one_line(export, tmp_path, flags, said):
    code, printed = evaluate(tmp_path, "--model", str(export), "--output_dir", "out", *flags)
    assert code == 2, printed[-2000:]
    (line,) = [line for line in printed.splitlines() if line.startswith("evaluate.py: error:")]
    assert said in line
    assert "Traceback" not in printed
    assert not list(tmp_path.glob("out/*"))


def test_no_export(tmp_path):
    code, printed = evaluate(tmp_path, "--model", "nowhere")
    assert code == 2
    assert "'nowhere' is not an exported model" in printed
