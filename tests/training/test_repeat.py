"""The command that repeats a run, as the card of its export gives it."""

from __future__ import annotations

import dataclasses
import json
import shlex
import sys

import pytest

from tfgan_models.cli import train
from tfgan_models.cli.command_line import read
from tfgan_models.export import sharing
from tfgan_models.training import repeat

PRESETS = [(name, preset) for name in train.names() for preset in (None, *train.load(name).presets)]


def read_back(command: str, monkeypatch: pytest.MonkeyPatch):
    """The flags that a command gives."""
    program, subcommand, name, *words = shlex.split(command)
    assert (program, subcommand) == ("tfgan", "train")
    monkeypatch.setattr(sys, "argv", ["x", *words])
    recipe = train.load(name)
    return read(recipe.flags, recipe.presets)


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_the_command_gives_the_flags_again(name, preset, monkeypatch):
    recipe = train.load(name)
    flags = recipe.presets[preset] if preset else recipe.flags()
    training = dataclasses.replace(flags.training, precision="bfloat16", batch_size=64, ema=None)
    flags = dataclasses.replace(flags, training=training)
    command = repeat.command(recipe, flags, "bfloat16")
    assert "--precision bfloat16" in command
    assert read_back(command, monkeypatch) == flags


def test_the_command_has_placeholders_for_paths(monkeypatch):
    recipe = train.load("vae")
    words = "--dataset folder:/home/ann/p --attributes ~/t.csv --attribute_columns Tall Old --run_dir /home/ann/r"
    words += " --init_from /home/ann/m --cache_dir /home/ann/c --export_dir /home/ann/e --range 0 4095 --seed 3"
    words += " --horizontal_flip --keep_best test_error --verbose 0"
    monkeypatch.setattr(sys, "argv", ["x", *words.split()])
    command = repeat.command(recipe, read(recipe.flags), "float32")
    assert command == (
        "tfgan train vae --dataset folder:PICTURES --range 0.0 4095.0 --attributes TABLE --attribute_columns Tall Old "
        "--horizontal_flip --seed 3 --precision float32 --init_from PARENT --keep_best test_error"
    )
    read_back(command, monkeypatch)


@pytest.mark.parametrize("dataset", ["folder:/home/ann/p", "zip:/home/ann/p.zip", "tar:/home/ann/p-{0..9}.tar"])
def test_no_kind_of_data_set_shows_its_path(dataset, monkeypatch):
    recipe = train.load("vae")
    monkeypatch.setattr(sys, "argv", ["x", "--dataset", dataset])
    kind = dataset.partition(":")[0]
    assert f"--dataset {kind}:PICTURES " in repeat.command(recipe, read(recipe.flags), "float32")
    assert sharing.public_dataset(dataset) == f"{kind}:PICTURES"


PUBLIC = ["faces", "mnist", "celeb_a/cropped:2.0.1", "stl10+unlabelled", "hf:owner/name", "hf:owner/pets:small"]


@pytest.mark.parametrize("dataset", PUBLIC)
def test_public_data_sets_keep_their_names(dataset):
    assert sharing.public_dataset(dataset) == dataset


def test_a_name_that_may_be_that_of_a_local_folder_is_not_shown():
    assert sharing.public_dataset("hf:pets") == "hf:PICTURES"


def test_the_record_has_the_finite_figures_of_the_epoch(tmp_path):
    (tmp_path / "metrics.csv").write_text("epoch,test_error,loss\n1,0.5,1\n2,0.25,nan\n")
    recipe = train.load("vae")
    record = repeat.record(recipe, recipe.flags(), "float32", tmp_path, 2)
    assert record["figures"] == {"test_error": 0.25}
    assert json.loads(json.dumps(record)) == record
    assert repeat.record(recipe, recipe.flags(), "float32", tmp_path, 3)["figures"] == {}
