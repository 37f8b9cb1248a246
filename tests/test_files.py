"""Files that are either whole or not there."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import sys
import time

import pytest

from tfgan_models import InputError, files
from tfgan_models.files import (
    STALE_SECONDS,
    atomic_write,
    check_writable,
    flush_folder,
    lock,
    made_if_needed,
    remove_stale,
)


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "folder" / "file.txt"
    with atomic_write(path) as file:
        file.write("whole")
        file.flush()
        assert not path.exists()
    assert path.read_text() == "whole"
    assert os.listdir(path.parent) == ["file.txt"]


def test_text_is_utf_8_whatever_the_encoding_of_the_system(tmp_path, monkeypatch):
    def opened(path, mode, encoding=None):
        return open(path, mode, encoding=encoding or "ascii")

    monkeypatch.setattr(files, "open", opened, raising=False)
    with atomic_write(tmp_path / "file.txt") as file:
        file.write("10 ± 1 — 猫")
    assert (tmp_path / "file.txt").read_text(encoding="utf-8") == "10 ± 1 — 猫"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_an_exception_leaves_the_old_file_and_nothing_else(error, tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    with pytest.raises(error), atomic_write(path, "wb") as file:
        file.write(b"half of the n")
        raise error
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_what_a_killed_run_left_is_removed_when_it_is_old(tmp_path):
    names = (f"file.txt.{0:016x}", f"file.txt.{1:016x}", f"other.txt.{0xABC:016x}", "of_somebody_else")
    old, fresh, written_once, another_s = (tmp_path / f".{name}.unfinished" for name in names)
    for leftover in (old, fresh, written_once, another_s):
        leftover.write_text("half")
    past = time.time() - STALE_SECONDS - 10
    for leftover in (old, written_once, another_s):
        os.utime(leftover, (past, past))
    with atomic_write(tmp_path / "file.txt") as file:
        file.write("new")
    assert (tmp_path / "file.txt").read_text() == "new"
    assert {path.name for path in tmp_path.iterdir()} == {"file.txt", fresh.name, another_s.name}


def test_of_a_folder_that_a_killed_run_left_all_must_be_old(tmp_path):
    past = time.time() - STALE_SECONDS - 10
    for name, times in (("old", past), ("in_use", time.time())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("half")
        os.utime(tmp_path / name / "file", (times, times))
        os.utime(tmp_path / name, (past, past))
    remove_stale([*tmp_path.iterdir(), tmp_path / "not there"])
    assert [path.name for path in tmp_path.iterdir()] == ["in_use"]


def test_two_that_write_one_file_at_the_same_time_write_it_whole(tmp_path):
    path = tmp_path / "file.txt"
    with atomic_write(path) as first:
        first.write("first")
        with atomic_write(path) as second:
            second.write("the second, which is longer")
        assert path.read_text() == "the second, which is longer"
    assert path.read_text() == "first"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_a_file_is_on_the_disk_before_it_takes_the_old_one_s_place(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace

    def synced(handle):
        done.append(os.fstat(handle).st_size)  # whatever Python still held back would be missing
        fsync(handle)

    def replaced(*names):
        done.append("replaced")
        replace(*names)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    with atomic_write(tmp_path / "file.txt") as file:
        file.write("whole")
    assert done == [5, "replaced"]


def test_a_failed_rename_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file.txt"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"), atomic_write(path) as file:
        file.write("new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_a_test_for_writing_leaves_nothing_behind(tmp_path):
    check_writable(tmp_path / "new" / "folder")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "old" / "folder").mkdir(parents=True)
    check_writable(tmp_path / "old" / "folder")
    check_writable(tmp_path / "old" / "new")
    assert list(tmp_path.rglob("*")) == [tmp_path / "old", tmp_path / "old" / "folder"]


def test_what_a_failure_leaves_half_made_is_removed(tmp_path):
    (tmp_path / "link").symlink_to("gone")
    with pytest.raises(FileExistsError):
        check_writable(tmp_path / "link" / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["link"]
    with pytest.raises(ValueError), made_if_needed(tmp_path / "a" / "b"):
        (tmp_path / "a" / "file").write_text("of another process")
        raise ValueError
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "file", "link"]


def test_a_file_system_without_folders_is_refused_in_one_line():
    with pytest.raises(InputError, match=r"^/proc/x/y: no folder can be made there, give another path$"):
        check_writable("/proc/x/y")


def test_a_file_system_without_files_is_refused_in_one_line():
    with pytest.raises(InputError, match=r"^/proc: no file can be made there, give another path$"):
        check_writable("/proc")
    with pytest.raises(InputError, match=r"^/proc/x.txt: no file can be made there, give"), atomic_write("/proc/x.txt"):
        pass
    with pytest.raises(InputError, match=r"^/proc/x: no folder can be made there, give"), atomic_write("/proc/x/y.txt"):
        pass


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path):
    (tmp_path / "file.txt").mkdir()
    with pytest.raises(IsADirectoryError) as error, atomic_write(tmp_path / "file.txt"):
        pass
    assert error.value.filename == str(tmp_path / "file.txt")


def read_only(path, *_, **__):
    raise OSError(errno.EROFS, "Read-only file system", str(path))


def test_errors_name_what_the_user_knows_and_no_temporary_file(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "open", read_only, raising=False)
    with pytest.raises(OSError) as error, atomic_write(tmp_path / "file.txt"):
        pass
    assert error.value.filename == str(tmp_path / "file.txt")
    monkeypatch.setattr(files.tempfile, "TemporaryFile", lambda dir: read_only(f"{dir}/tmp3k2"))
    with pytest.raises(OSError) as error:
        check_writable(tmp_path)
    assert (error.value.errno, error.value.filename) == (errno.EROFS, str(tmp_path))


def test_an_error_about_a_full_disk_names_the_file(tmp_path):
    """Those of writes name none."""
    with pytest.raises(OSError) as error, atomic_write(tmp_path / "file.txt"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert error.value.filename == str(tmp_path / "file.txt")
    with pytest.raises(OSError) as error, atomic_write(tmp_path / "file.txt"):
        raise OSError(errno.ENOSPC, "No space left on device", "elsewhere")
    assert error.value.filename == "elsewhere" and not list(tmp_path.iterdir())


def test_a_folder_that_is_a_file_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for path in (tmp_path / "file", tmp_path / "file" / "folder"):
        with pytest.raises(OSError):
            check_writable(path)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_named_in_a_line(number, tmp_path, monkeypatch, capsys):
    def flock(*_):
        raise OSError(number, os.strerror(number))

    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(fcntl, "flock", flock)
    assert lock(tmp_path / ".lock") is None
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"no lock:     {tmp_path}/.lock: {os.strerror(number)}; make sure that no second run")
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_system_without_locks_is_named_in_a_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert lock(tmp_path / ".lock") is None
    (line,) = capsys.readouterr().err.splitlines()
    assert ".lock: this system has none; make sure" in line


def test_other_errors_of_a_lock_are_raised(tmp_path, monkeypatch):
    handle = lock(tmp_path / ".lock")
    with pytest.raises(BlockingIOError):
        lock(tmp_path / ".lock")
    os.close(handle)
    os.close(lock(tmp_path / ".lock"))

    def flock(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(OSError, match="Input/output error"):
        lock(tmp_path / ".lock")


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EIO])
def test_a_folder_that_cannot_be_flushed_is_left_to_the_system(number, tmp_path, monkeypatch):
    def fsync(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    with contextlib.ExitStack() as stack:
        if number == errno.EIO:
            stack.enter_context(pytest.raises(OSError))
        flush_folder(tmp_path)
