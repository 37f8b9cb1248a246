"""The best epoch is kept, through kills, and exported; a run without progress stops."""

from __future__ import annotations

import dataclasses
import json
import random
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from tests.cli.scripts import KILLED_IN_WRITING, run, start
from tests.models.small import MODELS, compiled, values
from tests.training.test_resume import kill_after_an_epoch
from tfgan_models import InputError, export
from tfgan_models.callbacks.best_epoch import KeepBest, read_best
from tfgan_models.callbacks.metrics_file import read_rows
from tfgan_models.recipes import vae
from tfgan_models.training import checkpoint, chosen_epoch, fit
from tfgan_models.training import flags as common_flags
from tfgan_models.training.start_flags import Best

COLUMN = "samples/frechet_distance/faces-0123/2000"


def epochs(folder: Path, figures: list[float], first: int = 0, patience: int | None = None, column: str = COLUMN):
    """A model after epochs with these figures; its first weight is the number of the epoch."""
    model = compiled(MODELS["autoencoder"])
    callback = KeepBest(folder, "samples/frechet_distance", patience)
    callback.set_model(model)
    for epoch, figure in enumerate(figures, first):
        model.trainable_variables[0].assign(np.full(model.trainable_variables[0].shape, epoch + 1))
        callback.on_epoch_end(epoch, {column: figure})
        if model.stop_training:
            break
    return model


def test_the_best_epoch_is_the_only_one_that_is_kept(tmp_path):
    model = epochs(tmp_path, [5.0, 3.0, 4.0, 3.0, float("nan")])
    assert [path.name for path in checkpoint.checkpoints(tmp_path)] == ["epoch-00002"]
    best = read_best(tmp_path, "samples/frechet_distance")
    assert best is not None
    assert best[:3] == (2, COLUMN, 3.0)
    checkpoint.restore(model, best.path)
    assert (values(model.trainable_variables)[0] == 2).all()


def test_a_run_that_goes_on_knows_the_best_epoch_so_far(tmp_path):
    epochs(tmp_path, [5.0, 3.0])
    epochs(tmp_path, [4.0], first=2)
    assert [path.name for path in checkpoint.checkpoints(tmp_path)] == ["epoch-00002"]
    epochs(tmp_path, [1.0], first=3)
    assert [path.name for path in checkpoint.checkpoints(tmp_path)] == ["epoch-00004"]


def keep_best(folder: Path, epochs_done: int) -> None:
    """Begin to train from the checkpoint of an epoch."""
    flags = SimpleNamespace(best=Best(keep_best="samples/frechet_distance"))
    fit.keep_best(cast(Any, SimpleNamespace(folder=SimpleNamespace(path=folder), flags=flags, epochs_done=epochs_done)))


def test_a_run_that_goes_back_to_a_checkpoint_ends_with_the_same_best_epoch(tmp_path):
    figures = [5.0, 3.0, 4.0, 2.0, 2.0, 4.0, 1.0]
    whole = epochs(tmp_path / "whole" / "best", figures, patience=2)
    assert list(chosen_epoch.kept(tmp_path / "whole")) == [4]
    for killed_after, resumed_from in ((2, 1), (4, 0), (4, 3), (5, 2), (6, 4)):
        folder = tmp_path / f"{killed_after}-{resumed_from}"
        epochs(folder / "best", figures[:killed_after], patience=2)
        keep_best(folder, resumed_from)
        model = epochs(folder / "best", figures[resumed_from:], resumed_from, patience=2)
        assert list(chosen_epoch.kept(folder)) == [4]
        assert (values(model.trainable_variables)[0] == values(whole.trainable_variables)[0]).all()  # the last epoch


def test_an_epoch_that_is_computed_again_with_other_flags_replaces_the_earlier_one(tmp_path):
    epochs(tmp_path / "best", [5.0, 3.0, 4.0, 2.0])
    keep_best(tmp_path, 3)
    epochs(tmp_path / "best", [2.5], first=3)
    best = read_best(tmp_path / "best", "samples/frechet_distance")
    assert best is not None
    assert best[:3] == (4, COLUMN, 2.5)


def test_of_two_that_a_killed_run_left_the_better_one_counts(tmp_path):
    for epoch, figure in ((2, 3.0), (4, 1.0)):
        checkpoint.save(compiled(MODELS["autoencoder"]), tmp_path, epoch, keep=2, logs={COLUMN: figure})
    best = read_best(tmp_path, "samples/frechet_distance")
    assert best is not None
    assert best.epoch == 4
    for content in (b"{", b"[1]", b"\xff\xfe\x00"):
        (best.path / "manifest.json").write_bytes(content)
        second = read_best(tmp_path, "samples/frechet_distance")
        assert second is not None
        assert second.epoch == 2


def test_figures_on_other_numbers_of_images_are_not_compared(tmp_path):
    epochs(tmp_path, [1.0])
    epochs(tmp_path, [2.0], first=1, column=COLUMN.replace("2000", "50"))
    assert [path.name for path in checkpoint.checkpoints(tmp_path)] == ["epoch-00002"]


def test_patience_stops_after_so_many_epochs_without_a_better_figure(tmp_path, capsys):
    model = epochs(tmp_path, [5.0, 3.0, 4.0, 2.0, 4.0, 4.0, 1.0], patience=2)
    assert model.stop_training
    assert (values(model.trainable_variables)[0] == 6).all()
    assert "no better samples/frechet_distance than 2 of epoch 4 in 2 epochs" in capsys.readouterr().out


def test_a_later_epoch_may_lack_the_memory_for_the_figure(tmp_path):
    callback = KeepBest(tmp_path, "test_error")
    callback.set_model(compiled(MODELS["autoencoder"]))
    for epoch, logs in enumerate(({"test_error": 0.5}, {}, {"test_error": 0.25})):
        callback.on_epoch_end(epoch, logs)
    assert [path.name for path in checkpoint.checkpoints(tmp_path)] == ["epoch-00003"]


def test_an_epoch_that_is_repeated_may_lack_it_too(tmp_path):
    """The best checkpoint was of an epoch after the restored one, and is gone."""
    (tmp_path / "metrics.csv").write_text("epoch,test_error\n1,0.5\n2,0.25\n")
    callback = KeepBest(tmp_path / "best", "test_error")
    callback.set_model(compiled(MODELS["autoencoder"]))
    callback.on_epoch_end(1, {})
    assert not checkpoint.checkpoints(tmp_path / "best")


@pytest.mark.parametrize(
    ("best", "said"),
    [
        (Best(keep_best="decoder_loss"), "--keep_best decoder_loss: choose one of samples/frechet_distance"),
        (Best(keep_best="samples/recall"), "--keep_best samples/recall: .*add --evaluate_every"),
        (Best(keep_best="samples_prior/recall"), "--keep_best samples_prior/recall: choose one of samples/frechet"),
        (Best(keep_best="samples/pixel_error"), "--keep_best samples/pixel_error: choose one of samples/frechet"),
        (Best(patience=2), "--patience 2: it has no effect without --keep_best"),
    ],
)
def test_flags_that_cannot_be_are_refused(best, said):
    with pytest.raises(InputError, match=said):
        common_flags.check(dataclasses.replace(vae.RECIPE.flags(), best=best))


def test_an_epoch_without_a_checkpoint_cannot_be_exported(tmp_path):
    epochs(tmp_path / "best", [5.0, 3.0, 4.0])
    assert list(chosen_epoch.kept(tmp_path)) == [2]
    with pytest.raises(InputError, match=r"--export_epoch 3: .* has checkpoints of epoch 2"):
        chosen_epoch.check_kept(tmp_path, Best(export_epoch=3))
    chosen_epoch.check_kept(tmp_path, Best(export_epoch=2))


def test_a_damaged_epoch_that_is_to_be_exported_is_refused_in_one_line(tmp_path):
    model = epochs(tmp_path / "best", [5.0, 3.0])
    (tmp_path / "best" / "epoch-00002" / checkpoint.VARIABLES).write_bytes(b"PK")
    with pytest.raises(InputError, match=r"^--export_epoch 2: .* has changed since it was written; give another"):
        chosen_epoch.choose(model, tmp_path, Best(export_epoch=2))


@pytest.mark.parametrize("damaged", ["best", "checkpoints"])
@pytest.mark.parametrize("flags", [Best(export_epoch=2), Best(keep_best="samples/frechet_distance")])
def test_of_two_copies_of_an_epoch_the_one_that_is_not_damaged_counts(damaged, flags, tmp_path):
    model = epochs(tmp_path / "best", [5.0, 3.0])
    checkpoint.save(model, tmp_path / "checkpoints", 2)
    (tmp_path / damaged / "epoch-00002" / checkpoint.VARIABLES).write_bytes(b"PK")
    other = compiled(MODELS["autoencoder"])
    assert "chosen_by" in chosen_epoch.choose(other, tmp_path, flags)
    assert checkpoint.digest(other) == checkpoint.digest(model)


def chosen(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.startswith("chosen:")]


# The rate is so high that the error soon grows.
FLAGS = ["--epochs", "8", "--keep_best", "val_pixel_error", "--checkpoint_every", "3", "--learning_rate", "0.05"]
FLAGS += ["--ema", "0.9"]


@pytest.mark.slow
def test_a_killed_run_exports_the_same_epoch_as_an_undisturbed_one(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir(), killed.mkdir()
    printed = run("vae.py", whole, *FLAGS, export=True)
    # In the writing of the first best epoch; later ones replace another.
    process = start("vae.py", killed, *FLAGS, export=True, **{KILLED_IN_WRITING: "1"})
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert [path.name for path in (killed / "run" / "best").iterdir()] == [".unfinished-00001"]
    process = start("vae.py", killed, *FLAGS, export=True)
    kill_after_an_epoch(process, killed / "run" / "checkpoints", random.Random(0))
    again = run("vae.py", killed, *FLAGS, export=True)
    assert chosen(printed) == chosen(again)
    assert len(chosen(printed)) == 1
    first, second = (export.read_manifest(folder / "export" / "1") for folder in (whole, killed))
    assert first == second
    rows = read_rows(whole / "run")
    best = min(rows, key=lambda epoch: rows[epoch]["val_pixel_error"])
    assert first["chosen_by"] == {
        "figure": "val_pixel_error",
        "value": rows[best]["val_pixel_error"],
        "epoch": best,
    }
    assert first["epochs"] == best
    printed = run("vae.py", whole, *FLAGS, "--epochs", "20", "--export_epoch", "6", export=True)
    assert chosen(printed)[0].startswith("chosen:      epoch 6, weights ")
    manifest = export.read_manifest(whole / "export" / "2")
    assert manifest["epochs"] == 6
    assert " --epochs 8 " in manifest["training"]["command"]


@pytest.mark.slow
def test_a_run_that_patience_has_stopped_stays_stopped(tmp_path):
    flags = [*FLAGS, "--patience", "1", "--epochs", "30"]
    printed = run("vae.py", tmp_path, *flags)
    assert "stopping: no better val_pixel_error than" in printed
    rows = read_rows(tmp_path / "run")
    assert max(rows) < 30
    again = run("vae.py", tmp_path, *flags)
    assert f"was stopped by --patience 1 after {max(rows)} epochs" in again
    assert chosen(printed) == chosen(again)
    assert json.loads((tmp_path / "run" / "config.json").read_text())["best"]["patience"] == 1
