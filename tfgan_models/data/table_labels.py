"""Labels of pictures in the rows of a table: attributes, or names of classes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

import numpy as np

from tfgan_models.data.table_file import YES, Table, is_binary
from tfgan_models.data.table_keys import key_column
from tfgan_models.errors import InputError

LABEL_NAMES = {"label", "labels", "class", "class_name", "class_id", "category", "target", "y"}
_WHOLE_NUMBER = re.compile(r"-?\d{1,4000}")  # Python refuses to convert longer ones.


@dataclasses.dataclass(frozen=True)
class TableLabels:
    """Labels of pictures from a table.

    Attributes:
        attribute_names: names of the attributes; empty if there are none.
        attributes: uint8 ``[k]`` in {0, 1}, by the path of the picture.
        class_names: names of the labels 0, 1, …; empty if the table has no classes.
        classes: the class of each labeled picture, by its path.
        note: a line for the user about the columns that were read.
    """

    attribute_names: tuple[str, ...]
    attributes: dict[str, np.ndarray]
    class_names: tuple[str, ...]
    classes: dict[str, str]
    note: str


def read_labels(
    table: Table,
    pictures: Sequence[str],
    label_column: str | None = None,
    attribute_columns: Sequence[str] = (),
) -> TableLabels:
    """Read the labels of pictures from a table.

    Args:
        table: the table. One of its columns names the pictures, by path or file name, with or without the ending.
        pictures: paths of the pictures relative to the folder.
        label_column: the column of class names; by default the only column that has neither names of pictures nor
            attributes, if it has fewer values than rows.
        attribute_columns: the columns of attributes; by default all columns of 0 and 1, or -1 and 1.

    Raises:
        InputError: the table does not name the pictures, it does not have these columns, several columns may have the
            classes, or a picture has no row of attributes or shares it with another.
    """
    key, rows = key_column(table, pictures)
    others = {name: values for name, values in table.columns.items() if name != key}
    for name in (*attribute_columns, *((label_column,) if label_column else ())):
        if name not in others:
            raise InputError(f"{str(table.file)!r} has no column {name!r}: its columns are {', '.join(others)}")
    for name in attribute_columns:
        if not is_binary(others[name]):
            raise InputError(f"the column {name!r} of {str(table.file)!r} does not hold 0 and 1, or -1 and 1")
    binary = [name for name in others if name != label_column and is_binary(others[name])]
    if label_column is None and not attribute_columns:
        label_column = _label_column(table, others, binary)
        binary = [name for name in binary if name != label_column]
    names = tuple(attribute_columns or binary)
    attributes: dict[str, np.ndarray] = {}
    if names:
        _require_rows(table, pictures, rows)
        values = np.array([[value.casefold() in YES for value in others[name]] for name in names], np.uint8).T
        attributes = {path: values[row] for path, row in rows.items()}
    classes: dict[str, str] = {}
    if label_column:
        classes = {path: others[label_column][row] for path, row in rows.items() if others[label_column][row]}
    parts = [f"{len(names)} attributes"] if names else []
    parts += [f"{len(set(classes.values()))} classes from the column {label_column!r}"] if label_column else []
    note = f"{table.file.name}: {' and '.join(parts)}, pictures by the column {key!r}"
    if label_column and len(classes) < len(pictures):
        note += f", {len(pictures) - len(classes)} of {len(pictures)} pictures have no label"
    return TableLabels(names, attributes, _sorted(set(classes.values())), classes, note)


def _label_column(table: Table, others: dict[str, list[str]], binary: list[str]) -> str | None:
    """The column of class names; None where the table has attributes alone.

    Raises:
        InputError: there are several such columns, or neither classes nor attributes.
    """
    if len(others) == 1 and binary and binary[0].casefold() in LABEL_NAMES:
        return binary[0]
    candidates = [
        name for name in others if name not in binary and 1 < len(set(others[name]) - {""}) < max(3, len(table.lines))
    ]
    named = [name for name in (*binary, *candidates) if name.casefold() in LABEL_NAMES]
    if len(named) == 1:
        return named[0]
    if len(candidates) == 1:
        return candidates[0]
    if binary:
        return None
    raise InputError(
        f"{str(table.file)!r} does not say which of its columns holds the classes: give label_column, one of "
        f"{', '.join(others) or 'none'}, or attribute_columns",
        "label_column",
    )


def _require_rows(table: Table, pictures: Sequence[str], rows: dict[str, int]) -> None:
    missing = [path for path in pictures if path not in rows]
    if missing:
        raise InputError(
            f"{len(missing)} of {len(pictures)} pictures have no row in {str(table.file)!r}, the first is "
            f"{missing[0]!r}: add the rows or leave out the attribute file"
        )


def _sorted(names: set[str]) -> tuple[str, ...]:
    """Sort the names of classes; whole numbers by their values."""
    return tuple(sorted(names, key=lambda name: (int(name) if _WHOLE_NUMBER.fullmatch(name) else 0, name)))
