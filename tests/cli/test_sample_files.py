"""``tfgan sample --format``: any number of samples as files in a folder."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.scripts import ROOT
from tfgan_models import InputError
from tfgan_models.cli import drawings, picture_files, sample
from tfgan_models.data.pixels import to_bytes
from tfgan_models.export import load

SAVE = {"png": "save", "npz": "write_array_header_1_0"}  # what writes the first bytes of a file


def write(model: Path, folder: Path, kind: str = "png", **flags) -> np.ndarray:
    """Write a folder, and return its pictures ``[n, h, w]``."""
    sample.main(sample.SampleFlags(model=str(model), output=str(folder), format=kind, **flags))
    if kind == "npz":
        with np.load(folder / "samples.npz") as file:
            return file["arr_0"][..., 0]
    return np.stack([np.asarray(Image.open(path)) for path in sorted(folder.glob("*.png"))])


def test_files_hold_the_samples_of_the_seed_whatever_their_number(exported, tmp_path, capsys):
    path = exported("gan")
    expected = to_bytes(np.concatenate([part["image"] for part in load(path).samples(300, 3)]))[..., 0]
    pictures = write(path, tmp_path / "png", count=300, seed=3)
    np.testing.assert_array_equal(pictures, expected)
    assert capsys.readouterr().err.count("samples: 300 pictures") == 1
    np.testing.assert_array_equal(write(path, tmp_path / "npz", "npz", count=300, seed=3), expected)
    fewer = write(path, tmp_path / "fewer", count=140, seed=3)
    assert len(fewer) == 140
    np.testing.assert_array_equal(fewer[:128], expected[:128])
    assert np.abs(fewer.astype(int) - expected[:140]).max() <= 1  # a smaller last block may round otherwise
    about = json.loads((tmp_path / "png" / "samples.json").read_text())
    assert (about["count"], about["seed"], about["sampler"]) == (300, 3, "prior")


def test_equal_samples_are_equal_bytes(exported, tmp_path):
    for name in ("a", "b"):
        write(exported("gan"), tmp_path / name, "npz", count=20)
    assert (tmp_path / "a" / "samples.npz").read_bytes() == (tmp_path / "b" / "samples.npz").read_bytes()


@pytest.mark.parametrize("size", [1, 7, 128])
def test_the_size_of_parts_makes_no_difference(size, exported, tmp_path, monkeypatch):
    original = drawings.samples_of

    def split(flags, model, count):
        for part in original(flags, model, count):
            for i in range(0, len(part["image"]), size):
                yield {"image": part["image"][i : i + size]}

    expected = to_bytes(np.concatenate([part["image"] for part in load(exported("gan")).samples(150, 0)]))[..., 0]
    monkeypatch.setattr(drawings, "samples_of", split)
    np.testing.assert_array_equal(write(exported("gan"), tmp_path / "folder", count=150), expected)


@pytest.mark.parametrize("kind", ["png", "npz"])
def test_parts_are_freed(kind, exported, tmp_path, monkeypatch):
    """Of the parts that are drawn, at most the last and the present one are in memory."""
    original, drawn, most = drawings.samples_of, [], []

    def watched(flags, model, count):
        for part in original(flags, model, count):
            images = part["image"] + 0  # an array of its own
            drawn.append(weakref.ref(images))
            most.append(sum(reference() is not None for reference in drawn))
            del part
            yield {"image": images}
            del images

    monkeypatch.setattr(drawings, "samples_of", watched)
    write(exported("gan"), tmp_path / "folder", kind, count=1_000)
    assert len(drawn) == 8
    assert max(most) <= 2


def test_nothing_is_left_under_a_final_name_if_writing_fails(exported, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    for kind in ("png", "npz"):
        with pytest.raises(OSError, match="No space"):
            write(exported("gan"), tmp_path / kind, kind, count=3)
        assert not list((tmp_path / kind).glob("[!.]*"))


def test_a_command_that_was_stopped_can_be_repeated_but_not_with_fewer(exported, tmp_path):
    folder, path = tmp_path / "folder", exported("gan")
    whole = write(path, folder, count=9)
    (folder / "000008.png").unlink()
    (folder / ".000008.png.unfinished").write_bytes(b"half")
    np.testing.assert_array_equal(write(path, folder, count=9), whole)
    assert not list(folder.glob(".*"))
    with pytest.raises(InputError, match=r"--output .*: it contains 000008.png, give a new folder"):
        write(path, folder, count=8)
    with pytest.raises(InputError, match=r"it contains 000000.png"):
        write(path, folder, "npz", count=9)
    other = tmp_path / "other"
    other.mkdir()
    (other / "holiday.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"it contains holiday.png"):
        write(path, other, count=9)


def test_two_commands_do_not_mix_their_samples(exported, tmp_path, monkeypatch):
    original, said = drawings.samples_of, []
    expected = write(exported("gan"), tmp_path / "alone", count=9, seed=1)

    def interrupted(flags, model, count):
        for part in original(flags, model, count):
            if flags.seed == 1:
                with pytest.raises(InputError) as refused:
                    write(exported("gan"), tmp_path / "folder", count=9, seed=2)
                said.append(str(refused.value))
            yield part

    monkeypatch.setattr(drawings, "samples_of", interrupted)
    pictures = write(exported("gan"), tmp_path / "folder", count=9, seed=1)
    assert said == [f"--output {tmp_path / 'folder'}: another command is writing there, give another folder"]
    np.testing.assert_array_equal(pictures, expected)
    assert not list((tmp_path / "folder").glob(".*"))


@pytest.mark.parametrize("name", ["notes.unfinished", ".notes.unfinished"])
def test_unfinished_files_of_other_programs_are_refused_and_left(name, exported, tmp_path):
    (tmp_path / name).write_text("mine")
    with pytest.raises(InputError, match=f"it contains {name}"):
        write(exported("gan"), tmp_path, count=1)
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("kind", ["png", "npz"])
def test_errors_of_a_full_disk_name_the_file_or_the_folder(kind, exported, tmp_path, monkeypatch):
    model = exported("gan")

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")  # as writes do, without the file's name

    monkeypatch.setattr(Image.Image if kind == "png" else np.lib.format, SAVE[kind], fail)
    with pytest.raises(OSError, match="No space") as raised:
        write(model, tmp_path / "folder", kind, count=3)
    named = {"png": tmp_path / "folder", "npz": tmp_path / "folder" / "samples.npz"}
    assert raised.value.filename == str(named[kind])


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"output": "some.png"}, "--output some.png: with --format png give a folder"),
        ({"interpolate": True}, "--format png: only samples are written to a folder, remove --interpolate"),
        ({"label": ("1", "2")}, "--label 1 2: with --format give one label"),
        ({"loop": "once"}, "--loop once: it has no effect with --format png, remove it$"),
        ({"steps": 3}, "--steps 3: it has no effect with --format png, remove it$"),
        ({"format": None}, "--output folder: give a file name .*or add --format png"),
    ],
)
def test_flags_that_contradict_a_folder_are_refused(flags, said):
    with pytest.raises(InputError, match=said):
        sample.check(sample.SampleFlags(**{"model": "some", "output": "folder", "format": "png", **flags}))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "npz"])
def test_a_killed_command_leaves_complete_files_only(kind, exported, tmp_path):
    folder = tmp_path / "folder"
    command = [sys.executable, "-m", "tfgan_models", "sample", "--model", str(exported("gan")), "--output", str(folder)]
    command += ["--format", kind, "--count", "200000"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    ending = "[0-9]*.png" if kind == "png" else f".*{picture_files.UNFINISHED}"
    while process.poll() is None and len(list(folder.glob(ending))) < (500 if kind == "png" else 1):
        time.sleep(0.01)
    time.sleep(0.2)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    for path in folder.glob("*.png"):
        assert np.asarray(Image.open(path)).shape == np.asarray(Image.open(folder / "000000.png")).shape
    assert not list(folder.glob("*.npz"))
    assert not (folder / "samples.json").exists()
