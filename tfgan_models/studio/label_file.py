"""Attributes of a folder's pictures that a person enters, in a table that ``--attributes`` of a training reads."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import os
import threading
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from tfgan_models.data.attribute_file import labels_of
from tfgan_models.data.folder_files import list_files, read_headers
from tfgan_models.data.table_file import SEPARATORS, is_table, parse_table, read_text
from tfgan_models.errors import InputError
from tfgan_models.files import atomic_write, lock, made_if_needed

KEY_COLUMN = "image"
Row = tuple[bool, ...]


@dataclasses.dataclass(frozen=True)
class Change:
    """A row that was written, and the one that was there before; None if there was none."""

    picture: str
    before: Row | None
    after: Row


class LabelFile:
    """A table with a row for each labeled picture of a folder and a column of 0 and 1 for each attribute.

    Each change is on the disk when the call returns. Pictures that are not labeled yet have no row, so that labeling
    goes on where it ended. Several threads may use one object, and several processes one table.

    Args:
        folder: folder of the pictures; those in sub-folders count, too.
        file: the table; by default ``photos-attributes.csv`` next to a folder ``photos``.
        names: names of the attributes. They may be left out if the table exists.

    Attributes:
        folder, file: as above.
        names: names of the attributes.
        pictures: paths of the pictures relative to the folder, sorted.

    Raises:
        InputError: there are no pictures, no names, or the table is of other pictures or attributes.
    """

    def __init__(self, folder: str | os.PathLike, file: str | os.PathLike | None = None, names: Sequence[str] = ()):
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise InputError(f"label {str(folder)!r}: there is no such folder, give one with pictures", "label")
        self.file = Path(file) if file else default_file(self.folder)
        # Behind links, so that the table that they lead to is written, and its lock is one for all of them.
        self._target = Path(os.path.realpath(self.file))
        self.pictures = read_headers(self.folder, list_files(self.folder)).pictures
        if not self.pictures:
            raise InputError(f"label {str(folder)!r}: there are no pictures that can be read, give another", "label")
        self._seen_version = self._version()
        self.names, self._rows = self._read(tuple(names))
        self._changes: list[Change] = []
        self._lock = threading.Lock()

    def row(self, picture: str) -> Row | None:
        """The attributes of a picture; None if it is not labeled."""
        with self._lock:
            return self._current().get(picture)

    def done(self) -> int:
        """Number of labeled pictures."""
        with self._lock:
            return len(self._current())

    def first_without_label(self, start: int = 0) -> int:
        """The place of the first picture without a label from a place on, around the end; the start if all have one."""
        places = [*range(start, len(self.pictures)), *range(start)]
        with self._lock:
            rows = self._current()
        return next((place for place in places if self.pictures[place] not in rows), start)

    def set(self, picture: str, present: Collection[str]) -> None:
        """Write the row of a picture.

        Args:
            picture: path of the picture.
            present: names of the attributes that it has.

        Raises:
            InputError: the picture or an attribute is unknown.
        """
        unknown = [name for name in present if name not in self.names]
        if unknown or picture not in self.pictures:
            raise InputError(f"there is no {'attribute' if unknown else 'picture'} {(unknown or [picture])[0]!r}")
        row = tuple(name in present for name in self.names)
        with self._latest() as rows:
            self._write(rows | {picture: row})
            self._changes.append(Change(picture, rows.get(picture), row))

    def undo(self) -> str | None:
        """Take back the last change of this process, and return its picture; None if there is none.

        Raises:
            InputError: another process has labeled the picture since.
        """
        with self._latest() as rows:
            if not self._changes:
                return None
            change = self._changes[-1]
            if rows.pop(change.picture, None) != change.after:
                self._changes.pop()
                raise InputError(f"{change.picture!r} was labeled in another window since, so its label stays")
            self._write(rows | ({change.picture: change.before} if change.before is not None else {}))
            self._changes.pop()
            return change.picture

    def _current(self) -> dict[str, Row]:
        """The rows, read again if another process has written the table. A table of something else is not read."""
        if (version := self._version()) != self._seen_version:
            with contextlib.suppress(InputError):  # ``set`` and ``undo`` report it
                self._rows = self._read(self.names)[1]
            self._seen_version = version
        return self._rows

    def _version(self) -> tuple[int, int, int] | None:
        """What changes with each write of the table; None if there is none."""
        try:
            status = self.file.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    @contextlib.contextmanager
    def _latest(self) -> Iterator[dict[str, Row]]:
        """Lock the table for this thread, and yield its rows, which another process may have changed.

        Raises:
            InputError: the table cannot be written.
        """
        try:
            with self._lock, made_if_needed(self._target.parent):
                handle = lock(self._target.with_name(f".{self._target.name}.lock"), wait=True)
                try:
                    yield self._read(self.names)[1]
                finally:
                    if handle is not None:
                        os.close(handle)
        except OSError as error:
            raise InputError(
                f"label_file {str(self.file)!r}: it cannot be written ({error.strerror}), so nothing was saved",
                "label_file",
            ) from error

    def _write(self, rows: dict[str, Row]) -> None:
        """Replace the table, and then the rows in memory, so that both stay equal if the disk is full."""
        with atomic_write(self._target) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([KEY_COLUMN, *self.names])
            writer.writerows([picture, *map(int, row)] for picture, row in sorted(rows.items()))
        self._rows, self._seen_version = rows, self._version()

    def _read(self, names: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, Row]]:
        """The names and rows of the table."""
        check_names(names)
        if not self.file.exists():
            if not names:
                raise InputError("label_names: give names of attributes, such as Smiling Glasses", "label_names")
            return names, {}
        text = read_text(self.file)
        if is_table(text) and not text.strip().count("\n"):  # all rows were undone
            header = tuple(text.strip().split(",")[1:])
            return self._same(header, names), {}
        columns = parse_table(self.file, text).columns if is_table(text) else {}
        if KEY_COLUMN not in columns:
            raise InputError(
                f"label_file {str(self.file)!r}: it has no column {KEY_COLUMN!r}, give a table that the studio has "
                "written, or another name",
                "label_file",
            )
        header = tuple(name for name in columns if name != KEY_COLUMN)
        labeled = columns[KEY_COLUMN]
        if missing := set(labeled).difference(self.pictures):
            raise InputError(
                f"label_file {str(self.file)!r}: {min(missing)!r} is not in {str(self.folder)!r}, "
                "give another --label_file",
                "label_file",
            )
        labels = labels_of(self.file, labeled, attribute_columns=header)
        return self._same(header, names), {path: tuple(map(bool, row)) for path, row in labels.attributes.items()}

    def _same(self, header: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
        if names and names != header:
            raise InputError(
                f"label_names {' '.join(names)}: {str(self.file)!r} has {' '.join(header)}, leave out the names or "
                "give another --label_file",
                "label_names",
            )
        return header


def default_file(folder: Path) -> Path:
    """The table of a folder, next to it: a file inside would count as one that is not a picture."""
    folder = folder.resolve()
    return folder.with_name(f"{folder.name}-attributes.csv")


def check_names(names: Sequence[str]) -> None:
    """Refuse names that a table cannot have as columns.

    Raises:
        InputError: a name is empty, has a separator, or is there twice.
    """
    for name in names:
        if not name.strip() or set(name) & set(SEPARATORS + '"\r\n') or name.casefold() == KEY_COLUMN:
            raise InputError(f"label_names {name!r}: give a name without commas, semicolons and quotes", "label_names")
    if len(set(names)) < len(names):
        raise InputError(f"label_names {' '.join(names)}: give each name once", "label_names")
