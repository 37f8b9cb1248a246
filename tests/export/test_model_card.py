"""The model card of an export: its text, its head for the hub, its picture, and that evaluations write it again."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from huggingface_hub import ModelCard
from PIL import Image

from tests.cli.scripts import ROOT
from tests.models.small import CHANNELS, SIZE
from tfgan_models import export
from tfgan_models.export import card_files, card_head, model_card, sharing

FACES = json.loads((ROOT / "saved_models" / "faces" / "1" / "manifest.json").read_text())
PRIVATE = {"dataset": "folder:/home/ann/patients", "attributes": "/home/ann/table.csv", "relative_to": "/home/ann"}
FILES = ("samples.png", "model.keras")


def report(**entries: Any) -> dict[str, Any]:
    """A report as ``tfgan evaluate`` writes it."""
    figures = {
        "samples": {"frechet_distance": 86.9342, "coverage": 0.00001234, "sharpness": 0.7},
        "reconstructions": {"attribute_cosine": 0.93, "kernel_distance": None},
        "data": {"frechet_distance": 12.2},
    }
    conditions = {"reference": "test", "seed": 0, "images": {"reference": 200, **dict.fromkeys(figures, 100)}}
    extractor = {"name": "faces-attributes", "digest": "b1ec7ac6f6af", "accuracy": 0.973}
    return {"dataset": "faces", "extractor": extractor, **conditions, "figures": figures, **entries}


def manifest(**entries: Any) -> dict[str, Any]:
    """The manifest of the ready model with the entry of a run, and further ones."""
    figures = {"val_pixel_error": 0.0219, "discriminator_loss": 0.5, "samples/coverage/faces-attributes-b1/2000": 0.9}
    training = {"command": "tfgan train vaegan --image_size 64", "version": "0.1.0", "figures": figures}
    return {**FACES, "training": training, **entries}


def test_each_figure_has_its_own_number_of_images():
    used = {"samples": {"frechet_distance": 100, "coverage": 50}, "reconstructions": {"attribute_cosine": 100}}
    head = ModelCard(model_card.card(manifest(), report(images_used=used), FILES)).data
    names = [result.metric_name for result in head.eval_results]
    assert [int(name.split(", ")[1].split()[0]) for name in names] == [100, 50, 100]


def test_the_hub_reads_the_head():
    head = ModelCard(model_card.card(manifest(), report(), FILES)).data
    assert head.library_name == "keras" and head.pipeline_tag == "unconditional-image-generation"
    assert "vaegan" in head.tags and "tfgan_models" in head.tags
    assert head.license is None and head.datasets is None  # neither is known
    assert head.model_name == "VAEGAN-faces-64"
    results = {(result.metric_type, result.metric_name): result.metric_value for result in head.eval_results}
    of = "(faces-attributes b1ec7ac6f6af, 100 images)"
    assert results == {
        ("frechet_distance", f"frechet_distance of samples {of}"): 86.93,
        ("coverage", f"coverage of samples {of}"): 0.00001234,
        ("attribute_cosine", f"attribute_cosine of reconstructions {of}"): 0.93,
    }
    assert {(result.dataset_name, result.dataset_split) for result in head.eval_results} == {("faces", "test")}
    assert head.metrics == ["frechet_distance", "coverage", "attribute_cosine"]


def test_the_head_names_what_exists_only():
    head = ModelCard(model_card.card(manifest(dataset="hf:owner/pictures", signatures=["generate"]))).data
    assert head.datasets == ["owner/pictures"] and head.library_name == "tfgan_models"
    assert head.pipeline_tag is None and head.eval_results is None and head.metrics is None
    for dataset, names in (("hf:owner/pets:small", ["owner/pets"]), ("hf:pets", None)):
        assert card_head.head(manifest(dataset=dataset)).get("datasets") == names


def test_the_name_of_a_private_folder_is_nowhere():
    extractor = {"name": "folder-patients-attributes", "digest": "b1ec7ac6f6af"}
    column = "samples/coverage/folder-patients-attributes-b1ec7ac6f6af/2000"
    training = {"command": "tfgan train vaegan", "version": "0.1.0", "figures": {column: 0.9}}
    chosen = {"figure": column, "value": 0.9}
    inputs = manifest(**PRIVATE, training=training, chosen_by=chosen), report(extractor=extractor, **PRIVATE), FILES
    text = model_card.card(*inputs)
    assert "patients" not in text
    assert "`folder-PICTURES-attributes` b1ec7ac6f6af" in text
    assert text.count("samples/coverage/folder-PICTURES-attributes-b1ec7ac6f6af/2000") == 2
    shared = json.dumps([sharing.public(description) for description in inputs[:2]])
    assert "patients" not in shared and shared.count("folder-PICTURES-attributes") == 3


@pytest.mark.parametrize(
    ("name", "dataset", "public"),
    [
        ("folder-my-labels-of-x-rotations", "folder:my labels", "folder-PICTURES-rotations"),
        ("tar-a-labels-rotations-undamaged", "tar:a.tar", "tar-PICTURES-labels-rotations-undamaged"),
        ("hf-pets-labels", "hf:pets", "hf-PICTURES-labels"),
        ("hf-owner-pets-labels", "hf:owner/pets", "hf-owner-pets-labels"),
        ("faces-attributes", "faces", "faces-attributes"),
        ("val_pixel_error", "folder:x", "val_pixel_error"),
        ("folder-2024-rotations", "folder:2024", "folder-PICTURES-rotations"),
    ],
)
def test_names_of_extractors_as_others_may_see_them(name, dataset, public):
    assert sharing.public_name(name, dataset) == public


def test_figures_of_truncated_samples_say_so():
    text = model_card.card(manifest(), report(truncation=0.7), FILES)
    assert "100 samples with truncation 0.7, 100 reconstructions, 100 real, compared with 200 images" in text
    assert "|  | reconstructions | samples with truncation 0.7 | real |" in text
    names = [result.metric_name for result in ModelCard(text).data.eval_results]
    assert [" with truncation 0.7 (" in name for name in names] == [True, True, False]
    assert "truncation" not in model_card.card(manifest(), report(truncation=1.0), FILES)
    refined = model_card.card(manifest(), report(refine=50), FILES)
    assert "|  | reconstructions, refined by 50 steps | samples | real |" in refined
    blurred = model_card.card(manifest(), report(refine=50, refine_blur=1.0), FILES)
    assert "|  | reconstructions, refined by 50 steps (blur 1) | samples | real |" in blurred


@pytest.mark.parametrize("dataset", ["folder:2024", "folder:.", "folder:..", "zip:1.2", "folder:2024+x"])
def test_a_folder_whose_name_is_like_a_version_is_private(dataset):
    assert sharing.public_dataset(dataset) == f"{dataset.partition(':')[0]}:PICTURES"


def test_the_text_has_command_digests_figures_and_limits():
    text = model_card.card(manifest(chosen_by={"figure": "val_pixel_error", "value": 0.0219}), report(), FILES)
    assert "```sh\ntfgan train vaegan --image_size 64\n```" in text
    assert f"`{FACES['weights']}`" in text and f"`{FACES['training_images']}`" in text
    assert "| epochs | 36, the best epoch by val_pixel_error: 0.0219 |" in text
    assert "100 samples, 100 reconstructions, 100 real, compared with 200 images" in text
    assert "| frechet_distance |  | 86.93 | 12.2 |" in text and "| kernel_distance |  |  |  |" in text
    assert "| val_pixel_error | 0.0219 |" in text and "discriminator_loss" not in text
    assert "from 0.633 (`Big_Lips`) to 1.000" in text
    assert "![Samples](samples.png)" in text
    without = model_card.card(manifest(training=None))
    assert "No figures were measured" in without and "repeats the training" not in without
    assert "samples.png" not in without


def test_the_card_names_no_path_of_this_machine():
    text = model_card.card(manifest(**PRIVATE, parent={"path": "/home/ann/x", "weights": "0123"}), report(**PRIVATE))
    assert "ann" not in re.sub("channels?|handled", "", text)
    assert "pictures that are not public" in text and "`0123`" in text and "`folder:PICTURES`" in text


@pytest.mark.parametrize(("name", "samples"), [("vaegan", True), ("autoencoder", False)])
def test_every_export_has_a_card_and_a_picture_of_its_samples(name, samples, exported):
    version = exported(name)
    text = (version / card_files.CARD).read_text()
    loaded = export.load(version)
    assert text == model_card.card(loaded.manifest, None, [path.name for path in version.iterdir()])
    assert ("samples.png" in text) == (version / "samples.png").exists() == samples
    if not samples:
        return
    picture = Image.open(version / "samples.png").convert("RGB" if CHANNELS == 3 else "L")
    assert picture.size == (8 * (SIZE + 2) - 2, 4 * (SIZE + 2) - 2)
    first = (loaded("sample", count=32, seed=0)["image"][0] + 1) * 127.5
    cut = np.asarray(picture, np.float32).reshape(*picture.size[::-1], -1)[:SIZE, :SIZE]
    assert np.abs(cut - first).mean() < 8  # bytes; the file has at most 256 colors


def test_an_evaluation_writes_the_card_again_unless_it_belongs_to_the_user(exported, tmp_path):
    version = Path(shutil.copytree(exported("vaegan"), tmp_path / "1"))
    assert card_files.update(version, report())
    text = (version / card_files.CARD).read_text()
    assert "| frechet_distance |  | 86.93 | 12.2 |" in text and model_card.MARK in text
    own = text.replace(model_card.MARK, "").replace("## Limits", "## My limits")
    (version / card_files.CARD).write_text(own)
    assert not card_files.update(version, report())
    assert (version / card_files.CARD).read_text() == own
    (version / card_files.CARD).unlink()
    assert not card_files.update(version, report())  # an export of an earlier version


def test_names_that_utf_8_cannot_encode_are_replaced(exported, tmp_path):
    version = Path(shutil.copytree(exported("autoencoder"), tmp_path / "1"))
    contents = export.read_manifest(version) | {"condition": {"names": ["caf\udce9"]}}
    (version / export.MANIFEST).write_text(json.dumps(contents))
    assert card_files.update(version, report())
    assert "`caf?`" in (version / card_files.CARD).read_text()


def test_an_export_without_epochs_says_nothing_of_them():
    assert "epochs" in model_card.card(manifest(epochs=3), None)
    assert "| epochs |" not in model_card.card({k: v for k, v in manifest().items() if k != "epochs"}, None)
