"""The file of answers: rows survive kills and each other, and other files are refused."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.scripts import ROOT
from tests.judge.people import row
from tfgan_models import InputError
from tfgan_models.judge.answers import AnswerFile

WRITER = """
import sys
from tests.judge.people import row
from tfgan_models.judge.answers import AnswerFile
path, person, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
for trial in range(count):
    rows = [row(person, f"{trial}-{i}", trial=trial, position=i) for i in range(9)]
    AnswerFile(path).append(rows)
    print(trial, flush=True)
"""


def writer(path: Path, person: str, count: int) -> subprocess.Popen:
    command = [sys.executable, "-c", WRITER, str(path), person, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def trials(path: Path, person: str) -> dict[int, int]:
    """The number of rows of each trial of a person."""
    counts: dict[int, int] = {}
    for answer in AnswerFile(path).read():
        if answer.person == person:
            counts[answer.trial] = counts.get(answer.trial, 0) + 1
    return counts


def test_rows_come_back_as_they_were(tmp_path):
    rows = [row(position=i, is_fake=i % 2 == 0, shown_ms=250, response_ms=1.5, feedback=True) for i in range(3)]
    file = AnswerFile(tmp_path / "some" / "a.sqlite")
    assert file.append(rows) == 3
    assert file.append(rows) == 0  # repeated after a failure
    assert file.read() == rows


@pytest.mark.parametrize("acknowledged", [1, 2, 5, 11])
def test_a_kill_loses_no_acknowledged_row(tmp_path, acknowledged):
    path = tmp_path / "a.sqlite"
    with writer(path, "ann", 100_000) as process:
        assert process.stdout
        last = -1
        for _ in range(acknowledged):
            last = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        last = max([last, *map(int, process.stdout.read().split())])
    counts = trials(path, "ann")
    assert set(range(last + 1)) <= set(counts)
    assert set(counts.values()) == {9}  # no part of a trial
    assert AnswerFile(path).append([row("ben")]) == 1


def test_several_processes_lose_no_rows(tmp_path):
    path = tmp_path / "a.sqlite"
    processes = [writer(path, person, 30) for person in ("ann", "ben", "eve")]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    for person in ("ann", "ben", "eve"):
        assert trials(path, person) == dict.fromkeys(range(30), 9)


def test_other_files_are_refused_in_one_line(tmp_path):
    def refused(match: str, path: Path) -> None:
        before = path.read_bytes()
        for call in [lambda: AnswerFile(path).append([row()]), AnswerFile(path).read]:
            with pytest.raises(InputError, match=match) as error:
                call()
            assert "\n" not in str(error.value)
        assert path.read_bytes() == before

    text = tmp_path / "a.txt"
    text.write_text("not a database, " * 100)
    refused("damaged or not a file of answers", text)
    other = tmp_path / "other.sqlite"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")
    refused("database of another program", other)
    newer = tmp_path / "newer.sqlite"
    AnswerFile(newer).append([row()])
    with contextlib.closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version = 99")
    refused("it has version 99 and this program reads 1", newer)

    with pytest.raises(InputError, match="its folder cannot be made"):
        AnswerFile(text / "a.sqlite").append([row()])
    with pytest.raises(InputError, match="there is no such file"):
        AnswerFile(tmp_path / "nowhere").read()
    (tmp_path / "empty").touch()
    assert AnswerFile(tmp_path / "empty").read() == []


def test_damaged_pages_are_refused(tmp_path):
    path = tmp_path / "a.sqlite"
    AnswerFile(path).append([row(f"{i}" * 20) for i in range(500)])
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 4] = b"\x5a" * 8192
    path.write_bytes(content)
    with pytest.raises(InputError, match="it is damaged or not a file of answers"):
        AnswerFile(path).read()
