"""Zip and tar archives of pictures: the same sets as of a folder, and what is refused in them."""

from __future__ import annotations

import io
import os
import shutil
import stat
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.pictures import both, save
from tfgan_models.data import archive_files, sources
from tfgan_models.data.own_size import own_size
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError


def png(level: int, size=(10, 8)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (level, 255 - level, 3 * level % 256)).save(file, "PNG")
    return file.getvalue()


def pets(root: Path) -> dict[str, bytes]:
    """A folder of two classes with what archives of macOS and runs have in addition; its files by their path."""
    files = {f"{kind}/{i}.png": png(10 * i + 5 * (kind == "dogs")) for kind in ("cats", "dogs") for i in range(12)}
    files |= {"cats/broken.png": png(1)[:40], "notes.txt": b"no picture", ".hidden/1.png": png(0)}
    files |= {"__MACOSX/cats/1.png": png(0), "runs/config.json": b"{}", "runs/checkpoints/1.png": png(0)}
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return files


def zip_of(path: Path, files: dict[str, bytes], around="", mode: int | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(around + name)
            if mode is not None:
                info.external_attr = mode << 16
            archive.writestr(info, content)
    return path


def tar_of(path: Path, files: dict[str, bytes], around="", kind="w", **changes) -> Path:
    with tarfile.open(path, kind) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(around + name)
            info.size = 0 if changes else len(content)
            for attribute, value in changes.items():
                setattr(info, attribute, value)
            archive.addfile(info, None if changes else io.BytesIO(content))
    return path


def archives(tmp_path: Path, files: dict[str, bytes]) -> dict[str, str]:
    """Sources of the same files, packed in several ways."""
    half = list(files)[::2]
    tar_of(tmp_path / "part-0.tar", {path: files[path] for path in half}, "./")
    tar_of(tmp_path / "part-1.tar", {path: files[path] for path in files if path not in half})
    return {
        "zip": f"zip:{zip_of(tmp_path / 'a.zip', files)}",
        "zip with the folder's name": f"zip:{zip_of(tmp_path / 'b.zip', files, 'pets/')}",
        "tar": f"tar:{tar_of(tmp_path / 'a.tar', files)}",
        "tar.gz": f"tar:{tar_of(tmp_path / 'a.tar.gz', files, kind='w:gz')}",
        "two parts": f"tar:{tmp_path / 'part-*.tar'}",
    }


def test_archives_give_the_set_of_the_folder(tmp_path, capsys):
    files = pets(tmp_path / "pets")
    expected = both(f"folder:{tmp_path / 'pets'}", tmp_path / "cache")
    skipped = capsys.readouterr().err
    assert "2 of" in skipped
    for name, source in archives(tmp_path, files).items():
        for data, folder in zip(both(source, tmp_path / "cache"), expected, strict=True):
            assert data.digest() == folder.digest(), name
            assert data.label_names == folder.label_names == ("cats", "dogs")
        printed = capsys.readouterr().err
        assert [line.split(",", 1)[1] for line in printed.splitlines()] == [
            line.split(",", 1)[1] for line in skipped.splitlines()
        ]
        assert sources.name_of(source) == data.name
        assert own_size(source) == own_size(f"folder:{tmp_path / 'pets'}")


@pytest.mark.slow
def test_archives_train_to_the_weights_of_the_folder(tmp_path):
    from tests.cli import scripts

    named = {"folder": f"folder:{tmp_path / 'pets'}", **archives(tmp_path, pets(tmp_path / "pets"))}
    weights = set()
    for name in ("folder", "zip", "two parts"):
        (tmp_path / name).mkdir()
        printed = scripts.run("vae.py", tmp_path / name, *scripts.SMALL, "--dataset", named[name], "--batch_size", "4")
        weights.add(printed.split("weights:")[1].split()[0])
    assert len(weights) == 1


def test_archives_are_not_opened_again_once_they_are_in_the_cache(tmp_path, monkeypatch):
    files = pets(tmp_path / "pets")
    source = f"tar:{tar_of(tmp_path / 'a.tar', files)}"
    first = both(source, tmp_path / "cache")
    archive_files._open.cache_clear()
    monkeypatch.setitem(archive_files.READERS, "tar", None)
    assert [data.digest() for data in both(source, tmp_path / "cache")] == [data.digest() for data in first]
    monkeypatch.undo()
    tar_of(tmp_path / "a.tar", {path: content for path, content in files.items() if "dogs" not in path})
    os.utime(tmp_path / "a.tar", (1, 1))
    assert sum(len(data.images) for data in both(source, tmp_path / "cache")) == 12


@pytest.mark.parametrize(
    "name", ["../x.png", "cats/../../x.png", "/etc/x.png", "..\\x.png", "C:\\x.png", "\\\\host\\x.png"]
)
@pytest.mark.parametrize("make", [zip_of, tar_of])
def test_a_path_that_leaves_the_archive_is_refused_by_name(tmp_path, name, make):
    kind = make.__name__[:3]
    path = make(tmp_path / f"a.{kind}", {"cats/1.png": png(1), name: png(2), "cats/2.png": png(3)})
    with pytest.raises(InputError, match="leaves the archive") as error:
        load(f"{kind}:{path}", "train", image_size=8, cache_dir=str(tmp_path / "c"))
    assert repr(name) in str(error.value) and str(path) in str(error.value) and "\n" not in str(error.value)
    assert {entry.name for entry in tmp_path.iterdir()} <= {path.name, "c"}


def test_links_devices_and_encrypted_files_are_refused_by_name(tmp_path):
    linked = zip_of(tmp_path / "link.zip", {"cats/1.png": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777)
    encrypted = zip_of(tmp_path / "encrypted.zip", {"cats/1.png": png(1)})
    data = bytearray(encrypted.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    encrypted.write_bytes(data)
    outside = tarfile.SYMTYPE, "../outside"
    cases = {f"zip:{linked}": "is a link", f"zip:{encrypted}": "is encrypted"}
    for i, (kind, target) in enumerate([outside, (tarfile.SYMTYPE, "2.png"), (tarfile.LNKTYPE, "2.png")]):
        path = tar_of(tmp_path / f"{i}.tar", {"cats/1.png": b""}, type=kind, linkname=target)
        cases[f"tar:{path}"] = "is a link"
    cases[f"tar:{tar_of(tmp_path / 'fifo.tar', {'cats/1.png': b''}, type=tarfile.FIFOTYPE)}"] = "not an ordinary file"
    for source, reason in cases.items():
        with pytest.raises(InputError, match=rf"'cats/1.png' in it .*{reason}"):
            load(source, "train", image_size=8, cache_dir=str(tmp_path / "c"))


def test_a_colon_in_a_name_is_no_drive(tmp_path):
    path = zip_of(tmp_path / "a.zip", {f"a:{i}.png": png(i) for i in range(4)})
    assert sum(len(data.images) for data in both(f"zip:{path}", tmp_path / "c")) == 4


def test_hard_links_in_a_tar_count_once(tmp_path):
    root = tmp_path / "in"
    for i in range(8):
        save(root / "b" / f"{i}.png", (20 * i, i, 9))
    (root / "c").mkdir()
    os.link(root / "b" / "0.png", root / "c" / "0.png")
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(root, "in")
    expected = both(f"folder:{root}", tmp_path / "cache")
    actual = both(f"tar:{tmp_path / 'a.tar'}", tmp_path / "cache")
    assert [data.digest() for data in actual] == [data.digest() for data in expected]


def test_damaged_archives_are_refused_in_one_line(tmp_path):
    files = {f"cats/{i}.png": png(i) for i in range(9)}
    whole = zip_of(tmp_path / "whole.zip", files).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "directory.zip").write_bytes(whole.replace(b"PK\x01\x02", b"PK\x09\x02", 1))
    (tmp_path / "text.zip").write_text("no archive")
    whole = tar_of(tmp_path / "whole.tar", files).read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: 1024 * 3 + 700])
    (tmp_path / "header.tar").write_bytes(whole[:1024] + b"\xff" * 512 + whole[1536:])
    compressed = tar_of(tmp_path / "whole.tar.gz", files, kind="w:gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(compressed[: len(compressed) // 2])
    (tmp_path / "noise.tar.gz").write_bytes(compressed[:30] + bytes(range(200)) + compressed[230:])
    names = ["cut.zip", "directory.zip", "text.zip", "cut.tar", "header.tar", "cut.tar.gz", "noise.tar.gz"]
    for name in names:
        kind = name.split(".")[1]
        with pytest.raises(InputError, match=f"{name}' cannot be read as a {kind} file .*copy it again") as error:
            load(f"{kind}:{tmp_path / name}", "train", image_size=8, cache_dir=str(tmp_path / "c"))
        assert "\n" not in str(error.value)
    assert not list((tmp_path / "c").glob("[!f]*"))


def test_a_damaged_picture_in_a_sound_archive_is_skipped_and_counted(tmp_path, capsys):
    files = {f"dogs/{i}.png": png(i) for i in range(30)}
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    data = path.read_bytes()
    at = data.index(png(3)) + 60  # among the pixels: without the checksum of the archive it would not be noticed early
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    assert sum(len(data.images) for data in both(f"zip:{path}", tmp_path / "c")) == 29
    assert "1 damaged (first: '3.png')" in capsys.readouterr().err


def test_archives_that_are_not_there_and_folders_are_refused(tmp_path):
    shutil.copytree(Path(__file__).parent, tmp_path / "folder")
    for source, message in {
        f"zip:{tmp_path}/no.zip": "there is no file at",
        f"tar:{tmp_path}/*.tar": "there is no file that fits",
        f"zip:{tmp_path}/folder": "give folder:",
        "zip:": "give zip:PATH",
        "tar:": "give tar:PATTERN",
        "tar:https://host/a.tar": "is not supported",
    }.items():
        with pytest.raises(InputError, match=message) as error:
            load(source, "train", image_size=8, cache_dir=str(tmp_path / "c"))
        assert "\n" not in str(error.value)


def test_parts_in_folders_named_like_splits_are_splits(tmp_path):
    for split, level in (("train", 100), ("test", 200)):
        (tmp_path / split).mkdir()
        tar_of(tmp_path / split / "0.tar", {f"{i}.png": png(level + i) for i in range(5)})
    train, test = both(f"tar:{tmp_path}/*/0.tar", tmp_path / "c")
    assert train.images[..., 0].max() < 150 < test.images[..., 0].min() and len(train.images) == len(test.images) == 5
    with pytest.raises(InputError, match=r"both have '0\.png'"):
        shutil.copy(tmp_path / "test" / "0.tar", tmp_path / "test" / "1.tar")
        load(f"tar:{tmp_path}/test/*.tar", "train", image_size=8, cache_dir=str(tmp_path / "c"))


def test_a_table_next_to_an_archive(tmp_path):
    files = {f"{i}.png": png(10 * i) for i in range(20)}
    (tmp_path / "t.csv").write_text("image,old\n" + "".join(f"{i}.png,{i % 2}\n" for i in range(20)))
    options = {"attributes": str(tmp_path / "t.csv"), "attribute_columns": ("old",)}
    for data in both(f"zip:{zip_of(tmp_path / 'a.zip', files)}", tmp_path / "c", **options):
        np.testing.assert_array_equal(data.attributes[:, 0], data.images[:, 0, 0, 0] // 10 % 2)


def test_a_broken_link_among_the_archives_is_named(tmp_path):
    tar_of(tmp_path / "1.tar", {"1.png": png(1)})
    os.symlink("nowhere", tmp_path / "2.tar")
    for source in (f"tar:{tmp_path}/*.tar", f"tar:{tmp_path}/2.tar"):
        with pytest.raises(InputError, match=r"2.tar' is a broken link"):
            load(source, "train", image_size=8, cache_dir=str(tmp_path / "c"))
