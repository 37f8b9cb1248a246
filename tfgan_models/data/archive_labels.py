"""Labels of pictures in the files next to them, ``key.cls`` and ``key.json``, as in the archives of webdataset."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfgan_models.data.archive import Member
from tfgan_models.data.table_file import Table, is_binary
from tfgan_models.data.table_labels import LABEL_NAMES, TableLabels, read_labels
from tfgan_models.errors import InputError

_CLASS = "cls"  # name of the column of the content of key.cls


def labels_of_files(
    files: Mapping[str, Mapping[str, Member]],
    pictures: Sequence[str],
    label_column: str | None = None,
    attribute_columns: Sequence[str] = (),
) -> TableLabels | None:
    """Read the labels of pictures: the class in ``key.cls``, classes and attributes in ``key.json``.

    Args:
        files: the files ``.cls`` and ``.json`` of each picture, by their ending.
        pictures: paths of the pictures.
        label_column: the entry of ``key.json`` with the class; by default the class is in ``key.cls``, or in the only
            entry with a name such as ``label`` or ``class``.
        attribute_columns: the entries of ``key.json`` with attributes; by default those that are 0 and 1, -1 and 1, or
            false and true in the files of all pictures.

    Returns:
        The labels; None if the files have none.

    Raises:
        InputError: a file cannot be read, or no file has an entry.
    """
    rows = [_row(files.get(path, {})) for path in pictures]
    return labels_of_rows(rows, pictures, label_column, attribute_columns, "the files next to the pictures")


def labels_of_rows(
    rows: Sequence[Mapping[str, str]],
    pictures: Sequence[str],
    label_column: str | None,
    attribute_columns: Sequence[str],
    name: str,
) -> TableLabels | None:
    """Read the labels of pictures from texts by the names of their columns.

    Args:
        rows: the texts of each picture.
        pictures: paths of the pictures.
        label_column, attribute_columns: as for ``labels_of_files``.
        name: name of the rows in notes and errors.

    Returns:
        The labels; None if there are none.

    Raises:
        InputError: no row has one of the columns, or a column of attributes has other values.
    """
    names = list(dict.fromkeys(column for row in rows for column in row))
    missing = [column for column in (label_column, *attribute_columns) if column and column not in names]
    if missing:
        flag = "label_column" if missing[0] == label_column else "attribute_columns"
        raise InputError(
            f"{flag} {missing[0]}: {name} have no such entry, give one of {', '.join(sorted(names)) or 'none'}",
            flag,
        )
    columns = {column: [row.get(column, "") for row in rows] for column in names}
    label_column = label_column or _label_column(columns)
    binary = [column for column in columns if column != label_column and is_binary(columns[column])]
    used = [*(attribute_columns or binary), *([label_column] if label_column else [])]
    if not used:
        return None
    key = "picture"
    while key in columns:
        key += "_"
    table = {key: list(pictures)} | {column: columns[column] for column in used}
    return read_labels(
        Table(Path(name), table, list(range(1, len(rows) + 1))),
        pictures,
        label_column,
        attribute_columns or binary,
    )


def _label_column(columns: Mapping[str, Sequence[str]]) -> str | None:
    if _CLASS in columns:
        return _CLASS
    named = [name for name in columns if name.casefold() in LABEL_NAMES]
    return named[0] if len(named) == 1 else None


def _row(files: Mapping[str, Member]) -> dict[str, str]:
    """The entries of the files of a picture, as texts; those that are lists or objects are left out."""
    row: dict[str, str] = {}
    for ending, member in sorted(files.items(), reverse=True):  # .json first: key.cls replaces an entry of its name
        try:
            text = member.read_bytes().decode("utf-8-sig").strip()
            values: Any = json.loads(text) if ending == ".json" else {_CLASS: text}
        except (OSError, ValueError) as error:
            raise InputError(f"cannot read the file {member.path!r} in an archive ({error}): correct it") from error
        if not isinstance(values, dict):
            values = {_CLASS: values}
        row |= {str(name): _text(value) for name, value in values.items() if not isinstance(value, dict | list)}
    return row


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
