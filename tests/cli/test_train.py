"""The training scripts from flags to export, each in a process of its own."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.scripts import run, run_in_new_interpreter, start
from tests.tiers import tiered
from tfgan_models import export
from tfgan_models.cli import train
from tfgan_models.training import checkpoint

RECONSTRUCTING = ("vaegan", "vae", "autoencoder")


# Adversarial autoencoders and the classifier with few labels have tests of their own.
ALGORITHMS = [name for name in train.names() if "aae" not in name and name != "improved_gan"]


@pytest.fixture(scope="module", params=tiered(ALGORITHMS, ["vaegan"]))
def finished(request, tmp_path_factory) -> tuple[str, Path, str]:
    """An algorithm, the folder of its run of two epochs, and what it printed; the main job in a new interpreter."""
    algorithm = request.param
    started, folder = run_in_new_interpreter if algorithm == "vaegan" else run, tmp_path_factory.mktemp(algorithm)
    flags = ["--epochs", "2", "--histograms", "--learning_rate_decay", "0.5"]
    return algorithm, folder, started(f"{algorithm}.py", folder, *flags, export=True)


def test_run_folder_and_export_have_the_files_of_the_readme(finished):
    algorithm, place, printed = finished
    folder = place / "run"
    assert json.loads((folder / "config.json").read_text())["data"]["dataset"] == "digits"
    with open(folder / "metrics.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    last = json.loads((folder / "metrics.json").read_text())
    assert last == {name: pytest.approx(float(value)) for name, value in rows[-1].items()}
    assert all(np.isfinite(value) for value in last.values())

    kinds = ["reconstructions"] if algorithm in RECONSTRUCTING else []
    kinds += ["samples", "samples_prior"] if algorithm in ("vaegan", "vae") else ["samples"]
    for kind in kinds:
        assert [p.name for p in sorted((folder / kind).iterdir())] == ["epoch-0001.png", "epoch-0002.png"]
        assert np.asarray(Image.open(folder / kind / "epoch-0002.png")).std() > 1
    assert np.asarray(Image.open(folder / "interpolation.png")).shape == (8 * 10 - 2, 10 * 10 - 2)
    assert len(checkpoint.checkpoints(folder / "checkpoints")) == 2
    assert list((folder / "logs").rglob("events.out.tfevents.*"))
    assert "tensorboard --logdir" in printed
    assert re.search(r"^devices: \S", printed, re.MULTILINE)
    assert re.findall(r"^epoch (\d)/2: \S+ s, \S+ images/s, \w+_loss ", printed, re.MULTILINE) == ["1", "2"]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", printed)  # control characters
    assert "--host localhost" in printed

    exported = export.load(place / "export")
    assert exported.path.name == "1"
    assert exported.manifest["dataset"] == "digits"
    assert exported.manifest["image_shape"] == [8, 8, 1]
    assert exported.manifest["sampler"] == ("codes" if algorithm in RECONSTRUCTING else "prior")
    assert ("code prior:" in printed) == (algorithm in RECONSTRUCTING)
    card = (exported.path / "README.md").read_text()
    assert f"tfgan train {algorithm} --dataset digits --image_size 8 " in card and exported.manifest["weights"] in card
    assert str(place) not in card
    assert {"epoch": 2, **exported.manifest["training"]["figures"]} == last
    images = exported("generate", latent=np.zeros((3, exported.manifest["latent_dim"]), np.float32))["image"]
    assert images.shape == (3, 8, 8, 1)
    assert np.abs(images).max() <= 1


@pytest.mark.slow
def test_losses_that_are_not_finite_stop_the_run_and_name_the_last_good_checkpoint(tmp_path):
    """The learning rate grows by 10¹⁰ after the first epoch, which is harmless and stays."""
    flags = ["--epochs", "9", "--learning_rate", "1e-4", "--learning_rate_decay", "1e10"]
    printed, _ = (process := start("vae.py", tmp_path, *flags)).communicate(timeout=300)
    assert process.returncode == 1
    assert "Traceback" not in printed
    assert "finite" in printed.splitlines()[-1]
    good = checkpoint.checkpoints(tmp_path / "run" / "checkpoints")
    assert f"the last checkpoint is {good[-1]}" in printed.splitlines()[-1]
    with np.load(good[-1] / checkpoint.VARIABLES) as file:
        assert all(np.isfinite(file[name]).all() for name in file.files)


@pytest.mark.slow
def test_a_finished_run_exports_once(tmp_path):
    first, again, longer = (
        run("autoencoder.py", tmp_path, "--epochs", epochs, export=True) for epochs in ("1", "1", "2")
    )
    assert f"exported:    {tmp_path / 'export' / '1'} " in first
    assert "is finished after 1 epochs" in again
    assert f"exported:    {tmp_path / 'export' / '1'} " in again
    assert f"exported:    {tmp_path / 'export' / '2'} " in longer
    assert sorted(p.name for p in (tmp_path / "export").iterdir()) == ["1", "2"]
