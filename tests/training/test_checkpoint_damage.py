"""Checkpoints that are damaged are told from whole ones, and no failure costs what was saved before."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.training.test_checkpoint import MANIFEST, VARIABLES, bits, perturb, small
from tfgan_models.training import checkpoint


def truncate(folder: Path) -> None:
    os.truncate(folder / VARIABLES, (folder / VARIABLES).stat().st_size // 2)


def flip(folder: Path) -> None:
    content = bytearray((folder / VARIABLES).read_bytes())
    content[len(content) // 3] ^= 1
    (folder / VARIABLES).write_bytes(content)


DAMAGE = {
    "truncated": truncate,
    "a flipped bit": flip,
    "no variables": lambda folder: (folder / VARIABLES).unlink(),
    "no manifest": lambda folder: (folder / MANIFEST).unlink(),
    "empty manifest": lambda folder: (folder / MANIFEST).write_text(""),
    "half a manifest": lambda folder: os.truncate(folder / MANIFEST, 40),
    "manifest of bytes": lambda folder: (folder / MANIFEST).write_bytes(b"\xff\xfe\x00"),
    "manifest without a hash": lambda folder: (folder / MANIFEST).write_text("{}"),
    "manifest that is a list": lambda folder: (folder / MANIFEST).write_text("[1]"),
    "manifest of null": lambda folder: (folder / MANIFEST).write_text("null"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damage_is_told_and_touches_nothing(damage, tmp_path):
    model = small()
    saved = checkpoint.save(model, tmp_path, 1)
    perturb(model)
    before = bits(model)
    damage(saved)
    with pytest.raises(checkpoint.DamagedCheckpoint, match="epoch-00001"):
        checkpoint.restore(model, saved)
    assert bits(model) == before


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EACCES, errno.EIO])
@pytest.mark.parametrize(("owner", "function"), [(Path, "read_text"), (checkpoint, "open")])
def test_what_cannot_be_read_now_is_not_taken_for_damaged(owner, function, number, tmp_path, monkeypatch):
    """Or a run would start over, and remove what is whole."""
    model = small()
    saved = checkpoint.save(model, tmp_path, 1)

    def failing(*arguments, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(owner, function, failing, raising=False)  # «open» hides the built-in function
    with pytest.raises(OSError, match=os.strerror(number)) as error:
        checkpoint.restore(model, saved)
    assert error.value.errno == number


def test_a_file_where_the_folder_should_be_is_damage(tmp_path):
    (tmp_path / "epoch-00001").write_text("no folder")
    with pytest.raises(checkpoint.DamagedCheckpoint, match="epoch-00001"):
        checkpoint.restore(small(), tmp_path / "epoch-00001")


def test_a_half_written_checkpoint_is_not_listed_and_is_swept_away(tmp_path):
    model = small()
    saved = checkpoint.save(model, tmp_path, 1)
    shutil.copytree(saved, tmp_path / ".unfinished-00002")
    (tmp_path / ".unfinished-00002" / MANIFEST).unlink()
    assert checkpoint.checkpoints(tmp_path) == [saved]
    second = checkpoint.save(model, tmp_path, 2)
    assert sorted(os.listdir(tmp_path)) == [saved.name, second.name]


def test_a_damaged_checkpoint_of_the_same_epoch_is_replaced(tmp_path):
    model = small()
    flip(checkpoint.save(model, tmp_path, 1))
    saved = checkpoint.save(model, tmp_path, 1)
    checkpoint.restore(model, saved)
    assert os.listdir(tmp_path) == [saved.name]


def full(*arguments, **options):
    raise OSError(errno.ENOSPC, "No space left on device")


def fails_on_call(number: int, function):
    calls = []

    def call(*arguments, **options):
        calls.append(arguments)
        return full() if len(calls) == number else function(*arguments, **options)

    return call


def half_removed(folder, **_):
    """As a kill, or a disk's error, in the midst of it leaves a folder."""
    (Path(folder) / VARIABLES).unlink()
    full()


def half_saved(file, **values):
    file.write(b"PK\x03\x04 half")
    full()


FAILURES = {
    "np.savez": (np, "savez", full),
    "half of np.savez": (np, "savez", half_saved),
    "json.dump": (json, "dump", full),
    "first fsync": (os, "fsync", full),
    "second fsync": (os, "fsync", fails_on_call(2, os.fsync)),
    "fsync of the unfinished folder": (os, "fsync", fails_on_call(3, os.fsync)),
    "fsync of the folder": (os, "fsync", fails_on_call(4, os.fsync)),
    "rename": (os, "rename", full),
    "second rename": (os, "rename", fails_on_call(2, os.rename)),
    "mkdir": (Path, "mkdir", full),
    "rmtree": (shutil, "rmtree", full),
    "half of rmtree": (shutil, "rmtree", half_removed),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_failure_costs_no_earlier_checkpoint(failure, tmp_path, monkeypatch):
    """Whatever ``checkpoints`` lists can be restored, and the newest before the failure is among it."""
    model, states = small(), {}
    for epoch in (1, 2, 3):
        perturb(model)
        states[checkpoint.save(model, tmp_path, epoch, keep=2)] = bits(model)
    perturb(model)
    states[tmp_path / "epoch-00004"] = bits(model)
    with monkeypatch.context() as patch:
        patch.setattr(*failure)
        try:
            checkpoint.save(model, tmp_path, 4, keep=2)
        except OSError as error:
            assert error.errno == errno.ENOSPC
            if failure[0] in (np, json):  # as writes do, they name no file
                assert error.filename == str(tmp_path)
    listed = checkpoint.checkpoints(tmp_path)
    assert tmp_path / "epoch-00003" in listed
    for saved in listed:
        checkpoint.restore(model, saved)
        assert bits(model) == states[saved], saved
    # And when there is room again, all is as if nothing had happened.
    checkpoint.save(model, tmp_path, 5, keep=2)
    assert len(os.listdir(tmp_path)) == 2
