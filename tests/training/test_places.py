"""A run and an export are recognized by the content of their data, wherever these lie and however they are spelled."""

from __future__ import annotations

import dataclasses
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.cli.scripts import run
from tests.models.small import MODELS
from tests.training.earlier_runs import again
from tfgan_models import InputError
from tfgan_models.data import sources
from tfgan_models.export import saved_model
from tfgan_models.training import flags, path_flags, run_export, sweep


def pictures(folder, count: int = 40) -> None:
    """Fill a folder with pictures of 12 × 8 pixels."""
    folder.mkdir()
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 256, (8, 12), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")


def data(dataset: str, **options) -> flags.Flags:
    return flags.Flags(data=flags.Data(dataset=dataset, **options))


def test_a_run_goes_on_under_another_spelling_of_its_data(folder):
    folder.release()
    spellings = ("folder:pics", "folder:pics/", "folder:./pics", "folder:/moved/pics", "faces")
    for number, dataset in enumerate(spellings):
        again(folder, flags=data(dataset, attributes=f"{'./' * number}a.txt")).release()
    kept = json.loads((folder.path / "config.json").read_text())["data"]
    assert (kept["dataset"], kept["attributes"]) == ("faces", "././././a.txt")


def test_other_pictures_are_refused_with_the_flag_that_names_them(folder):
    folder.release()
    again(folder, flags=data("folder:pics", attributes="a.txt")).release()
    for dataset, attributes, said in [
        ("folder:others", "a.txt", "--dataset folder:others: its .*, which has --dataset folder:pics; give"),
        ("folder:pics", "b.txt", "--attributes b.txt: the pictures with these .*, which has --attributes a.txt; give"),
        ("folder:pics", "a.txt", rf"--dataset folder:pics: its pictures .* in {folder.path}; give"),
    ]:
        with pytest.raises(InputError, match=said):
            again(folder, flags=data(dataset, attributes=attributes), pictures="others")
    # A flag that decides how they are read is to blame before they are.
    with pytest.raises(InputError, match=r"--image_size 64: the run in .* has --image_size 32"):
        again(folder, flags=data("folder:pics", attributes="a.txt", image_size=64), pictures="others")


def test_pictures_have_one_hash_however_they_are_spelled(tmp_path, monkeypatch):
    pictures(tmp_path / "pics")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copytree("pics", "elsewhere/pics")

    def digest(path: str) -> str:
        return sources.load(f"folder:{path}", "train", image_size=8, cache_dir="cache").digest()

    hashes = {digest(path) for path in ("pics", "pics/", "./pics", "~/pics", f"{tmp_path}/pics", "elsewhere/pics")}
    assert len(hashes) == 1
    for number in range(9):  # which are not all in the test split
        (tmp_path / "pics" / f"{number}.png").unlink()
    assert digest("pics") not in hashes


def test_a_sweep_has_one_folder_however_its_data_are_spelled(tmp_path, monkeypatch):
    (tmp_path / "my pics").mkdir()
    monkeypatch.chdir(tmp_path)
    spellings = ("folder:my pics", "folder:my pics/", f"folder:{tmp_path}/my pics", "folder:./my pics")
    assert {str(sweep.default_folder("gan", dataset)) for dataset in spellings} == {"runs/gan-folder-my-pics-sweep"}
    (tmp_path / "loop").symlink_to("loop")
    assert str(sweep.default_folder("gan", f"folder:{tmp_path}/loop")) == "runs/gan-folder-loop-sweep"
    assert str(sweep.default_folder("gan", "celeb_a:2.0.1")) == "runs/gan-celeb-a-2-0-1-sweep"
    (former := tmp_path / "runs" / "gan-folder-pictures-my-pics-sweep").mkdir(parents=True)  # of an early version
    assert sweep.default_folder("gan", "folder:pictures/my pics").name == former.name


def test_a_manifest_says_what_its_relative_paths_are_relative_to(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here = {path_flags.RELATIVE_TO: str(tmp_path)}
    assert path_flags.relative_to(flags.Data(dataset="folder:pics")) == here
    assert path_flags.relative_to(flags.Data(dataset="folder:/pics", attributes="a.txt")) == here
    for places in ({"dataset": "faces"}, {"dataset": "folder:/pics", "attributes": "/a.txt"}, {"cache_dir": "cache"}):
        assert path_flags.relative_to(flags.Data(**places)) == {}


def test_a_path_of_a_manifest_is_found_from_another_folder(tmp_path, monkeypatch):
    manifest = {path_flags.RELATIVE_TO: str(tmp_path / "a")}
    for folder in ("a/pics", "b/pics", "c"):
        (tmp_path / folder).mkdir(parents=True)
    for stand, found in {"a": "pics", "b": f"{tmp_path}/a/pics", "c": f"{tmp_path}/a/pics"}.items():
        monkeypatch.chdir(tmp_path / stand)
        assert path_flags.located("folder:pics", manifest, "folder:") == f"folder:{found}"
        assert path_flags.located("folder:pics", {}, "folder:") == "folder:pics"  # of an early version
        assert path_flags.located("faces", manifest, "folder:") == "faces"
    monkeypatch.chdir(tmp_path / "b")
    (tmp_path / "a").rename(tmp_path / "gone")
    assert path_flags.located("folder:pics", manifest, "folder:") == "folder:pics"


def test_an_export_is_not_repeated_for_another_place_of_the_data(tmp_path, monkeypatch):
    pictures(tmp_path / "pics")
    monkeypatch.chdir(tmp_path)
    model = MODELS["gan"]()

    def export(dataset: str):
        now = data(dataset)
        now.training.steps_per_epoch = 1
        train = sources.load(dataset, "train", image_size=16, cache_dir="cache")
        return run_export.export_model(tmp_path / "export", now, "float32", train, model)

    first = export("folder:pics")
    manifest = json.loads((first / "manifest.json").read_text())
    assert (manifest["dataset"], manifest["relative_to"]) == ("folder:pics", str(tmp_path))
    shutil.move("pics", "moved")
    assert export(f"folder:{tmp_path}/moved") == first
    del manifest["training_images"], manifest["relative_to"]  # as early versions wrote it
    (first / "manifest.json").write_text(json.dumps(manifest))
    assert export("folder:moved/") == first
    (first / "manifest.json").write_text(json.dumps(manifest | {"training_images": "of others"}))
    assert export("folder:moved").name == "2"


def test_an_export_is_not_repeated_for_a_range_of_depths_that_the_pictures_do_not_have(tmp_path):
    """Earlier versions recorded a range that a flag had set for all depths."""
    always = dict.fromkeys(saved_model.ENTRIES) | {"weights": "1"}
    manifest = always | {"range": {"uint8": [0.0, 99.0]}}
    for recorded, same in [((0.0, 99.0), True), ((0.0, 98.0), False)]:
        earlier = manifest | {"range": dict.fromkeys(("uint8", "uint16", "int32", "float32"), recorded)}
        (tmp_path / "manifest.json").write_text(json.dumps(earlier))
        assert run_export._same_manifest(tmp_path, manifest) is same
    (tmp_path / "manifest.json").write_text(json.dumps(always))  # of a version without ranges
    assert run_export._same_manifest(tmp_path, manifest)


def test_a_manifest_has_the_hash_of_a_split_of_which_some_images_were_left_out(tmp_path, monkeypatch):
    from tfgan_models import export

    monkeypatch.setattr(export, "save", lambda model, folder, manifest, *rest: manifest)
    pictures(tmp_path / "pics")
    train = sources.load(f"folder:{tmp_path}/pics", "train", image_size=16, cache_dir=str(tmp_path / "cache"))
    model, now = MODELS["gan"](), data("folder:pics")
    now.training.steps_per_epoch = 1
    manifests = [
        run_export.export_model(tmp_path / "export", now, "float32", images, model)
        for images in (train, dataclasses.replace(train, split_digest="of all"))
    ]
    assert manifests[1] == manifests[0] | {"split_images": "of all"}
    assert manifests[0]["training_images"] == train.images_digest()


@pytest.mark.slow
def test_a_run_on_a_folder_goes_on_when_the_folder_has_moved(tmp_path):
    pictures(tmp_path / "pics")
    places = ["--batch_size", "8", "--cache_dir", "cache"]
    run("vae.py", tmp_path, "--dataset", "folder:pics", "--epochs", "1", *places)
    (tmp_path / "pics").rename(tmp_path / "moved")
    for epochs, spelling in {"2": "moved/", "3": f"{tmp_path}/moved"}.items():
        printed = run("vae.py", tmp_path, "--dataset", f"folder:{spelling}", "--epochs", epochs, *places)
        assert f"{int(epochs) - 1} epoch{'s' * (epochs != '2')} done" in printed
