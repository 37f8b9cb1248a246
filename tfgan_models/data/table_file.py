"""Text files with a row for each picture: their encoding, and tables with a header."""

from __future__ import annotations

import codecs
import csv
import dataclasses
import io
import re
from collections import Counter
from pathlib import Path

from tfgan_models.errors import InputError

SEPARATORS = "\t;,"
# Excel writes and reads a first line that names the separator.
_SEPARATOR_LINE = re.compile(r'"?sep=([^"\w\s]|\t)"?[;,\t]*', re.IGNORECASE)
# Texts of an attribute's values. A column may have 0 or -1, not both.
YES, NO = {"1", "1.0", "+1", "true", "yes"}, {"0", "0.0", "-1", "-1.0", "false", "no"}


@dataclasses.dataclass(frozen=True)
class Table:
    """A table with a header.

    Attributes:
        file: path of the file.
        columns: the text of each row, by the name of the column.
        lines: number of each row's line in the file.
        header_line: number of the header's line.
    """

    file: Path
    columns: dict[str, list[str]]
    lines: list[int]
    header_line: int = 1


def read_text(file: Path) -> str:
    """Read a file in UTF-8, or in UTF-16 if it begins with a byte order mark, with ``\\n`` at the end of each line.

    Raises:
        InputError: the file cannot be read, or has another encoding.
    """
    try:
        content = file.read_bytes()
        utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = content.decode("utf-16" if utf_16 else "utf-8").lstrip("\ufeff")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file in UTF-8"
        raise InputError(f"cannot read the attribute file {str(file)!r}: {reason}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_table(text: str) -> bool:
    """Return True if a text begins with a header, or with a line that names the separator such as ``sep=;``."""
    separator, text = _without_separator_line(text)
    return separator is not None or any(other in _first_line(text) for other in SEPARATORS)


def parse_table(file: Path, text: str) -> Table:
    """Parse a table with a header. Its separators are commas, semicolons or tabs, or those that a first line names.

    Args:
        file: path of the file.
        text: text of the file. Blank lines are skipped.

    Raises:
        InputError: the table is malformed; the message gives the number of the line.
    """
    separator, text = _without_separator_line(text)
    separator = separator or max(SEPARATORS, key=_first_line(text).count)
    # Not text.splitlines, which also splits at other characters that names may contain, such as U+2028.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    names: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    header_line = 1
    try:
        for row in reader:
            values = [value.strip() for value in row]
            if not any(values):
                continue
            if not names:
                names = [name or f"column {i}" for i, name in enumerate(values, 1)]
                header_line = reader.line_num
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
        raise InputError(f"line {header_line} of {str(file)!r} has two columns {repeated[0]!r}: rename one")
    if not rows:
        raise InputError(f"the table {str(file)!r} has a header and no rows: add a row for each picture")
    return Table(file, {name: [row[i] for row in rows] for i, name in enumerate(names)}, lines, header_line)


def _first_line(text: str) -> str:
    """The first line with more than blanks and separators."""
    return next((line for line in text.split("\n") if line.strip(SEPARATORS + " ")), "")


def _without_separator_line(text: str) -> tuple[str | None, str]:
    """The separator that the first line names, or None, and the text with this line left empty."""
    line = _first_line(text)
    if not (match := _SEPARATOR_LINE.fullmatch(line)):
        return None, text
    return match[1], text.replace(line, "", 1)


def is_binary(values: list[str]) -> bool:
    """Return True if all values are 0 and 1, or all are -1 and 1."""
    distinct = {value.casefold() for value in values}
    return distinct <= YES | NO and not (distinct & {"0", "0.0"} and distinct & {"-1", "-1.0"})
