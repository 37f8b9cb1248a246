"""``train/evaluate.py --images``: pictures of any origin, as samples and as reconstructions."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_evaluate import evaluate
from tfgan_models import InputError
from tfgan_models.cli.evaluate import EvaluateFlags
from tfgan_models.cli.subjects import load_pictures
from tfgan_models.data import sources
from tfgan_models.metrics import report as reports

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


def test_samples_are_taken_at_random_not_by_name(tmp_path):
    """Files that are sorted by class would otherwise be measured as if only the first classes existed."""
    shades = np.repeat(np.arange(0, 200, 2, dtype=np.uint8), 64).reshape(100, 8, 8, 1)
    write(tmp_path / "samples", shades)
    flags = EvaluateFlags(images=str(tmp_path / "samples"), dataset="digits", range=(0, 255))
    draws = [load_pictures(dataclasses.replace(flags, seed=seed)).samplers["samples"](30, 0) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])
    assert len(np.unique(draws[0])) == 30 and draws[0].max() > 0 > draws[0].min()  # the first 30 are dark


def about(images: str, digest: str) -> dict:
    """A report on pictures, without figures."""
    extractor = {"name": "digits-labels", "digest": digest}
    entries = {"dataset": "digits", "reference": "test", "images": {"reference": 9}, "image_shape": [8, 8, 1]}
    return {"model": images, "seed": 0, "extractor": extractor, **entries}


def test_a_folder_is_measured_again_with_the_reports_of_earlier_versions_in_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "samples", np.random.default_rng(0).integers(0, 8, (6, 8, 8, 1), np.uint8))
    flags = EvaluateFlags(images="samples", dataset="digits", cache_dir="cache")
    first = load_pictures(flags)
    assert first.output_dir == Path("samples-evaluation") and first.channels == 1
    neighbours = np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8)
    for digest in ("1", "2", "3"):  # Each renames the files of the one before.
        reports.write(about("samples", digest), neighbours, "samples")
        again = load_pictures(flags)
        assert (again.count, again.channels, again.about) == (6, 1, first.about)
    assert len(list(Path("samples").glob("*.json"))) == len(list(Path("samples").glob("neighbours*.png"))) == 3
    printed = capsys.readouterr().err
    assert "left out" not in printed and printed.count("stretched") == 4  # By the range of the samples alone.


@pytest.mark.parametrize("path", ["samples", "samples/", ".", "../samples", "up/.."])
def test_the_report_goes_next_to_the_folder_of_the_pictures(tmp_path, monkeypatch, path):
    write(tmp_path / "samples", np.zeros((2, 8, 8, 1), np.uint8))
    (tmp_path / "samples" / "up").mkdir()
    monkeypatch.chdir(tmp_path / "samples" if path[0] in ".u" else tmp_path)
    subject = load_pictures(EvaluateFlags(images=path, dataset="digits"))
    assert subject.output_dir.resolve() == tmp_path / "samples-evaluation"


def test_files_that_are_not_pictures_by_name_are_left_out(tmp_path, capsys):
    write(tmp_path / "samples", np.zeros((2, 8, 8, 1), np.uint8))
    others = ["LICENSE", "list.csv", "notes.txt", "scan.pdf", "settings.json", "weights.h5x"]
    for name in others:
        (tmp_path / "samples" / name).write_text("no picture")
    (tmp_path / "samples" / "000.png").rename(tmp_path / "samples" / "without_ending")
    flags = EvaluateFlags(images=str(tmp_path / "samples"), dataset="digits")
    subject = load_pictures(flags)
    assert subject.count == 2 and subject.channels == 1
    assert "samples: 6 files are not pictures and were left out, the first is 'LICENSE'" in capsys.readouterr().err
    for name in others[1:]:
        (tmp_path / "samples" / name).unlink()
    assert load_pictures(flags).count == 2
    assert "samples: 1 file is not a picture and was left out, it is 'LICENSE'" in capsys.readouterr().err
    for name in ("damaged.png", "photo.HEIC"):
        content = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40) if "HEIC" in name else b""
        (path := tmp_path / "samples" / name).write_bytes(content)
        with pytest.raises(InputError, match=f"{name}' cannot be read as a picture"):
            load_pictures(flags)
        path.unlink()
    write(tmp_path / "texts", np.zeros((0, 8, 8, 1), np.uint8))
    (tmp_path / "texts" / "notes.txt").write_text("no picture")
    with pytest.raises(InputError, match="texts' has no pictures: give another"):
        load_pictures(EvaluateFlags(images=str(tmp_path / "texts"), dataset="digits"))


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
@pytest.mark.parametrize("case", ["empty", "missing", "damaged", "wide", "sizes"])
def test_pictures_that_cannot_be_measured_end_in_one_line(folders, tmp_path, case):
    write(tmp_path / "images", np.zeros((3, 8, 8, 1), np.uint8))
    flags = ["--images", "images", "--dataset", "digits"]
    if case == "empty":
        (tmp_path / "none").mkdir()
        flags[1], message = "none", "'none' is empty: give a folder of pictures"
    elif case == "missing":
        flags += ["--originals", str(folders / "originals")]
        message = "there is no picture 'images/003.png'"
    elif case == "damaged":
        (tmp_path / "images" / "x.png").write_text("no picture")
        message = "x.png' cannot be read as a picture"
    else:
        side = {"wide": (9, 12), "sizes": (12, 12)}[case]
        Image.fromarray(np.zeros(side, np.uint8)).save(tmp_path / "images" / "x.png")
        message = "x.png' has 12×9 pixels: give square pictures" if case == "wide" else "x.png' has 12×12 pixels"
    code, printed = evaluate(tmp_path, *flags)
    assert code == 2, printed[-2000:]
    assert message in printed
    assert "Traceback" not in printed
