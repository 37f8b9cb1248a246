"""Runs of few labels in this process: killed at an epoch's end, refused before an old run is moved, or in a sweep."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.callbacks.test_classification import pictures
from tests.models.small import compiled
from tests.models.small import improved_gan as improved_gan_model
from tests.training.written_hint import write_hint
from tfgan_models import InputError
from tfgan_models.callbacks import clusters
from tfgan_models.callbacks.classification import Classification
from tfgan_models.callbacks.metrics_file import read_rows
from tfgan_models.data import sources
from tfgan_models.recipes import improved_gan
from tfgan_models.training import few_labels, run_folder, sweep
from tfgan_models.training import flags as common_flags
from tfgan_models.training import run as engine


def small(folder: Path, **output: Any) -> improved_gan.ImprovedGANFlags:
    """Flags of a run of one epoch that takes a second."""
    return improved_gan.ImprovedGANFlags(
        data=common_flags.Data(dataset="digits", image_size=None),
        model=improved_gan.Model(num_labels=(20,), label_seed=(1,), width=0.05, latent_dim=4, baseline_steps=0),
        training=common_flags.Training(precision="float32", epochs=1, steps_per_epoch=2, batch_size=20),
        output=common_flags.Output(run_dir=str(folder), export=False, health=False, verbose=0, **output),
    )


class Killed(BaseException):
    """A kill, which no part of the library catches."""


@pytest.fixture
def start(monkeypatch):
    """A function that starts a run, and with ``killed`` stops it where the test error is measured."""
    folders = []
    lock = run_folder.RunFolder._lock
    monkeypatch.setattr(run_folder.RunFolder, "_lock", lambda self: (lock(self), folders.append(self))[0])
    measure = Classification.on_epoch_end

    def kill(self, epoch, logs=None):
        raise Killed

    def go(folder: Path, *, killed: bool = False) -> dict[str, Any]:
        monkeypatch.setattr(Classification, "on_epoch_end", kill if killed else measure)
        try:
            improved_gan.RECIPE.after(engine.run(improved_gan.RECIPE, small(folder)))
        finally:
            folders.pop().release()
        return json.loads((folder / sweep.ERRORS).read_text())

    return go


@pytest.mark.slow
def test_a_run_that_is_killed_twice_where_its_error_is_measured_has_the_error_in_the_end(start, tmp_path, capfd):
    whole = start(tmp_path / "whole")
    for _ in range(2):
        with pytest.raises(Killed):
            start(tmp_path / "killed", killed=True)
    (row,) = read_rows(tmp_path / "killed").values()
    assert "test_error" not in row
    capfd.readouterr()
    assert start(tmp_path / "killed") == whole
    assert "metrics.csv had no test_error of epoch 1, which is measured now" in capfd.readouterr().out
    assert read_rows(tmp_path / "killed") == read_rows(tmp_path / "whole")
    assert start(tmp_path / "killed") == whole
    assert "measured now" not in capfd.readouterr().out


def test_a_missing_error_is_measured_as_its_callback_does(tmp_path, capsys):
    model, data, logs = compiled(improved_gan_model), pictures(), {}
    callback = Classification(data, tmp_path)
    callback.pictures_every = 2
    callback.set_params({"epochs": 3})
    callback.set_model(model)
    callback.on_epoch_end(0, logs)
    (tmp_path / "metrics.csv").write_text("epoch,loss,test_error\n2,0.5,0.25\n3,0.125,\n")
    train = SimpleNamespace(labelled=np.arange(3))
    run: Any = SimpleNamespace(folder=tmp_path, epochs=3, model=model, train=train, test=data)
    for printed in ("metrics.csv had no test_error of epoch 3, which is measured now\n", ""):
        assert few_labels._test_error(run) == logs["test_error"] > 0
        assert capsys.readouterr().out == printed
        assert read_rows(tmp_path) == {2: {"loss": 0.5, "test_error": 0.25}, 3: {"loss": 0.125, **logs}}


def test_a_missing_error_of_clusters_is_measured_as_their_callback_does(monkeypatch, tmp_path):
    train, test = (SimpleNamespace(labels=np.zeros(3, np.int32), images=[0] * 3, labelled=None) for _ in range(2))
    monkeypatch.setattr(clusters, "cluster_error", lambda *given: 0.125 if given == ("model", train, test) else None)
    run = SimpleNamespace(folder=tmp_path, epochs=3, model="model", train=train, test=test)
    (tmp_path / "metrics.csv").write_text("epoch,loss\n3,0.5\n")
    assert few_labels._test_error(run) == 0.125
    assert read_rows(tmp_path) == {3: {"loss": 0.5, "test_error": 0.125}}
    (tmp_path / "metrics.csv").write_text("epoch,loss\n2,0.5\n")
    assert few_labels._test_error(run) == 0.125
    assert read_rows(tmp_path) == {2: {"loss": 0.5}}  # a new row would say that epoch 3 is complete


def test_too_little_memory_for_a_missing_error_costs_the_error_alone(monkeypatch, tmp_path, capsys):
    def exhausted(run):
        raise MemoryError

    monkeypatch.setattr(few_labels, "_measure", exhausted)
    assert few_labels._test_error(SimpleNamespace(folder=tmp_path, epochs=3)) is None
    assert capsys.readouterr().err == "out of memory: the test error of epoch 3 is not measured\n"


def test_held_out_pictures_without_labels_are_refused_before_an_old_run_is_moved(monkeypatch, tmp_path):
    load = sources.load

    def without_test_labels(dataset, split, **options):
        data = load(dataset, split, **options)
        return data if split == "train" else dataclasses.replace(data, labels=None)

    monkeypatch.setattr(sources, "load", without_test_labels)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.csv").write_text("of an old run")
    with pytest.raises(InputError, match="the held-out pictures of 'digits' have no labels to measure the error with"):
        engine.run(improved_gan.RECIPE, small(tmp_path / "run", resume=False))
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*.csv")] == [Path("run/metrics.csv")]


def test_runs_of_a_sweep_print_commands_as_the_sweep_was_called(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["tfgan train improved_gan"])
    monkeypatch.setattr(sys, "orig_argv", ["/e/bin/python", "env of mine/bin/tfgan", "train", "improved_gan"])
    sweep.sweep("improved_gan", small(tmp_path), [(20, 1)], write_hint)
    (errors,) = tmp_path.rglob(sweep.ERRORS)
    assert json.loads(errors.read_text())["command"] == "'env of mine/bin/tfgan' sample"
