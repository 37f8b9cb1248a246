"""The numbered versions of an export: which is the newest, and what a failed one leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import tensorflow as tf

from tests.models.small import MODELS
from tfgan_models import InputError, export
from tfgan_models.export import saved_model


def test_versions_count_up_and_the_newest_is_read(tmp_path):
    model = MODELS["autoencoder"]()
    assert [export.save(model, tmp_path, {"run": i}).name for i in range(2)] == ["1", "2"]
    (tmp_path / "2").rename(tmp_path / "10")
    assert export.save(model, tmp_path, {"run": 9}).name == "11"
    assert [v.name for v in export.versions(tmp_path)] == ["1", "10", "11"]
    assert export.load(tmp_path).manifest["run"] == 9
    assert export.load(tmp_path / "1").manifest["run"] == 0


def test_all_files_are_on_the_disk_before_the_version_has_its_number(tmp_path, monkeypatch):
    """A power cut may otherwise leave a version whose files are empty."""
    flushed, fsync = set(), os.fsync

    def synced(handle):
        flushed.add(Path(os.readlink(f"/proc/self/fd/{handle}")))
        fsync(handle)

    def renamed(unfinished, target):
        seen = {path for path in (unfinished, *unfinished.rglob("*"))}
        assert len(seen) > 5
        assert seen <= flushed
        os.rename(unfinished, target)
        return target

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    export.save(MODELS["autoencoder"](), tmp_path, {})
    assert tmp_path in flushed


@pytest.mark.parametrize("content", ["", "{", '{"dataset": "fac', "[]", "null", "{}", '{"algorithm": "VAE"}'])
def test_damaged_manifest_raises_input_error(content, exported, tmp_path):
    version = shutil.copytree(exported("autoencoder"), tmp_path / "1")
    (version / export.MANIFEST).write_text(content)
    for read in (export.read_manifest, export.load):
        with pytest.raises(InputError, match=r"^'[^']*manifest.json' is damaged, export the model again"):
            read(version)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_an_export_with_too_few_bytes_of_weights_is_damaged(share, exported, tmp_path):
    """As after a full disk, or with a pointer of Git LFS in place of the file."""
    version = shutil.copytree(exported("autoencoder"), tmp_path / "1")
    (weights,) = (version / "variables").glob("*.data-*")
    os.truncate(weights, int(weights.stat().st_size * share))
    with pytest.raises(InputError, match=r"^'[^']*' is damaged, export it again: "):
        export.load(version)


def test_numbered_folder_without_an_export_is_skipped_and_keeps_its_number(tmp_path):
    model = MODELS["autoencoder"]()
    export.save(model, tmp_path, {"run": 0})
    (tmp_path / "7").mkdir()
    (tmp_path / "9").write_text("a file")
    assert [export.read_manifest(version)["run"] for version in export.versions(tmp_path)] == [0]
    assert export.load(tmp_path).manifest["run"] == 0
    assert export.save(model, tmp_path, {"run": 1}).name == "10"
    assert [version.name for version in export.versions(tmp_path)] == ["1", "10"]


def test_an_unfinished_export_is_never_listed(tmp_path, monkeypatch):
    model = MODELS["autoencoder"]()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", full)
        with pytest.raises(OSError, match="No space") as raised:
            export.save(model, tmp_path, {})
    assert raised.value.filename == str(tmp_path)
    assert os.listdir(tmp_path) == []
    with pytest.raises(InputError):
        export.load(tmp_path)
    assert export.save(model, tmp_path, {}).name == "1"
    assert os.listdir(tmp_path) == ["1"]


@pytest.mark.parametrize("error", [tf.errors.ResourceExhaustedError(None, None, "No space left"), KeyboardInterrupt()])
@pytest.mark.parametrize(("owner", "function"), [("tf.saved_model", "save"), (Path, "write_text"), (os, "rename")])
def test_a_failed_export_leaves_nothing(owner, function, error, tmp_path, monkeypatch):
    # Looked up here: other libraries import tensorflow.saved_model once more, which replaces the module in ``tf``.
    owner = tf.saved_model if owner == "tf.saved_model" else owner
    original = getattr(owner, function)

    def fails_at_its_end(*arguments, **options):
        if function != "rename":
            original(*arguments, **options)
        raise error

    model = MODELS["autoencoder"]()
    monkeypatch.setattr(owner, function, fails_at_its_end)
    with pytest.raises(type(error)):
        export.save(model, tmp_path, {})
    assert os.listdir(tmp_path) == []


def test_an_export_onto_a_full_disk_leaves_nothing(tmp_path):
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", tmp_path], capture_output=True).returncode:
        pytest.skip("mounting a tmpfs needs rights that this user lacks")
    try:
        (tmp_path / "filler").write_bytes(bytes(250_000))
        with pytest.raises((OSError, tf.errors.ResourceExhaustedError), match="No space left"):
            export.save(MODELS["vae"](), tmp_path / "vae", {})
        assert os.listdir(tmp_path / "vae") == []
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_path_without_an_export_raises_input_error(tmp_path):
    (tmp_path / "notes.txt").write_text("no model")
    (tmp_path / "3").mkdir()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "saved_model.pb").write_bytes(b"")
    for path in (tmp_path, tmp_path / "notes.txt", tmp_path / "nowhere", tmp_path / "3", foreign):
        with pytest.raises(InputError, match=str(path)) as error:
            export.load(path)
        assert "\n" not in str(error.value)


def test_what_a_process_has_not_finished_can_be_removed_on_a_signal(tmp_path):
    """As a command that ends at once does, whose blocks do not end."""

    def write(unfinished):
        unfinished.mkdir()
        (unfinished / "part").touch()
        saved_model.remove_unfinished()
        assert not unfinished.exists()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        saved_model.add_version(tmp_path / "models", write)
    (tmp_path / "models" / "1").mkdir(parents=True)
    saved_model.remove_unfinished()
    assert os.listdir(tmp_path / "models") == ["1"]
