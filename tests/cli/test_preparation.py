"""Checks of an evaluation before its extractor is trained."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.test_places import pictures
from tfgan_models import InputError
from tfgan_models.cli import evaluate, outputs, preparation
from tfgan_models.cli.evaluate import EvaluateFlags
from tfgan_models.cli.subjects import Subject
from tfgan_models.data import sources
from tfgan_models.data.image_set import ImageSet
from tfgan_models.metrics import evaluate as metrics

READING = {"image_size": 8, "cache_dir": "cache"}


def subject(dataset: str = "folder:pics", **values) -> Subject:
    """An export of 8 pixels and one channel."""
    return Subject(
        **{
            "path": Path("export"),
            "output_dir": Path("export"),
            "about": {},
            "channels": 1,
            "dataset": dataset,
            "source": READING,
            "samplers": {},
            "latent_sources": {},
            "reconstruct": None,
            **values,
        }
    )


@pytest.fixture
def manifest(tmp_path, monkeypatch) -> dict:
    """The manifest of a model that was trained on the folder ``pics``, with enough held-out pictures."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pics").mkdir()
    pictures(tmp_path / "pics" / "train", count=30)
    pictures(tmp_path / "pics" / "test", count=20)
    train = sources.load("folder:pics", "train", **READING)
    return {"dataset": "folder:pics", "relative_to": str(tmp_path), **train.image_digests()}


def add_picture(tmp_path: Path) -> None:
    pixels = np.random.default_rng(99).integers(0, 256, (8, 12), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "pics" / "train" / "new.png")


def test_pictures_that_have_changed_since_the_training_are_a_line(manifest, tmp_path, capsys):
    flags = EvaluateFlags(model="export")
    preparation.load_data(flags, subject(manifest=manifest))
    assert capsys.readouterr().out == ""
    add_picture(tmp_path)
    for dataset in (None, "folder:./pics"):
        train, test = preparation.load_data(
            EvaluateFlags(model="export", dataset=dataset), subject(dataset or "folder:pics", manifest=manifest)
        )
        assert (len(train.images), len(test.images)) == (31, 20)
        (line,) = capsys.readouterr().out.splitlines()
        assert line.startswith(f"changed:    the images of {dataset or 'folder:pics'} have changed since the training")
        assert "(there are 31 training images now)" in line


def test_other_data_another_reading_and_earlier_exports_are_no_change(manifest, tmp_path, capsys):
    add_picture(tmp_path)
    (tmp_path / "pics").rename(tmp_path / "others")
    (tmp_path / "pics").symlink_to("others")
    preparation.load_data(EvaluateFlags(model="export", crop=8), subject(manifest=manifest))
    preparation.load_data(EvaluateFlags(model="export"), subject(manifest={"dataset": "folder:pics"}))
    preparation.load_data(EvaluateFlags(model="export"), subject(manifest={}))
    digits = subject("digits", manifest=manifest)
    preparation.load_data(EvaluateFlags(model="export", dataset="digits"), digits)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("split", "count"), [("train", 30), ("test", 19)])
def test_a_split_that_is_too_small_is_named(split, count, manifest, tmp_path):
    for number in range(count - 1):
        (tmp_path / "pics" / split / f"{number}.png").unlink()
    left = 1 + (split == "test")  # of 30 and of 20
    said = rf"^folder-pics: its {split} split has {left} images?, too small to measure with: add images until it has 20"
    with pytest.raises(InputError, match=said):
        preparation.load_data(EvaluateFlags(model="export"), subject())


def test_a_folder_of_too_few_pictures_is_named(manifest):
    with pytest.raises(InputError, match=r"^--images few: it has 7 pictures, give at least 20"):
        preparation.load_data(EvaluateFlags(images="few", dataset="folder:pics"), subject(count=7))


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"model": "export"}, "--model export: the report is written to export, which cannot be written (read-only"),
        ({"images": "pics"}, "--images pics: the report is written to export, which cannot be written (read-only"),
        ({"model": "export", "output_dir": "export"}, "--output_dir export: it cannot be written (read-only file sys"),
    ],
)
def test_a_folder_that_is_read_only_is_named_with_the_remedy(flags, said, monkeypatch):
    def read_only(path):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(outputs, "check_writable", read_only)
    with pytest.raises(InputError) as error:
        preparation.check_output_dir(EvaluateFlags(**flags), Path("export"))
    assert str(error.value).startswith(said)
    assert str(error.value).endswith("give another folder" if "output_dir" in flags else "give --output_dir")


@pytest.mark.parametrize(
    ("manifest", "left"),
    [
        ({"condition": {"kind": "labels", "names": ("a", "b", "c")}}, 60),
        ({"algorithm": "SupervisedAAE", "label_names": ["a", "b", "c"]}, 60),
        ({"algorithm": "SupervisedAAE", "label_names": ["no Hat", "Hat"]}, 80),  # --label_attributes Hat
        ({"condition": {"kind": "attributes", "names": ("Hat",)}}, 80),
        ({"algorithm": "VAE"}, 80),
    ],
)
def test_pictures_without_a_class_are_left_out_as_in_the_training(manifest, left, monkeypatch):
    labels = np.where(np.arange(80) % 4 == 3, -1, np.arange(80) % 4)
    loaded = ImageSet(np.zeros((80, 8, 8, 1), np.uint8), labels, None, ("a", "b", "c"), (), "images")
    monkeypatch.setattr(sources, "load", lambda *arguments, **options: loaded)
    for split in preparation.load_data(EvaluateFlags(model="export"), subject(manifest=manifest)):
        assert len(split.images) == left and (min(split.labels) >= 0) == (left == 60)


def test_a_set_without_any_class_stays_as_it_is(monkeypatch):
    loaded = ImageSet(np.zeros((40, 8, 8, 1), np.uint8), np.full(40, -1), None, ("a", "b"), (), "images")
    monkeypatch.setattr(sources, "load", lambda *arguments, **options: loaded)
    manifest = {"condition": {"kind": "labels", "names": ("a", "b")}}
    assert preparation.load_data(EvaluateFlags(model="export"), subject(manifest=manifest)) == (loaded, loaded)


@pytest.mark.parametrize("split", ["test", "train"])
def test_the_reconstructions_are_of_the_reference(split, monkeypatch):
    splits, received = {"train": object(), "test": object()}, []
    stand_in = subject(about={"weights": "", "model": ""}, reconstruct=received.append)
    monkeypatch.setattr(evaluate, "load_export", lambda flags: stand_in)
    monkeypatch.setattr(evaluate, "check_output_dir", lambda *arguments: None)
    monkeypatch.setattr(evaluate, "load_data", lambda *arguments: (splits["train"], splits["test"]))
    monkeypatch.setattr(evaluate, "_extractor", lambda *arguments: None)
    monkeypatch.setattr(metrics, "evaluate", lambda *arguments, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        evaluate.main(EvaluateFlags(model="export", split=split))
    assert received == [splits[split]]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"images": "a", "dataset": "faces"}, "remove it, because --images are the samples"),
        ({"model": "a", "human": "b"}, "remove one of it and --human, because people have judged samples without trun"),
    ],
)
def test_a_truncation_that_would_not_be_of_the_figures_is_refused(flags, said):
    with pytest.raises(InputError, match=rf"^--truncation 0\.5: {said}"):
        evaluate.check(EvaluateFlags(truncation=0.5, **flags))
