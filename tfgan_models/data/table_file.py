"""A table of comma-separated values that says what is known about pictures: attributes, or the name of a class."""

from __future__ import annotations

import csv
import dataclasses
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from tfgan_models.errors import InputError

SEPARATORS = "\t;,"
# Texts of a value that is there or not; of 0 and -1 a column has one.
YES, NO = {"1", "1.0", "+1", "true", "yes"}, {"0", "0.0", "-1", "-1.0", "false", "no"}
LABEL_NAMES = {"label", "labels", "class", "class_name", "class_id", "category", "target", "y"}


@dataclasses.dataclass(frozen=True)
class TableLabels:
    """What a table says about pictures.

    Attributes:
        attribute_names: of the attributes; empty where there are none.
        attributes: uint8 ``[k]`` in {0, 1} by the picture's path.
        class_names: of the labels 0, 1, …; empty where the table has none.
        classes: the class of each labeled picture by its path.
        note: which columns were read, for the user.
    """

    attribute_names: tuple[str, ...]
    attributes: dict[str, np.ndarray]
    class_names: tuple[str, ...]
    classes: dict[str, str]
    note: str


@dataclasses.dataclass(frozen=True)
class Table:
    """The columns of a table by their names, each a text for every row, and the number of each row's line."""

    file: Path
    columns: dict[str, list[str]]
    lines: list[int]


def is_table(text: str) -> bool:
    """Whether a file's first line is a header with separators."""
    first = text.partition("\n")[0]
    return any(separator in first for separator in SEPARATORS)


def parse_table(file: Path, text: str) -> Table:
    """Read the text of a table whose first line is a header, and whose separators are commas, semicolons or tabs.

    Raises:
        InputError: the table is malformed; the message gives the line's number.
    """
    header = text.partition("\n")[0]
    separator = max(SEPARATORS, key=header.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, skipinitialspace=True)
    names: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            values = [value.strip() for value in row]
            if not any(values):
                continue
            if not names:
                names = [name or f"column {i}" for i, name in enumerate(values, 1)]
            elif len(values) != len(names):
                raise InputError(
                    f"line {reader.line_num} of {str(file)!r} has {len(values)} values and the header {len(names)}: "
                    "correct it"
                )
            else:
                rows.append(values)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"line {reader.line_num} of {str(file)!r} cannot be read: {error}; correct it") from error
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        raise InputError(f"line 1 of {str(file)!r} has two columns {repeated[0]!r}: rename one")
    if not rows:
        raise InputError(f"the table {str(file)!r} has a header and no rows: add a row for each picture")
    return Table(file, {name: [row[i] for row in rows] for i, name in enumerate(names)}, lines)


def read_labels(
    table: Table,
    pictures: Sequence[str],
    label_column: str | None = None,
    attribute_columns: Sequence[str] = (),
) -> TableLabels:
    """What a table says about pictures.

    Args:
        table: one of its columns names the pictures, by path or bare name, with or without the ending.
        pictures: their paths relative to the folder.
        label_column: the column of class names; by default the only column that holds neither names of pictures nor
            attributes, if it has fewer values than rows.
        attribute_columns: the columns of attributes; by default all columns of 0 and 1, or -1 and 1.

    Raises:
        InputError: the table does not name the pictures, or does not have these columns, or more than one column may
            hold the classes; pictures have no row of attributes, or share one.
    """
    key, rows = _key_column(table, pictures)
    others = {name: values for name, values in table.columns.items() if name != key}
    for name in (*attribute_columns, *((label_column,) if label_column else ())):
        if name not in others:
            raise InputError(f"{str(table.file)!r} has no column {name!r}: its columns are {', '.join(others)}")
    for name in attribute_columns:
        if not _is_binary(others[name]):
            raise InputError(f"the column {name!r} of {str(table.file)!r} does not hold 0 and 1, or -1 and 1")
    binary = [name for name in others if name != label_column and _is_binary(others[name])]
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


def _is_binary(values: list[str]) -> bool:
    """Whether all values are 0 and 1, or all are -1 and 1."""
    found = {value.casefold() for value in values}
    return found <= YES | NO and not (found & {"0", "0.0"} and found & {"-1", "-1.0"})


def _key_column(table: Table, pictures: Sequence[str]) -> tuple[str, dict[str, int]]:
    """The column that names the most pictures, and the row of each of them.

    Raises:
        InputError: no column names any, the header is missing, or a row is of several pictures or the other way round.
    """
    file, key, rows = str(table.file), "", {}
    if _match(list(table.columns), pictures):
        raise InputError(f"line 1 of {file!r} names a picture: put a header above it, such as filename,label")
    for name, values in table.columns.items():
        found = {} if _is_binary(values) else _match(values, pictures)
        if len(found) > len(rows):
            key, rows = name, found
        if len(rows) == len(pictures):
            break
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


def _match(names: list[str], pictures: Sequence[str]) -> dict[str, int]:
    """The row of each picture that has one: by path, or else by ever shorter ends of it, or else without the ending."""
    exact: dict[str, int] = {}
    for row, name in enumerate(names):
        exact.setdefault(name.replace("\\", "/").removeprefix("./"), row)
    last: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for name, row in exact.items():
        bare = name.rpartition("/")[2]
        last[bare], counts[bare] = row, counts[bare] + 1
    found: dict[str, int] = {}
    for path in pictures:
        for candidate in _candidates(path):
            if candidate in exact:
                found[path] = exact[candidate]
                break
    taken = set(found.values())
    for path in pictures:
        bare = path.rpartition("/")[2]
        # The table has the paths of another place. A row that names a picture by its own path is of that picture.
        if path not in found and counts[bare] == 1 and last[bare] not in taken:
            found[path] = last[bare]
    return found


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
    """Class names in order; numbers by their value."""
    return tuple(sorted(names, key=lambda name: (int(name) if name.lstrip("-").isdecimal() else 0, name)))
