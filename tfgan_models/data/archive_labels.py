"""Labels of pictures in the files next to them, ``key.cls`` and ``key.json``, as in the archives of webdataset."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfgan_models.data.archive import Member
from tfgan_models.data.table_file import Table
from tfgan_models.data.table_labels import LABEL_NAMES, TableLabels, is_binary, read_labels
from tfgan_models.errors import InputError

_PICTURE, _CLASS = "picture", "cls"  # names of the columns of the paths and of the content of key.cls


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
    names = list(dict.fromkeys(name for row in rows for name in row))
    missing = [name for name in (label_column, *attribute_columns) if name and name not in names]
    if missing:
        flag = "label_column" if missing[0] == label_column else "attribute_columns"
        raise InputError(
            f"{flag} {missing[0]}: the files next to the pictures have no such entry, give one of "
            f"{', '.join(sorted(names)) or 'none'}",
            flag,
        )
    columns = {name: [row.get(name, "") for row in rows] for name in names}
    label_column = label_column or _label_column(columns)
    binary = [name for name in columns if name != label_column and is_binary(columns[name])]
    used = [*(attribute_columns or binary), *([label_column] if label_column else [])]
    if not used:
        return None
    table = {_PICTURE: list(pictures)} | {name: columns[name] for name in used if name != _PICTURE}
    return read_labels(
        Table(Path("the files next to the pictures"), table, list(range(1, len(rows) + 1))),
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
