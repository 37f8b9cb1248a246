"""Attributes in the format of CelebA's ``list_attr_celeba.txt``, or in a table.

In CelebA's format the first line is the number of rows, the second the attributes' names. Then there is a row for each
image: the name of its file and -1 or 1 for each attribute, all separated by blanks.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfgan_models.data.table_file import is_table, parse_table, read_text
from tfgan_models.data.table_labels import TableLabels, read_labels
from tfgan_models.errors import InputError


@dataclasses.dataclass(frozen=True)
class AttributeTable:
    """Rows of uint8 ``[k]`` in {0, 1} by file name, and the k names."""

    names: tuple[str, ...]
    rows: dict[str, np.ndarray]

    def rows_of(self, paths: list[str], file: Path) -> list[np.ndarray]:
        """Look up the row of each image, by its path relative to the folder or else by its file name.

        Args:
            paths: paths of the images, relative to their folder, with forward slashes.
            file: file of the table, named in errors.

        Raises:
            InputError: an image has no row, or shares one with another image.
        """
        keys = [path if path in self.rows else path.rpartition("/")[2] for path in paths]
        missing = [path for path, key in zip(paths, keys, strict=True) if key not in self.rows]
        if missing:
            raise InputError(
                f"{len(missing)} of {len(paths)} pictures have no row in {str(file)!r}, the first is {missing[0]!r}: "
                "add the rows or leave out the attribute file"
            )
        key, uses = collections.Counter(keys).most_common(1)[0]
        if uses > 1:
            raise InputError(
                f"{uses} pictures share the row {key!r} of {str(file)!r}: name them there by their path in the folder"
            )
        return [self.rows[key] for key in keys]


def labels_of(
    file: Path, pictures: Sequence[str], label_column: str | None = None, attribute_columns: Sequence[str] = ()
) -> TableLabels:
    """Read the labels of pictures from a file in either format.

    Args:
        file: path of the file.
        pictures: paths of the pictures relative to the folder, with forward slashes.
        label_column: column of classes in a table, as in ``table_labels.read_labels``.
        attribute_columns: columns of attributes in a table, or attributes in CelebA's format; all by default.

    Raises:
        InputError: the file cannot be read, is malformed, or does not fit the pictures.
    """
    text = read_text(file)
    if is_table(text):
        return read_labels(parse_table(file, text), pictures, label_column, attribute_columns)
    table = read_attributes(file)
    if label_column:
        raise InputError(f"label_column {label_column}: {str(file)!r} has attributes alone, give a table with a header")
    if unknown := [name for name in attribute_columns if name not in table.names]:
        raise InputError(f"{str(file)!r} has no column {unknown[0]!r}: its columns are {', '.join(table.names)}")
    rows = dict(zip(pictures, table.rows_of(list(pictures), file), strict=True))
    if not attribute_columns:
        return TableLabels(table.names, rows, (), {}, "")
    columns = [table.names.index(name) for name in attribute_columns]
    return TableLabels(tuple(attribute_columns), {path: row[columns] for path, row in rows.items()}, (), {}, "")


def read_attributes(file: Path) -> AttributeTable:
    """Read an attribute file in CelebA's format.

    Raises:
        InputError: the file cannot be read or is malformed; the message gives the line's number.
    """
    text = read_text(file)
    lines = text.strip("\n \t").split("\n")
    first = 1 + text[: text.find(lines[0])].count("\n")  # number of the first line that is not blank
    if len(lines) < 2 or not lines[0].strip().isdecimal():
        raise _malformed(
            file, first, "the number of rows, then a line with the attributes' names; or a header with commas"
        )
    names = tuple(lines[1].split())
    if not names or len(set(names)) != len(names):
        raise _malformed(file, first + 1, "the attributes' names, all different and separated by blanks")
    count = int(lines[0])
    if count != len(lines) - 2:
        raise InputError(
            f"the attribute file {str(file)!r} announces {count} rows in line {first} but has {len(lines) - 2}: "
            "correct it"
        )
    rows: dict[str, np.ndarray] = {}
    for number, line in enumerate(lines[2:], start=first + 2):
        name, row = _row(file, number, line, len(names))
        if name in rows:
            raise _malformed(file, number, f"another file than {name!r}, which has a row already")
        rows[name] = row
    return AttributeTable(names, rows)


def _row(file: Path, number: int, line: str, count: int) -> tuple[str, np.ndarray]:
    # Split from the right, since a file's name may contain blanks.
    name, *values = line.strip().rsplit(maxsplit=count) or [""]
    if len(values) != count or not set(values) <= {"-1", "1"} or name.split()[-1] in ("-1", "1"):
        raise _malformed(file, number, f"a file's name and {count} values, each -1 or 1")
    return name, np.array([value == "1" for value in values], np.uint8)


def _malformed(file: Path, number: int, expected: str) -> InputError:
    return InputError(f"line {number} of the attribute file {str(file)!r} should hold {expected}")
