"""A run's folder: what it goes on with, and what it says where there is nothing to go on with."""

from __future__ import annotations

import importlib
import os

import pytest

from tests.models.small import MODELS, compiled
from tests.train.scripts import ROOT
from tfgan_models import checkpoint


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of a run that wrote checkpoints of its epochs 1, 2 and 3."""
    monkeypatch.syspath_prepend(str(ROOT / "train"))
    flags, module = importlib.import_module("flags"), importlib.import_module("run_folder")
    model = compiled(MODELS["autoencoder"])
    for epoch in (1, 2, 3):
        checkpoint.save(model, tmp_path / "checkpoints", epoch)
    return module.RunFolder(tmp_path, flags.Flags(), "float32", chief=True)


def damage(folder, *epochs: int) -> None:
    for epoch in epochs:
        os.truncate(folder.checkpoints / f"epoch-{epoch:05d}" / checkpoint.VARIABLES, 10)


@pytest.mark.parametrize(("damaged", "done"), [((), 3), ((3,), 2), ((2, 3), 1), ((1, 2), 3)])
def test_a_run_goes_on_from_the_newest_whole_checkpoint(damaged, done, folder, capsys):
    damage(folder, *damaged)
    assert folder.restore(compiled(MODELS["autoencoder"])) == done
    said = capsys.readouterr()
    assert f"{done} epochs done" in said.out
    passed_over = [epoch for epoch in damaged if epoch > done]
    assert said.err.count("damaged:") == said.err.count("taking the checkpoint before it") == len(passed_over)


def test_where_none_is_whole_the_run_says_that_it_starts_over(folder, capsys):
    damage(folder, 1, 2, 3)
    model = compiled(MODELS["autoencoder"])
    assert folder.restore(model) == 0
    *others, last = capsys.readouterr().err.splitlines()
    assert all(line.endswith("; taking the checkpoint before it") for line in others)
    assert last.endswith("; none is whole: starting over")
    assert (len(others), "epoch-00001" in last) == (2, True)
    # And the first epoch that is finished again can be gone on from, however few are kept.
    saved = checkpoint.save(model, folder.checkpoints, 1, keep=1)
    assert checkpoint.checkpoints(folder.checkpoints) == [saved]
    assert folder.restore(model) == 1
