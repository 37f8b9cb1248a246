"""``train/evaluate.py --images``: pictures of any origin, as samples and as reconstructions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_evaluate import evaluate
from tfgan_models.data import sources

COUNT = 60


def write(folder: Path, images: np.ndarray) -> None:
    folder.mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(folder / f"{number:03}.png")


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> Path:
    """Held-out digits, the same with half of their contrast, and other digits as samples."""
    root = tmp_path_factory.mktemp("pictures")
    test, train = (sources.load("digits", split, image_size=8).images for split in ("test", "train"))
    write(root / "originals", test[:COUNT])
    write(root / "paler", test[:COUNT] // 2)
    write(root / "samples", train[:COUNT])
    return root


def report(folder: Path) -> dict:
    return json.loads((folder / "evaluation.json").read_text())


def test_a_folder_is_measured_as_samples_and_as_reconstructions(folders):
    """In the file's own order: each reconstruction is compared with the original of its name."""
    flags = ("--dataset", "digits", "--images")
    code, printed = evaluate(folders, *flags, "paler", "--originals", "originals", "--output_dir", "a")
    assert code == 0, printed[-2000:]
    found = report(folders / "a")
    assert set(found["figures"]) == {"reconstructions", "data"}
    pixels = np.stack([np.asarray(Image.open(path)) for path in sorted((folders / "originals").iterdir())])
    expected = np.mean(((pixels.astype(float) - pixels // 2) / 127.5) ** 2)
    assert found["figures"]["reconstructions"]["pixel_error"] == pytest.approx(expected, rel=1e-5)

    code, printed = evaluate(folders, *flags, "samples", "--output_dir", "b")
    assert code == 0, printed[-2000:]
    found = report(folders / "b")
    assert set(found["figures"]) == {"samples", "data"}
    assert found["images"]["samples"] == COUNT
    # They are training images.
    assert found["figures"]["samples"]["nearest_training_image"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "give --model or --images"),
        (["--model", "m", "--images", "samples"], "--model m and --images samples: give one of them"),
        (["--images", "samples"], "--images samples: give --dataset"),
        (["--model", "m", "--originals", "originals"], "--originals originals: give --images"),
        (["--images", "samples", "--dataset", "digits", "--sampler", "prior"], "--sampler prior: remove it"),
    ],
)
def test_flags_that_do_not_go_together(folders, flags, message):
    code, printed = evaluate(folders, *flags)
    assert code == 2
    assert f"evaluate.py: error: {message}" in printed


@pytest.mark.slow
@pytest.mark.parametrize("case", ["empty", "missing", "text", "wide", "sizes"])
def test_pictures_that_cannot_be_measured_end_in_one_line(folders, tmp_path, case):
    write(tmp_path / "images", np.zeros((3, 8, 8, 1), np.uint8))
    flags = ["--images", "images", "--dataset", "digits"]
    if case == "empty":
        (tmp_path / "none").mkdir()
        flags[1], message = "none", "'none' is empty: give a folder of pictures"
    elif case == "missing":
        flags += ["--originals", str(folders / "originals")]
        message = "there is no picture 'images/003.png'"
    elif case == "text":
        (tmp_path / "images" / "notes.txt").write_text("no picture")
        message = "notes.txt' cannot be read as a picture"
    else:
        side = {"wide": (9, 12), "sizes": (12, 12)}[case]
        Image.fromarray(np.zeros(side, np.uint8)).save(tmp_path / "images" / "x.png")
        message = "x.png' has 12×9 pixels: give square pictures" if case == "wide" else "x.png' has 12×12 pixels"
    code, printed = evaluate(tmp_path, *flags)
    assert code == 2, printed[-2000:]
    assert message in printed
    assert "Traceback" not in printed
