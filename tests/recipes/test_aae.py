"""The scripts of adversarial autoencoders: what runs leave, that they go on exactly, and what is refused."""

from __future__ import annotations

import csv
import dataclasses
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tests.cli.scripts import ROOT, Script, assert_identical, places, variables
from tfgan_models import export
from tfgan_models.cli import train
from tfgan_models.data import sources
from tfgan_models.recipes import _aae_flags, _vae_comparison, aae_semi_supervised
from tfgan_models.training import checkpoint, flags

SMALL = ["--units", "16", "16", "--batch_size", "50", "--steps_per_epoch", "4", "--precision", "float32"]
CLUSTERS = ["--num_labels", "0", "--clusters", "5", "--cluster_heads"]
RUNS = {
    "aae": (
        ["aae.py", "--prior", "ring_of_gaussians", "--num_prior_labels", "100", "--vae_epochs", "1"],
        ["latent_space.png", "manifold.png", "latent_space_beside_vae.png", "prior_match.json"],
    ),
    "aae_supervised": (
        ["aae_supervised.py", "--ema", "0.9", "--encoder_normalization", "batch"],
        ["style_sheet.png", "reconstructions/epoch-0002.png"],
    ),
    "aae_semi_supervised": (
        ["aae_semi_supervised.py", "--baseline_steps", "20", "--input_noise", "0.3", "--optimizer", "sgd"],
        ["style_sheet.png", "confusion.png", "errors.json", "logs/projector_config.pbtxt"],
    ),
    "clusters": (
        ["aae_semi_supervised.py", *CLUSTERS, "--style_dim", "2", "--class_normalization", "batch"],
        ["style_sheet.png", "clusters.png", "errors.json", "latent_space.png"],
    ),
}
SIGNATURES = {
    "aae": ["generate", "sample", "sample_prior", "encode", "reconstruct", "edit", "edit_image"],
    "aae_supervised": ["generate", "sample", "sample_prior", "encode", "reconstruct"],
    "aae_semi_supervised": ["generate", "sample", "sample_prior", "encode", "reconstruct", "classify"],
    "clusters": ["generate", "sample", "sample_prior", "encode", "reconstruct", "classify", "edit", "edit_image"],
}


def learn(script: str, folder: Path, *flags: str, export: bool = False) -> str:
    folder.mkdir(exist_ok=True)
    process = Script(ROOT / "train" / script, [*SMALL, *places(folder, export), *flags], folder, {})
    printed, _ = process.communicate()
    assert process.returncode == 0, printed[-3000:]
    return printed


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_a_run_leaves_its_pictures_and_goes_on_exactly(name, tmp_path):
    (script, *flags), files = RUNS[name]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    printed = learn(script, whole, *flags, "--epochs", "2", export=True)
    learn(script, parts, *flags, "--epochs", "1")
    assert "resumed:" in learn(script, parts, *flags, "--epochs", "2")
    assert_identical(variables(whole), variables(parts))
    if name == "aae":
        again = learn(script, whole, *flags, "--epochs", "2", export=True)
        assert "is finished after" in again and "a VAE with the same code" not in again
        assert printed.splitlines()[-4:] == again.splitlines()[-4:]  # the table that was kept
    for file in files:
        assert (whole / "run" / file).stat().st_size > 0
        if file.endswith(".png"):
            assert np.asarray(Image.open(whole / "run" / file)).std() > 1
    assert (whole / "run" / "interpolation.png").exists()
    assert export.load(whole / "export").manifest["signatures"] == SIGNATURES[name]
    if "prior_match.json" in files:
        match = json.loads((whole / "run" / "prior_match.json").read_text())
        measured = {name: figures for name, figures in match.items() if isinstance(figures, dict)}
        assert set(measured) == {"AAE", "VAE"}
        for figures in measured.values():
            assert 0.3 < figures["discriminated"] <= 1 and np.isfinite(figures["kernel_discrepancy"])
            assert f"{100 * figures['discriminated']:.1f} %" in printed
    if "errors.json" in files:
        with open(whole / "run" / "metrics.csv", newline="") as file:
            last = list(csv.DictReader(file))[-1]
        errors = json.loads((whole / "run" / "errors.json").read_text())
        assert errors["test_error"] == float(last["test_error"])
        assert ("baseline_error" in errors) == (name == "aae_semi_supervised")


def test_what_was_measured_beside_a_run_is_kept(monkeypatch, tmp_path, capsys):
    weights, measured = ["one"], []
    monkeypatch.setattr(checkpoint, "digest", lambda _: weights[0])

    def compared(run, epochs):
        measured.append(epochs)
        match = {"discriminated": 0.5, "kernel_discrepancy": 0.25}
        return {"AAE": match, "VAE": match} if epochs else {"AAE": match}

    monkeypatch.setattr(_vae_comparison, "_compare_models", compared)

    def compare(vae_epochs, trained=9):
        config = SimpleNamespace(vae_epochs=vae_epochs, prior="standard_gaussian")
        flags = SimpleNamespace(model=config, training=SimpleNamespace(epochs=99))
        images = np.zeros((1000, 8, 8, 1), np.uint8)
        _vae_comparison.compare(
            SimpleNamespace(
                flags=flags, folder=tmp_path, trained=trained, test=SimpleNamespace(images=images), model=None
            )
        )
        return "| VAE |" in capsys.readouterr().out

    assert [compare(epochs) for epochs in (0, 0, None, 9, 0, 4, 4)] == [False, False, *5 * [True]]
    assert measured == [0, 9, 4]
    weights[0] = "others"
    assert not compare(0)
    assert measured == [0, 9, 4, 0]
    compare(None, trained=5)  # --patience ended the run
    assert measured == [0, 9, 4, 0, 5]


@pytest.mark.slow
def test_two_devices_train_as_one_and_attributes_make_classes(tmp_path):
    """On a folder of pictures, of which one attribute tells two classes."""
    pictures, told = tmp_path / "pictures", tmp_path / "attributes.txt"
    pictures.mkdir()
    names = [f"{i}.png" for i in range(200)]
    for i, name in enumerate(names):
        pixels = np.random.default_rng(i).integers(0, 256, (16, 16, 3), np.uint8)
        Image.fromarray(pixels // (1 + i % 2)).save(pictures / name)
    told.write_text("\n".join(["200", "Smiling", *(f"{name} {1 - 2 * (i % 2)}" for i, name in enumerate(names))]))
    flags = ["--dataset", f"folder:{pictures}", "--attributes", str(told), "--label_attributes", "Smiling"]
    flags += ["--image_size", "16", "--network", "mlp"]
    flags += ["--epochs", "2", "--batch_size", "20", "--optimizer", "sgd"]
    learn("aae_supervised.py", tmp_path / "one", *flags, export=True)
    learn("aae_supervised.py", tmp_path / "two", *flags, "--strategy", "mirrored", "--virtual_devices", "2")
    one, two = (variables(tmp_path / folder) for folder in ("one", "two"))
    for name, value in one.items():
        difference = np.abs(value - two[name]).max()
        assert difference < 1e-4 * max(np.abs(value).max(), 0.01), f"{name}: {difference}"
    manifest = export.load(tmp_path / "one" / "export").manifest
    assert manifest["label_names"] == ["no Smiling", "Smiling"]
    assert manifest["latent_dim"] == 15 + 2


@pytest.mark.parametrize("labelled", [None, np.arange(10)], ids=["clusters", "labels"])
@pytest.mark.parametrize("normalization", ["none", "batch"])
def test_logits_of_classes_are_normalized_where_it_is_asked_for(normalization, labelled, monkeypatch):
    flags = aae_semi_supervised.SemiSupervisedAAEFlags()
    flags.model.class_normalization, flags.model.units, flags.model.input_noise = normalization, (8,), 0.1
    data = dataclasses.replace(sources.load("digits", "train", image_size=8), labelled=labelled)
    networks = [aae_semi_supervised.build(flags, data).encoder]
    if labelled is not None:
        networks.append(aae_semi_supervised.classifier(flags, data)[0])
    for network in networks:
        paths = [variable.path for variable in network.variables]
        assert any("balanced_logits" in path for path in paths) == (normalization == "batch")


@dataclasses.dataclass
class Refused:
    script: str
    flags: list[str]
    said: str


REFUSED = [
    Refused("aae", ["--prior", "swiss_roll", "--latent_dim", "8"], "prior 'swiss_roll': it has 2 dimensions, not 8"),
    Refused("aae", ["--num_prior_labels", "55"], "--num_prior_labels 55: give a multiple of 10"),
    Refused("aae", ["--num_prior_labels", "50"], "'standard_gaussian': it cannot be divided among 10 classes"),
    Refused("aae", ["--vae_epochs", "-1"], "--vae_epochs -1: give a number of 0 or more"),
    Refused("aae", ["--num_prior_labels", "60", "--label_seed", "-1"], "--label_seed -1: give a number from 0"),
    Refused("aae", ["--label_seed", "2"], "--label_seed 2: it has no effect without --num_prior_labels: r"),
    Refused("aae", ["--units", "0"], "--units 0: give at least 1 unit for each layer"),
    Refused("aae", ["--momentum", "1"], "--momentum 1.0: give a number of 0 or more, and less than 1"),
    Refused("aae", ["--label_attributes", "Smiling"], "digits has no attribute 'Smiling'"),
    Refused(
        "aae",
        ["--network", "dcgan", "--encoder_normalization", "batch"],
        "--encoder_normalization batch: --network dcgan always has batch normalization, remove the flag",
    ),
    Refused("aae_supervised", ["--style_dim", "0"], "--style_dim 0: give a number above 0"),
    Refused("aae_supervised", ["--adversarial_rate", "0"], "--adversarial_rate 0.0: give a number above 0"),
    Refused("aae_supervised", ["--input_noise", "-1"], "--input_noise -1.0: give a number of 0 or more"),
    Refused("aae", ["--prior", "categorical", "--latent_dim", "1"], "prior 'categorical' of 1 dimensions: give 2"),
    Refused(
        "aae_semi_supervised",
        ["--num_labels", "0", "--label_seed", "1", "2"],
        "--label_seed 1 2: it has no effect without labels: remove it",
    ),
    Refused("aae_semi_supervised", ["--num_labels", "1"], "--num_labels 1: give at least one label for each class"),
    Refused("aae_semi_supervised", ["--num_labels", "0", "--clusters", "1"], "--clusters 1: give 2 or more"),
    Refused(
        "aae_semi_supervised",
        ["--clusters", "8"],
        "--clusters 8: it has no effect with labels: remove it or give --num_labels 0",
    ),
    Refused("aae_semi_supervised", ["--head_distance", "2"], "--head_distance 2.0: it has no effect without --cl"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: " ".join(case.flags))
def test_what_cannot_be_ends_in_one_line(case, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(train, "end_on_signals", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    given = ["--precision", "float32", "--run_dir", "run", "--export_dir", "export", *case.flags]
    monkeypatch.setattr(sys, "argv", [f"{case.script}.py", *given])
    with pytest.raises(SystemExit) as stop:
        train.command(case.script)
    assert stop.value.code == 2
    complaint = [line for line in capfd.readouterr().err.splitlines() if "error:" in line]
    assert len(complaint) == 1
    assert case.said in complaint[0]
    assert not (tmp_path / "run").exists()


def test_pictures_without_classes_are_refused_with_advice(monkeypatch):
    images = np.zeros((4, 8, 8, 1), np.uint8)
    plain = sources.ImageSet(images, None, None, (), (), "some")
    with pytest.raises(_aae_flags.InputError, match=r"give a data set with labels, such as digits$"):
        _aae_flags.classes(plain)
    faces = dataclasses.replace(plain, attributes=np.zeros((4, 1), np.uint8), attribute_names=("Smiling",))
    with pytest.raises(_aae_flags.InputError, match="or make them of attributes: --label_attributes Smiling"):
        _aae_flags.classes(faces)


@pytest.mark.parametrize(("optimizer", "argument"), [("adam", "beta_1"), ("sgd", "momentum")])
def test_phases_have_momenta_and_rates_of_their_own(optimizer, argument, monkeypatch):
    asked = _aae_flags.AAEModelFlags(optimizer=optimizer, momentum=0.8, adversarial_momentum=0.1, adversarial_rate=0.5)
    asked.discriminator_rate = 3.0
    given = flags.Flags(training=flags.Training(learning_rate=0.01))
    given.model = asked
    made = _aae_flags.optimizers(
        ("autoencoder", "classifier", "class_discriminator", "discriminator", "generator"), given
    )
    settings = {name: (float(o.learning_rate), getattr(o, argument)) for name, o in made.items()}
    assert settings["autoencoder"] == settings["classifier"] == (pytest.approx(0.01), 0.8)
    assert settings["discriminator"] == settings["class_discriminator"] == (pytest.approx(0.015), 0.1)
    assert settings["generator"] == (pytest.approx(0.005), 0.1)
