"""What a stopped run says about its continuation, and what it leaves behind if it could not begin."""

from __future__ import annotations

import errno
from types import SimpleNamespace

import pytest

from tests.models.small import MODELS, compiled
from tfgan_models.errors import RunFailed
from tfgan_models.recipes.improved_gan import RECIPE
from tfgan_models.training import checkpoint, flags, run_folder, sweep
from tfgan_models.training.stop_advice import BEFORE, WITHOUT_CHECKPOINT, StopAdvice

RESUME = "run the same command to resume from the last checkpoint"


@pytest.fixture
def advice(monkeypatch) -> StopAdvice:
    fresh = StopAdvice()
    for module in (run_folder, sweep):
        monkeypatch.setattr(module, "advice", fresh)
    return fresh


def begin(path, resume: bool = True, chief: bool = True) -> run_folder.RunFolder:
    run_flags = flags.Flags(output=flags.Output(resume=resume))
    return run_folder.RunFolder(path, "autoencoder", run_flags, "some pictures", "float32", chief=chief)


def test_it_names_a_checkpoint_only_if_there_is_one(advice, tmp_path):
    assert advice() == BEFORE
    folder = begin(tmp_path / "run")
    assert advice() == WITHOUT_CHECKPOINT
    checkpoint.save(compiled(MODELS["autoencoder"]), folder.checkpoints, 1)
    assert advice() == RESUME
    folder.release()


def test_with_no_resume_the_same_command_does_not_resume(advice, folder):
    folder.release()
    started_over = begin(folder.path, resume=False)
    assert advice() == WITHOUT_CHECKPOINT
    checkpoint.save(compiled(MODELS["autoencoder"]), started_over.checkpoints, 1)
    assert advice() == RESUME.replace("command", "command without --no-resume")
    started_over.release()


COMMANDS = pytest.mark.parametrize(("resume", "command"), [(True, "command"), (False, "command without --no-resume")])


@COMMANDS
def test_workers_have_their_own_advice(resume, command, advice, folder):
    begin(folder.path, resume=resume, chief=False)
    assert advice().startswith(f"run the same {command} for all workers: they resume")


@COMMANDS
def test_sweeps_have_their_own_advice(resume, command, advice, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    output = flags.Output(run_dir="a", export_dir="b", resume=resume)
    sweep.sweep("gan", flags.Flags(output=output), [], print)
    assert advice() == f"run the same {command} to resume the sweep; finished runs are saved"
    killed = SimpleNamespace(start=lambda: None, join=lambda: None, exitcode=-9)
    monkeypatch.setattr(sweep.multiprocessing, "get_context", lambda _: SimpleNamespace(Process=lambda **_: killed))
    with pytest.raises(RunFailed, match=f"was killed: run the same {command} to resume$"):
        sweep.sweep("gan", RECIPE.flags(output=output), [(20, 1)], print)


def test_a_run_that_cannot_begin_leaves_no_folder(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    for name in ("lock", "atomic_write"):
        with monkeypatch.context() as patch:
            patch.setattr(run_folder, name, full)
            with pytest.raises(OSError):
                begin(tmp_path / "runs" / "new")
        assert list(tmp_path.iterdir()) == []
    begin(tmp_path / "runs" / "new").release()
    assert (tmp_path / "runs" / "new" / "config.json").exists()
