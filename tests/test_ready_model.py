"""The ready model of faces in ``saved_models/faces``: its size, its card, and the first command of README.md."""

from __future__ import annotations

import hashlib
import re
import shlex
import sys

import numpy as np
import pytest
from PIL import Image

from tests.cli.scripts import ROOT
from tfgan_models import export
from tfgan_models.cli import sample

FACES = ROOT / "saved_models" / "faces"
MAX_BYTES = 15_000_000


@pytest.fixture(scope="module")
def model() -> export.ExportedModel:
    return export.load(str(FACES))


def test_it_is_small():
    assert 1_000_000 < sum(path.stat().st_size for path in FACES.rglob("*") if path.is_file()) <= MAX_BYTES


def test_its_card_has_the_digests_of_its_files():
    card = (FACES / "README.md").read_text()
    digests = dict(re.findall(r"^([\w/.-]+) +([0-9a-f]{64})$", card, re.MULTILINE))
    files = {str(path.relative_to(FACES)): path for path in FACES.rglob("*") if path.is_file()}
    assert digests == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items() if name != "README.md"
    }


def test_its_card_has_the_command_and_the_data_of_its_manifest(model):
    card = (FACES / "README.md").read_text()
    manifest = model.manifest
    for value in (manifest["weights"], manifest["training_images"]):
        assert f"`{value}`" in card
    assert f"--epochs {manifest['epochs']}" in card and f"{manifest['steps']:,} steps" in card
    assert manifest["dataset"] == "faces" and f"seed {manifest['seed']}" in card


def test_the_first_command_of_the_readme_draws_faces(tmp_path, monkeypatch, capsys):
    commands = re.findall(r"^python train/.*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    script, *arguments = shlex.split(commands[0], comments=True)[1:]
    assert (script, arguments) == ("train/sample.py", ["--model", "saved_models/faces", "--output", "grid.png"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [script, "--model", str(FACES), "--output", "grid.png"])
    sample.command()
    assert capsys.readouterr().out.startswith("grid.png: 64 samples")
    sheet = np.asarray(Image.open("grid.png"), np.float64)
    assert sheet.shape[0] >= 8 * 64 and sheet.shape[1] >= 8 * 64 and sheet.std() > 30


def test_edits_change_faces_and_strength_0_reconstructs_them(model):
    assert len(model.editable) == 40 and {"Eyeglasses", "Smiling", "Wearing_Hat"} < set(model.editable)
    latents = model("sample", count=4, seed=1)["latent"]
    images = model("generate", latent=latents)["image"]
    np.testing.assert_allclose(model.edit(latents, {"Wearing_Hat": 0}), images, atol=1e-5)
    difference = np.abs(model.edit(latents, {"Wearing_Hat": 2}) - images)
    upper, lower = difference[:, :24].mean(), difference[:, 40:].mean()
    assert upper > 0.1 and upper > 2 * lower  # a hat is worn on the head
