"""Answers of a human test in a SQLite file, a row for each picture that a person judged."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sqlite3
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from tfgan_models.errors import InputError
from tfgan_models.judge.trials import Trial, check_positions

APPLICATION_ID, VERSION, WAIT_SECONDS = 0x74664A31, 1, 60.0
SCHEMA = """
CREATE TABLE answers (
    id INTEGER PRIMARY KEY, person TEXT NOT NULL, session TEXT NOT NULL, time REAL NOT NULL, weights TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sheet', 'single', 'control')), feedback INTEGER NOT NULL, shown_ms INTEGER,
    trial INTEGER NOT NULL, position INTEGER NOT NULL, picture TEXT NOT NULL, is_fake INTEGER NOT NULL,
    answered_fake INTEGER NOT NULL, response_ms REAL, UNIQUE (person, session, trial, position))
"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """A person's answer about one picture.

    Attributes:
        person, session: names of the person and of the session, in which trials are numbered.
        time: seconds since 1970.
        weights: digest of the model's weights.
        kind, feedback, shown_ms, trial: of the trial.
        position: place of the picture in the trial, from 0 on.
        picture: the picture's id.
        is_fake, answered_fake: truth and answer.
        response_ms: time until the trial was answered; None if it was not measured.
    """

    person: str
    session: str
    time: float
    weights: str
    kind: str
    feedback: bool
    shown_ms: int | None
    trial: int
    position: int
    picture: str
    is_fake: bool
    answered_fake: bool
    response_ms: float | None = None


COLUMNS = tuple(field.name for field in dataclasses.fields(Answer))
INSERT = (
    f"INSERT INTO answers ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) "
    "ON CONFLICT (person, session, trial, position) DO NOTHING"
)


def answers_to(
    trial: Trial,
    ticked: Collection[int],
    *,
    person: str,
    session: str,
    weights: str,
    response_ms: float | None = None,
) -> list[Answer]:
    """Make the rows of a trial: the ticked positions are taken for fakes, the others for real.

    Raises:
        InputError: a position is not on the sheet, or the person has no name.
    """
    check_positions(ticked, len(trial.pictures))
    if not person.strip():
        raise InputError(f"person {person!r}: give a name or a number, by which answers of one person are recognized")
    return [
        Answer(
            person=person.strip(),
            session=session,
            time=time.time(),
            weights=weights,
            kind=trial.kind,
            feedback=trial.feedback,
            shown_ms=trial.shown_ms,
            trial=trial.number,
            position=position,
            picture=picture.id,
            is_fake=picture.is_fake,
            answered_fake=position in ticked,
            response_ms=response_ms,
        )
        for position, picture in enumerate(trial.pictures)
    ]


class AnswerFile:
    """A file of answers, to which several processes and threads may append at the same time.

    Each call opens the file for itself. A rollback journal with full synchronization keeps everything in one file, and
    also works on file systems without shared memory.

    Args:
        path: the file, which is made by the first ``append``.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)

    def append(self, answers: Sequence[Answer]) -> int:
        """Append rows, all or none of them. They are on the disk when the call returns.

        Returns:
            The number of new rows. Answers to a trial that the person has answered in this session are left out, so a
            call can be repeated after a failure.

        Raises:
            InputError: the file is damaged, of another program or version, or cannot be written.
        """
        with self._errors():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(self._connect("rwc")) as connection:
                connection.execute("BEGIN IMMEDIATE")
                self._prepare(connection)
                before = connection.total_changes
                connection.executemany(INSERT, [dataclasses.astuple(answer) for answer in answers])
                count = connection.total_changes - before
                connection.execute("COMMIT")
                return count

    def read(self) -> list[Answer]:
        """Read all rows in the order in which they were appended.

        Raises:
            InputError: there is no such file, or it is damaged, or of another program or version.
        """
        if not self.path.is_file():
            raise InputError(f"answers {str(self.path)!r}: there is no such file, give one that has answers", "answers")
        # Not read-only: the first reader after a kill may have to roll back what was not complete.
        with self._errors(), contextlib.closing(self._connect("rw")) as connection:
            if not self._is_ours(connection):
                return []  # an empty file
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("its pages are damaged")
            rows = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM answers ORDER BY id").fetchall()
        return [_answer(dict(zip(COLUMNS, row, strict=True))) for row in rows]

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None)
        connection.execute("PRAGMA synchronous = EXTRA")
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the table in an empty file, within the transaction, so that two processes do not make it twice."""
        if not self._is_ours(connection):
            connection.execute(SCHEMA)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Return True for a file of answers and False for an empty one.

        Raises:
            InputError: the file is of another program or version.
        """
        application, version = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if application == APPLICATION_ID and version == VERSION:
            return True
        if application == APPLICATION_ID:
            raise self._refusal(f"it has version {version} and this program reads {VERSION}, use a newer program")
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise self._refusal("it is a database of another program, give another file")
        return False

    def _refusal(self, reason: str) -> InputError:
        return InputError(f"answers {str(self.path)!r}: {reason}", "answers")

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._refusal(f"its folder cannot be made ({error.strerror}), give another file") from error
        except sqlite3.OperationalError as error:
            raise self._refusal(f"{error}; check the disk and the file's permissions, and try again") from error
        except sqlite3.DatabaseError as error:
            raise self._refusal(f"it is damaged or not a file of answers ({error}), give another file") from error


def _answer(record: dict[str, Any]) -> Answer:
    """The answer of a row, in which truth values are integers."""
    for name in ("feedback", "is_fake", "answered_fake"):
        record[name] = bool(record[name])
    return Answer(**record)
