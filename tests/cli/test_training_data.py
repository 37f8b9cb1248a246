"""Training data of an export, which are read with the crop of the training under any name."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.training.test_places import pictures
from tfgan_models import InputError
from tfgan_models.cli import training_data
from tfgan_models.cli.evaluate import EvaluateFlags
from tfgan_models.data import sources
from tfgan_models.export import sharing
from tfgan_models.recipes import aae_supervised
from tfgan_models.training import run as engine


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
        "training_images": train.images_digest(),
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


def test_data_that_are_gone_are_named_with_what_to_do_without_them(manifest, tmp_path):
    (tmp_path / "pics").rename(tmp_path / "moved")
    with pytest.raises(InputError, match=r"^folder:pics, on which .* is not there; it needs none: give --image"):
        training_data.load(manifest, "test", "it needs none: give --image", cache_dir="cache")


def test_a_downloaded_model_keeps_the_crop_for_the_same_pictures_and_names_none(manifest, tmp_path, capsys):
    shared = sharing.public(manifest)
    (tmp_path / "pics").rename(tmp_path / "moved")
    assert shared["dataset"] == "folder:PICTURES" and crop("folder:moved", shared) == 6
    with pytest.raises(InputError, match="give --dataset"):
        training_data.load(shared, "test", "give --dataset")


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
    padded["training_images"] = train.images_digest()
    (tmp_path / "padded").rename(tmp_path / "moved")
    found = training_data.options(EvaluateFlags(dataset="folder:moved", cache_dir="cache"), padded)
    assert {name: found[name] for name in reading} == reading
    assert capsys.readouterr().out == ""


def partly_labeled(folder) -> None:
    """Eight pictures in folders of classes, and forty next to them."""
    pictures(folder)
    for number in range(8):
        (folder / "ab"[number % 2]).mkdir(exist_ok=True)
        pixels = np.random.default_rng(100 + number).integers(0, 256, (8, 12), np.uint8)
        Image.fromarray(pixels).save(folder / "ab"[number % 2] / f"{number}.png")


@pytest.mark.parametrize("by_table", [False, True])
@pytest.mark.parametrize("earlier", [False, True])
def test_data_are_recognized_although_the_training_left_out_what_has_no_label(
    by_table, earlier, manifest, tmp_path, capsys
):
    flags = aae_supervised.RECIPE.flags()
    flags.data.dataset, flags.data.cache_dir, flags.data.image_size, flags.data.crop = "folder:mixed", "cache", 8, 6
    table = tmp_path / "table.csv"
    if by_table:
        pictures(tmp_path / "mixed")
        table.write_text("".join(["file,label\n", *(f"{number}.png,{'ab'[number % 2]}\n" for number in range(8))]))
        flags.data.attributes = "table.csv"
    else:
        partly_labeled(tmp_path / "mixed")
    train, _ = engine._load(aae_supervised.RECIPE, flags)
    assert len(train.images) < 8
    known = manifest | {
        "dataset": "folder:mixed",
        "attributes": flags.data.attributes,
        "layout": "auto",
        "training_images": train.images_digest(),
    }
    if not earlier:
        known["split_images"] = train.split_digest
    (tmp_path / "mixed").rename(tmp_path / "moved")
    capsys.readouterr()
    assert crop("folder:moved", known) == 6
    assert "crop: none" not in capsys.readouterr().out
    if by_table:
        table.rename(tmp_path / "other.csv")
        assert crop("folder:moved", known, attributes="other.csv") == 6
    (tmp_path / "moved" / "9.png").unlink()
    (tmp_path / "moved" / ("3.png" if by_table else "b/3.png")).unlink()
    assert crop("folder:moved", known) is None


def test_the_whole_set_is_what_identifies_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    partly_labeled(tmp_path / "mixed")
    flags = aae_supervised.RECIPE.flags()
    flags.data.dataset, flags.data.cache_dir, flags.data.image_size = "folder:mixed", "cache", 8
    train, _ = engine._load(aae_supervised.RECIPE, flags)
    whole = sources.load("folder:mixed", "train", image_size=8, cache_dir="cache")
    assert train.split_digest == whole.images_digest() != train.images_digest()
    flags.data.dataset = "digits"  # whose images all have labels
    assert engine._load(aae_supervised.RECIPE, flags)[0].split_digest == ""


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
