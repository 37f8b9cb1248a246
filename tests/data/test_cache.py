"""Decoded once, whole or not there."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tfgan_models.data import cache, cache_writing
from tfgan_models.data.cache import fetch
from tfgan_models.data.plan import DecodedSplit, Example, Plan, Request
from tfgan_models.errors import InputError
from tfgan_models.files import STALE_SECONDS

REQUEST = Request("train", 8)


class Counted:
    """A source that counts how often it is read, and can fail after some pictures."""

    def __init__(self, count=5, fail_after=None, identity="one"):
        self.count, self.fail_after, self.identity, self.reads = count, fail_after, identity, 0

    def plan(self):
        return Plan("counted", {"source": self.identity}, self.read)

    def read(self):
        self.reads += 1
        return DecodedSplit(1, self.examples(), ("zero", "one"), ("a", "b", "c"))

    def examples(self):
        for i in range(self.count):
            if i == self.fail_after:
                raise KeyboardInterrupt
            yield Example(np.full((8, 8, 1), i, np.uint8), i % 2, np.array([i % 2, 1, 0], np.uint8))


def test_what_is_stored_is_what_was_read(tmp_path):
    stored = fetch(Counted().plan(), REQUEST, tmp_path / "cache")
    assert isinstance(stored.images, np.memmap)
    np.testing.assert_array_equal(stored.images[:, 0, 0, 0], np.arange(5))
    np.testing.assert_array_equal(stored.labels, [0, 1, 0, 1, 0])
    np.testing.assert_array_equal(stored.attributes[:, 0], [0, 1, 0, 1, 0])
    assert [getattr(stored, name).dtype for name in ("images", "labels", "attributes")] == [
        np.uint8,
        np.int32,
        np.uint8,
    ]
    assert stored.label_names == ("zero", "one") and stored.attribute_names == ("a", "b", "c")
    with pytest.raises(ValueError):
        stored.images[0] = 0


def test_a_second_run_does_not_read_the_source(tmp_path):
    source = Counted()
    for _ in range(3):
        fetch(source.plan(), REQUEST, tmp_path)
    assert source.reads == 1


@pytest.mark.parametrize(
    "request_",
    [Request("test", 8), Request("train", 8, channels=1), Request("train", 8, crop=4)],
)
def test_each_request_is_kept_apart(tmp_path, request_):
    source = Counted()
    fetch(source.plan(), REQUEST, tmp_path)
    fetch(source.plan(), request_, tmp_path)
    assert source.reads == 2


def test_each_source_is_kept_apart(tmp_path):
    fetch(Counted(3).plan(), REQUEST, tmp_path)
    other = fetch(Counted(4, identity="two").plan(), REQUEST, tmp_path)
    assert len(other.images) == 4


@pytest.mark.parametrize("damage", ["truncated", "empty", "longer", "absent", "no about", "about", "other shape"])
def test_a_damaged_set_is_read_again(tmp_path, damage):
    source = Counted()
    fetch(source.plan(), REQUEST, tmp_path)
    (folder,) = tmp_path.iterdir()
    images, about = folder / "images.npy", folder / "about.json"
    if damage == "truncated":
        os.truncate(images, images.stat().st_size - 1)
    elif damage == "empty":
        os.truncate(images, 0)
    elif damage == "longer":
        images.write_bytes(images.read_bytes() + b"x")
    elif damage == "absent":
        (folder / "labels.npy").unlink()
    elif damage == "no about":
        about.unlink()
    elif damage == "about":
        about.write_text(about.read_text()[:50])
    else:
        np.save(folder / "labels.npy", np.zeros((1, 5), np.int32))
    stored = fetch(source.plan(), REQUEST, tmp_path)
    assert source.reads == 2
    np.testing.assert_array_equal(stored.labels, [0, 1, 0, 1, 0])
    assert list(tmp_path.iterdir()) == [folder]


def test_an_interrupted_run_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fetch(Counted(fail_after=3).plan(), REQUEST, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(fetch(Counted().plan(), REQUEST, tmp_path).images) == 5


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.data.test_cache import REQUEST, Counted, fetch
class Killed(Counted):
    def examples(self):
        yield from super().examples()
        os.kill(os.getpid(), signal.SIGKILL)
fetch(Killed().plan(), REQUEST, Path(sys.argv[1]))
"""


def test_a_killed_process_leaves_nothing_that_is_taken_for_whole(tmp_path):
    finished_process = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=Path(__file__).parents[2])
    assert finished_process.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    source = Counted()
    assert len(fetch(source.plan(), REQUEST, tmp_path).images) == 5
    assert source.reads == 1 and left.name.startswith(".writing-")


def test_a_process_that_comes_second_uses_what_the_first_wrote(tmp_path):
    class Raced(Counted):
        def examples(self):
            yield from super().examples()
            # Meanwhile another process finishes the same set.
            fetch(Counted().plan(), REQUEST, tmp_path)

    stored = fetch(Raced().plan(), REQUEST, tmp_path)
    assert len(stored.images) == 5
    assert len(list(tmp_path.iterdir())) == 1


def test_what_killed_runs_left_is_removed_when_it_is_old(tmp_path):
    old, new = tmp_path / ".writing-old", tmp_path / ".writing-new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "images.npy").write_bytes(b"half")
    past = time.time() - STALE_SECONDS - 10
    for path in (old / "images.npy", old):
        os.utime(path, (past, past))
    fetch(Counted().plan(), REQUEST, tmp_path)
    assert new.exists() and not old.exists()


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match="TFGAN_MODELS_CACHE") as caught:
        fetch(Counted().plan(), REQUEST, tmp_path / "file")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, monkeypatch):
    class Full(cache_writing.RowFile):
        def __init__(self, path, shape, dtype):
            super().__init__(path, shape, dtype)
            self.file.raw.close()
            self.file = Path("/dev/full").open("wb", buffering=64)  # noqa: SIM115

    monkeypatch.setattr(cache_writing, "RowFile", Full)
    with pytest.raises(InputError, match="No space left on device") as caught:
        fetch(Counted().plan(), REQUEST, tmp_path)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_source_is_not_taken_for_one_of_the_cache(tmp_path):
    def read():
        raise OSError(5, "the source's own trouble")

    with pytest.raises(OSError, match="the source's own trouble") as caught:
        fetch(Plan("any", {}, read), REQUEST, tmp_path)
    assert not isinstance(caught.value, InputError)


def test_about_says_what_lies_there(tmp_path):
    fetch(Counted().plan(), REQUEST, tmp_path)
    (folder,) = tmp_path.iterdir()
    about = json.loads((folder / "about.json").read_text())
    assert about["arrays"]["images"]["shape"] == [5, 8, 8, 1]
    assert sorted(path.name for path in folder.iterdir()) == [
        "about.json",
        "attributes.npy",
        "images.npy",
        "labels.npy",
    ]


def test_what_the_source_reports_is_printed_at_every_opening(tmp_path, capsys):
    source = Counted()
    plan = source.plan()
    reporting = dataclasses.replace(
        plan, read=lambda: dataclasses.replace(plan.read(), report=lambda: f"read {source.reads} time")
    )
    for _ in range(3):
        fetch(reporting, REQUEST, tmp_path)
        assert capsys.readouterr().err == "read 1 time\n"
    assert source.reads == 1


def test_a_set_without_a_report_opens(tmp_path, capsys):
    """As earlier versions wrote them."""
    source = Counted()
    fetch(source.plan(), REQUEST, tmp_path)
    (folder,) = tmp_path.iterdir()
    about = json.loads((folder / "about.json").read_text())
    del about["report"]
    (folder / "about.json").write_text(json.dumps(about))
    assert len(fetch(source.plan(), REQUEST, tmp_path).images) == 5
    assert source.reads == 1 and capsys.readouterr().err == ""


def test_the_environment_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("TFGAN_MODELS_CACHE", str(tmp_path / "elsewhere"))
    assert cache.default_cache_dir() == tmp_path / "elsewhere"
    monkeypatch.delenv("TFGAN_MODELS_CACHE")
    assert cache.default_cache_dir().name == "tfgan_models"
