"""The column of a table that names the pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from tfgan_models.data.table_file import Table, is_binary
from tfgan_models.data.utils import composed
from tfgan_models.errors import InputError

_NUMBER_NAME = re.compile(r"(\d{1,4000})(?:\.0)?", re.ASCII)  # a picture's name, as a spreadsheet may change it
# Usual names of the column that names the pictures. A picture may have the same name: image.jpg.
PICTURE_NAMES = {"file", "filename", "file_name", "id", "image", "image_id", "image_name", "img", "name", "path"}


def key_column(table: Table, pictures: Sequence[str]) -> tuple[str, dict[str, int]]:
    """The column that names the most pictures, and the row of each of these pictures.

    Raises:
        InputError: no column names any picture, the header is missing, or rows and pictures do not correspond one to
            one.
    """
    file = str(table.file)
    key, rows = _best_column(table, _by_name(table, pictures))
    if len(rows) < len(pictures):
        # A spreadsheet may have left the zeros of no name, or only the names without zeros as they are.
        numbers = {name: _match_numbers(values, pictures) for name, values in table.columns.items()}
        more = {name: found for name, found in numbers.items() if found.items() > rows.items()}
        if more:
            key, rows = _best_column(table, more)
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


def _best_column(table: Table, rows_of: Mapping[str, dict[str, int]]) -> tuple[str, dict[str, int]]:
    """The column that names the most pictures, and the row of each of these; "" and no rows if none does.

    An index that a program has added, 0, 1, …, may also be names of pictures without their endings, and counts only if
    no other column has names with their endings or a usual name. Among columns that name equally many, those with
    endings come first, then those with a usual name.

    Args:
        table: the table.
        rows_of: the row of each picture that a column names, by the column.

    Raises:
        InputError: several columns are equally good, and give different rows to the pictures.
    """
    ranks: dict[str, tuple[int, int, bool]] = {}
    for name, rows in rows_of.items():
        values = table.columns[name]
        endings = ((values[row], PurePosixPath(path).suffix) for path, row in rows.items())
        whole = sum(bool(ending) and value.endswith(ending) for value, ending in endings)
        ranks[name] = len(rows), whole, name.casefold() in PICTURE_NAMES
    if any(whole or usual for _, whole, usual in ranks.values()):
        ranks = {name: rank for name, rank in ranks.items() if any(rank[1:]) or not _is_index(table.columns[name])}
    if not ranks:
        return "", {}
    best = max(ranks, key=ranks.__getitem__)
    for name, rank in ranks.items():
        if rank == ranks[best] and rows_of[name] != rows_of[best]:
            raise InputError(
                f"the columns {best!r} and {name!r} of {str(table.file)!r} both name the pictures, in different rows: "
                "remove one of them"
            )
    return best, rows_of[best]


def _is_index(values: Sequence[str]) -> bool:
    """Return True for 0, 1, … or 1, 2, … in the order of the rows."""
    return any(all(value == str(i) for i, value in enumerate(values, start)) for start in (0, 1))


def _by_name(table: Table, pictures: Sequence[str]) -> dict[str, dict[str, int]]:
    """The row of each picture that a column names, for each column that names one."""
    paths = [PurePosixPath(composed(path)) for path in pictures]
    known = {path.name for path in paths} | {path.name.removesuffix(path.suffix) for path in paths}

    def names_one(values: Sequence[str]) -> bool:
        return any(composed(value).replace("\\", "/").rpartition("/")[2] in known for value in values)

    columns = {name: values for name, values in table.columns.items() if not is_binary(values) and names_one(values)}
    return {name: rows for name, values in columns.items() if (rows := _match(values, pictures))}


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
