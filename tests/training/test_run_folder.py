"""A run's folder: what it goes on with, and what it says where there is nothing to go on with."""

from __future__ import annotations

import json
import os
import sys

import pytest

from tests.cli.scripts import start
from tests.models.small import MODELS, compiled
from tests.training.earlier_runs import again
from tfgan_models import InputError
from tfgan_models.training import checkpoint, flags, run_folder
from tfgan_models.training.unfinished_epoch import unfinished_epoch


def damage(folder, *epochs: int) -> None:
    for epoch in epochs:
        os.truncate(folder.checkpoints / f"epoch-{epoch:05d}" / checkpoint.VARIABLES, 10)


@pytest.mark.parametrize(("damaged", "done"), [((), 3), ((3,), 2), ((2, 3), 1), ((1, 2), 3)])
def test_a_run_goes_on_from_the_newest_whole_checkpoint(damaged, done, folder, capsys):
    damage(folder, *damaged)
    assert folder.restore(compiled(MODELS["autoencoder"])) == done
    said = capsys.readouterr()
    assert f"{done} epoch{'s' * (done != 1)} done" in said.out
    passed_over = [epoch for epoch in damaged if epoch > done]
    assert said.err.count("damaged:") == said.err.count("taking the checkpoint before it") == len(passed_over)


@pytest.mark.parametrize("best", [flags.Best(export_epoch=2), flags.Best(keep_best="val_pixel_error"), flags.Best()])
def test_flags_are_compared_with_those_of_the_best_epoch_if_only_that_is_left(best, folder):
    folder.release()
    folder.checkpoints.rename(folder.path / "best")
    other = flags.Flags(training=flags.Training(learning_rate=0.5), best=best)
    with pytest.raises(InputError, match=r"--learning_rate 0.5: the run in .* has --learning_rate 0.0003"):
        again(folder, flags=other)
    again(folder, flags=flags.Flags(best=best)).release()


def test_run_starts_over_if_all_checkpoints_are_damaged(folder, capsys):
    damage(folder, 1, 2, 3)
    model = compiled(MODELS["autoencoder"])
    assert folder.restore(model) == 0
    *others, last = capsys.readouterr().err.splitlines()
    assert all(line.endswith("; taking the checkpoint before it") for line in others)
    assert last.endswith("; all are damaged: starting over")
    assert (len(others), "epoch-00001" in last) == (2, True)
    # And the first epoch that is finished again can be gone on from, however few are kept.
    saved = checkpoint.save(model, folder.checkpoints, 1, keep=1)
    assert checkpoint.checkpoints(folder.checkpoints) == [saved]
    assert folder.restore(model) == 1


def test_metrics_that_a_spreadsheet_has_saved_do_not_end_the_run(folder, capsys):
    (folder.path / "metrics.csv").write_bytes("\ufeffepoch;loss\n3;0,5\n".encode())
    assert folder.restore(compiled(MODELS["autoencoder"])) == 3
    assert unfinished_epoch(folder, 3) is None  # this checkpoint has no logs
    assert [path.name for path in folder.path.glob("metrics*")] == ["metrics.csv.unreadable-1"]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"unreadable:  {folder.path}/metrics.csv")


def test_second_process_in_a_run_folder_raises_input_error(folder):
    with pytest.raises(InputError, match="another process is training there"):
        again(folder)
    again(folder, chief=False)  # other workers of the same run write nothing


def test_a_start_that_is_refused_leaves_the_lock_of_one_that_made_the_folder_at_the_same_time(folder, monkeypatch):
    """It looked for the folder before the other one made it."""
    monkeypatch.setattr(run_folder.Path, "exists", lambda path: False)
    with pytest.raises(InputError, match="another process is training there"):
        again(folder)
    monkeypatch.undo()
    assert (folder.path / run_folder.LOCK).exists()
    with pytest.raises(InputError, match="another process is training there"):
        again(folder)


def test_an_export_of_an_epoch_leaves_the_flags_of_the_training(folder):
    folder.release()
    written = (folder.path / "config.json").read_bytes()
    other = flags.Flags(training=flags.Training(epochs=99), best=flags.Best(export_epoch=2))
    exporting = again(folder, flags=other)
    assert (folder.path / "config.json").read_bytes() == written
    assert exporting.epochs == flags.Training().epochs
    exporting.release()
    longer = again(folder, flags=flags.Flags(training=flags.Training(epochs=99)))
    assert longer.epochs == json.loads((folder.path / "config.json").read_text())["training"]["epochs"] == 99
    longer.release()


def test_another_algorithm_raises_input_error_and_changes_nothing(folder):
    """Though its flags are the same, and its variables may be: a GAN's are those of an R3GAN."""
    folder.release()
    config = folder.path / "config.json"
    before = config.read_bytes()
    with pytest.raises(InputError, match=r"it contains a run of autoencoder, not of vae"):
        again(folder, algorithm="vae")
    assert config.read_bytes() == before
    again(folder).release()


def test_a_run_that_is_older_than_the_algorithm_s_name_goes_on(folder):
    folder.release()
    path = folder.path / "config.json"
    kept = json.loads(path.read_text())
    assert kept.pop("algorithm") == "autoencoder"
    path.write_text(json.dumps(kept))
    again(folder).release()
    assert json.loads(path.read_text())["algorithm"] == "autoencoder"


def test_no_resume_in_the_working_directory_raises_input_error(folder, monkeypatch):
    folder.release()
    anew = flags.Flags(output=flags.Output(resume=False))
    (below := folder.path / "below").mkdir()
    for place in (folder.path, below):
        monkeypatch.chdir(place)
        with pytest.raises(InputError, match="you are in it"):
            again(folder, flags=anew)
    monkeypatch.chdir("/")
    again(folder, flags=anew).release()


def test_other_pictures_raise_input_error(folder):
    path = folder.path
    folder.release()
    with pytest.raises(InputError, match=f"--dataset faces: its pictures differ from those of the run in {path}; give"):
        again(folder, pictures="others")
    again(folder).release()


@pytest.mark.parametrize("content", [None, "", "{", "[1"])
def test_checkpoints_without_config_raise_input_error(content, folder):
    folder.release()
    config = folder.path / "config.json"
    config.unlink() if content is None else config.write_text(content)
    with pytest.raises(InputError, match=r"config.json is missing or damaged.*--no-resume"):
        again(folder)


@pytest.mark.slow
def test_a_collapsed_run_ends_with_1_and_so_does_every_further_start_until_it_starts_over(tmp_path):
    """Driven into collapse by a learning rate at which the generator's units die."""
    flags = ["--learning_rate", "0.5", "--steps_per_epoch", "26", "--epochs", "9"]
    for already in (False, True):
        process = start("gan.py", tmp_path, *flags, "--stop_on_collapse")
        printed, _ = process.communicate(timeout=300)
        assert process.returncode == 1, printed[-3000:]
        assert ("Start over with --no-resume" in printed) == already
        assert "gan.py: error: samples differ 0.0" in printed.replace("epochs 1 and 2: ", "")
        assert "Traceback" not in printed
    marker = (tmp_path / "run" / "collapsed.txt").read_text()
    assert marker.rstrip(".") in printed
    assert [path.name for path in checkpoint.checkpoints(tmp_path / "run" / "checkpoints")] == [
        "epoch-00001",
        "epoch-00002",
    ]
    assert not (tmp_path / "export" / "1").exists()


def test_a_run_goes_on_where_its_folder_cannot_be_locked(folder, monkeypatch, capsys):
    folder.release()
    monkeypatch.setitem(sys.modules, "fcntl", None)
    for _ in range(2):
        again(folder).release()
    assert capsys.readouterr().err.count("no lock:") == 2
    again(folder, flags=flags.Flags(output=flags.Output(resume=False))).release()
    assert not (folder.path / "checkpoints").exists()
