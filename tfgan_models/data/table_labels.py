"""Labels of pictures in the rows of a table: attributes, or names of classes."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from tfgan_models.data.table_file import Table
from tfgan_models.data.utils import composed
from tfgan_models.errors import InputError

# Texts of an attribute's values. A column may have 0 or -1, not both.
YES, NO = {"1", "1.0", "+1", "true", "yes"}, {"0", "0.0", "-1", "-1.0", "false", "no"}
LABEL_NAMES = {"label", "labels", "class", "class_name", "class_id", "category", "target", "y"}
_WHOLE_NUMBER = re.compile(r"-?\d{1,4000}")  # Python refuses to convert longer ones.
_NUMBER_NAME = re.compile(r"(\d{1,4000})(?:\.0)?", re.ASCII)  # a picture's name, as a spreadsheet may change it
# Usual names of the column that names the pictures. A picture may have the same name: image.jpg.
PICTURE_NAMES = {"file", "filename", "file_name", "id", "image", "image_id", "image_name", "img", "name", "path"}


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
    key, rows = _key_column(table, pictures)
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


def is_binary(values: list[str]) -> bool:
    """Return True if all values are 0 and 1, or all are -1 and 1."""
    distinct = {value.casefold() for value in values}
    return distinct <= YES | NO and not (distinct & {"0", "0.0"} and distinct & {"-1", "-1.0"})


def _key_column(table: Table, pictures: Sequence[str]) -> tuple[str, dict[str, int]]:
    """The column that names the most pictures, and the row of each of these pictures.

    Raises:
        InputError: no column names any picture, the header is missing, or rows and pictures do not correspond one to
            one.
    """
    file, key, rows = str(table.file), "", {}
    for name, values in table.columns.items():
        matches = {} if is_binary(values) else _match(values, pictures)
        if len(matches) > len(rows):
            key, rows = name, matches
        if len(rows) == len(pictures):
            break
    if len(rows) < len(pictures):
        # A spreadsheet may have left the zeros of no name, or only the names without zeros as they are.
        for name, values in table.columns.items():
            matches = _match_numbers(values, pictures)
            if len(matches) > len(rows) and matches.items() >= rows.items():
                key, rows = name, matches
    if any(_is_row(name, rows, pictures) for name in ([key] if rows else table.columns)):
        raise InputError(
            f"line {table.header_line} of {file!r} names a picture: put a header above it, such as filename,label"
        )
    if not rows:
        raise InputError(
            f"no column of {file!r} names the pictures, the first picture is {pictures[0]!r}: give a table with their "
            "file names"
        )
    names = table.columns[key]
    row, uses = Counter(rows.values()).most_common(1)[0]
    if uses > 1:
        raise InputError(
            f"{uses} pictures share the row {names[row]!r} of {file!r}: name them there by their path in the folder"
        )
    first: dict[str, int] = {}
    for line, name in zip(table.lines, names, strict=True):
        if first.setdefault(name, line) != line:
            raise InputError(f"lines {first[name]} and {line} of {file!r} are both of {name!r}: remove one")
    return key, rows


def _is_row(name: str, rows: dict[str, int], pictures: Sequence[str]) -> bool:
    """Return True if the name of a column is that of a picture, so that the table has no header.

    Args:
        name: name of the column.
        rows: the row of each picture that the column names.
        pictures: paths of the pictures.
    """
    named = _match([name], pictures)
    endings = tuple(filter(None, (PurePosixPath(path).suffix for path in named)))
    if name.endswith(endings):
        return True
    return bool(rows) and name.casefold() not in PICTURE_NAMES and not named.keys() <= rows.keys()


def _match(names: list[str], pictures: Sequence[str]) -> dict[str, int]:
    """Find the row of each picture: by its path, else by the end of its path, else without the ending of the file."""
    exact: dict[str, int] = {}
    for row, name in enumerate(names):
        exact.setdefault(composed(name).replace("\\", "/").removeprefix("./"), row)
    last: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for name, row in exact.items():
        bare = name.rpartition("/")[2]
        last[bare], counts[bare] = row, counts[bare] + 1
    rows: dict[str, int] = {}
    for path in pictures:
        for candidate in _candidates(composed(path)):
            if candidate in exact:
                rows[path] = exact[candidate]
                break
    taken = set(rows.values())
    for path in pictures:
        bare = composed(path).rpartition("/")[2]
        # The table may have paths of another place. A row that names another picture by its path is not used again.
        if path not in rows and counts[bare] == 1 and last[bare] not in taken:
            rows[path] = last[bare]
    return rows


def _match_numbers(names: list[str], pictures: Sequence[str]) -> dict[str, int]:
    """Find the row of each picture by its number, because spreadsheets make 1 of 000001; empty if it is ambiguous."""
    numbers = [int(match[1]) if (match := _NUMBER_NAME.fullmatch(name)) else None for name in names]
    row_of = {number: row for row, number in enumerate(numbers) if number is not None}
    stems = {path: _NUMBER_NAME.fullmatch(PurePosixPath(path).stem) for path in pictures}
    rows = {path: row_of[int(match[1])] for path, match in stems.items() if match and int(match[1]) in row_of}
    return rows if len(row_of) == len(names) and len(set(rows.values())) == len(rows) else {}


def _candidates(path: str) -> list[str]:
    parts = path.split("/")
    ends = ["/".join(parts[i:]) for i in range(len(parts))]
    suffix = PurePosixPath(path).suffix
    return ends + ([end.removesuffix(suffix) for end in ends] if suffix else [])


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
