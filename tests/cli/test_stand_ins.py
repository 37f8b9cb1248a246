"""Commands of docs/coverage.md for data that could not be had, each on a stand-in of the same form."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from tests.cli.scripts import ROOT
from tfgan_models.cli import main

pytestmark = pytest.mark.slow

SMALL = ["--width", "0.05", "--batch_size", "8", "--epochs", "1", "--steps_per_epoch", "2"]
CLASSES = ("spiral", "elliptical", "irregular")


def colored(count: int, size: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3)).astype(np.uint8)


def prepare(name: str, config: str | None, monkeypatch, folder: Path) -> None:
    """Prepare a data set of tensorflow-datasets with its own features and splits, and images of noise."""
    builder_class = tfds.builder_cls(name)

    def splits(self, download_manager):
        held_out = "validation" if name == "imagenet_resized" else "test"
        return {split: self._generate_examples(split) for split in ("train", held_out)}

    def examples(self, split):
        size = self.info.features["image"].shape[0]
        for i, image in enumerate(colored(40, size)):
            row = {"image": image, "label": i % 10}
            yield f"{split}{i}", row | ({"id": f"{split}{i}"} if "id" in self.info.features else {})

    monkeypatch.setattr(builder_class, "_split_generators", splits)
    monkeypatch.setattr(builder_class, "_generate_examples", examples)
    config_of = {"config": config} if config else {}
    builder_class(data_dir=str(folder), **config_of).download_and_prepare()


def sheet(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image)


def documented(command: str) -> list[str]:
    """A command's words, if the page has it."""
    assert f"`{command}`" in (ROOT / "docs" / "coverage.md").read_text(), command
    return command.split()[1:]


def tfgan(words: list[str], folder: Path) -> str:
    """Run the command ``tfgan`` in a folder, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "tfgan_models", *words], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    return done.stdout


IMPROVED = " --minibatch_discrimination --real_target 0.9 --generator_normalization virtual"


@pytest.mark.parametrize("improvements", ["", IMPROVED])
def test_imagenet(improvements, tmp_path, monkeypatch):
    prepare("imagenet_resized", "64x64", monkeypatch, tmp_path / "data")
    plain = "tfgan train gan --dataset imagenet_resized/64x64 --image_size 64 --preset dcgan"
    command = documented(plain + improvements)
    flags = ["--data_dir", "data", *SMALL, "--run_dir", "run", "--export_dir", "gan"]
    tfgan([*command, *flags], tmp_path)
    assert json.loads((tmp_path / "run" / "config.json").read_text())["data"]["dataset"] == "imagenet_resized/64x64"
    tfgan(["sample", "--model", "gan", "--output", "samples.png", "--count", "4"], tmp_path)
    assert sheet(tmp_path / "samples.png").shape == (130, 130, 3)


def test_svhn(tmp_path, monkeypatch):
    prepare("svhn_cropped", None, monkeypatch, tmp_path / "data")
    command = documented("tfgan train aae_supervised --dataset svhn_cropped")
    tfgan([*command, "--data_dir", "data", *SMALL, "--run_dir", "run", "--export_dir", "aae"], tmp_path)
    tfgan(["sample", "--model", "aae", "--output", "samples.png", "--label", "3", "--count", "4"], tmp_path)
    assert sheet(tmp_path / "samples.png").shape[0] > 32


@pytest.mark.parametrize("algorithm", ["vae", "gan"])
def test_galaxies(algorithm, tmp_path):
    folder = tmp_path / "galaxies"
    folder.mkdir()
    lines = ["40", " ".join(CLASSES)]
    for i, image in enumerate(colored(40, 64)):
        Image.fromarray(image).save(folder / f"{i:02d}.png")
        lines.append(f"{i:02d}.png " + " ".join("1" if i % 3 == k else "-1" for k in range(3)))
    (tmp_path / "FILE").write_text("\n".join(lines) + "\n")
    command = f"tfgan train {algorithm} --dataset folder:galaxies --condition attributes --attributes FILE"
    command += " --minibatch_discrimination" if algorithm == "gan" else ""
    tfgan([*documented(command), *SMALL, "--run_dir", "run", "--export_dir", "export"], tmp_path)
    tfgan(["sample", "--model", "export", "--output", "s.png", "--with", "spiral", "--seed", "1"], tmp_path)
    assert sheet(tmp_path / "s.png").std() > 1


def test_inception_on_many_samples(exported, tmp_path, monkeypatch):
    layers = keras.layers
    image = keras.Input((299, 299, 3))
    pooled = layers.GlobalAveragePooling2D(name="avg_pool")(layers.Conv2D(8, 32, strides=32)(image))
    small = keras.Model(image, layers.Dense(1000, "softmax")(pooled))
    monkeypatch.setattr(keras.applications, "InceptionV3", lambda weights: small)
    words = documented("tfgan evaluate --model MODEL --extractor inception_v3 --samples 50000")
    words = [{"MODEL": str(exported("gan")), "50000": "40"}.get(word, word) for word in words]
    monkeypatch.setattr(sys, "argv", ["tfgan", *words, "--dataset", "digits", "--output_dir", str(tmp_path)])
    main.main()
    report = json.loads((tmp_path / "evaluation.json").read_text())
    assert report["extractor"]["name"].startswith("inception_v3-imagenet")
    assert report["figures"]["samples"]["frechet_distance"] > 0
    # Random weights tell no classes apart.
    assert report["figures"]["samples"]["inception_score"] == pytest.approx(1, abs=0.05)
