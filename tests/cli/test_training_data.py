"""The data that an export was trained on, measured with the crop of the training however they are given."""

from __future__ import annotations

import dataclasses

import pytest

from tests.training.test_places import pictures
from tfgan_models.cli import training_data
from tfgan_models.cli.evaluate import EvaluateFlags
from tfgan_models.data import sources


@pytest.fixture
def manifest(tmp_path, monkeypatch) -> dict:
    """Of a model that was trained on the folder ``pics`` with a crop."""
    pictures(tmp_path / "pics")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    train = sources.load("folder:pics", "train", image_size=8, crop=6, cache_dir="cache")
    return {
        "dataset": "folder:pics",
        "relative_to": str(tmp_path),
        "image_shape": [8, 8, 1],
        "channels": None,
        "crop": 6,
        "attributes": None,
        "training_images": dataclasses.replace(train, labels=None, attributes=None).digest(),
    }


def crop(dataset: str | None, manifest: dict, **flags) -> int | None:
    return training_data.options(EvaluateFlags(dataset=dataset, cache_dir="cache", **flags), manifest).get("crop")


@pytest.mark.parametrize("spelling", ["pics", "pics/", "./pics", "../{}/pics", "{}", "link"])
def test_another_spelling_keeps_the_crop_of_the_training(spelling, manifest, tmp_path, capsys):
    (tmp_path / "link").symlink_to("pics")
    spelling = spelling.format(tmp_path.name) if spelling.startswith("..") else spelling.format(tmp_path / "pics")
    for known in (manifest, {name: value for name, value in manifest.items() if name != "training_images"}):
        assert crop(f"folder:{spelling}", known) == 6
    assert crop(None, manifest) == 6
    assert capsys.readouterr().out == ""


def test_a_moved_folder_keeps_the_crop_of_the_training(manifest, tmp_path, capsys):
    (tmp_path / "pics").rename(tmp_path / "moved")
    assert crop("folder:moved", manifest) == 6
    assert capsys.readouterr().out == ""


def test_a_moved_folder_is_read_as_in_the_training(manifest, tmp_path, capsys):
    pictures(tmp_path / "padded")
    reading = {"crop": None, "fit": "pad", "background": "black", "range": {"uint8": [0, 100]}}
    train = sources.load("folder:padded", "train", image_size=8, cache_dir="cache", **reading)
    padded = (
        manifest
        | reading
        | {
            "dataset": "folder:padded",
        }
    )
    padded["training_images"] = dataclasses.replace(train, labels=None, attributes=None).digest()
    (tmp_path / "padded").rename(tmp_path / "moved")
    found = training_data.options(EvaluateFlags(dataset="folder:moved", cache_dir="cache"), padded)
    assert {name: found[name] for name in reading} == reading
    assert capsys.readouterr().out == ""


def test_exports_without_a_reading_are_read_as_their_versions_did(manifest):
    found = training_data.options(EvaluateFlags(), manifest)
    assert (found["fit"], found["background"], found["range"]) == ("crop", "white", {})


def test_other_pictures_do_without_it_and_a_line_says_so(manifest, tmp_path, capsys):
    pictures(tmp_path / "others", count=30)
    assert crop("folder:others", manifest) is None
    (line,) = capsys.readouterr().out.splitlines()
    assert line == "crop: none, as folder:others is not what the model was trained on, folder:pics with --crop 6"
    assert crop("digits", manifest) is None
    assert "as digits is not what" in capsys.readouterr().out
    assert crop("digits", manifest, crop=5) is None  # --crop itself goes before all options
    assert capsys.readouterr().out == ""


def test_from_elsewhere_a_relative_path_is_that_of_the_training(manifest, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "elsewhere")
    pictures(tmp_path / "elsewhere" / "pics", count=30)
    assert training_data.name(manifest) == f"folder:{tmp_path}/pics"
    assert crop("folder:../pics", manifest) == 6
    assert crop("folder:pics", manifest) is None  # the same spelling of another folder
    assert training_data.name({"dataset": "faces"}) == "faces"
    assert training_data.name({}) is None
