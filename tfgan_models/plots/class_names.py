"""Names of classes as figures can show them, in any script."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tfgan_models.files import atomic_write

FILE = "classes.txt"  # the names by their numbers, in the folder of the figures
DEFAULT = "DejaVu Sans"  # comes with matplotlib
MAX_COLUMNS = 24  # of a name; longer ones leave no room for the figure
# Letters of these scripts change their shapes next to other letters, which matplotlib knows from version 3.11 on.
SHAPED = ("ARABIC", "SYRIAC", "DEVANAGARI", "BENGALI", "TAMIL", "THAI", "KHMER", "MYANMAR", "HEBREW")


class ClassNames(NamedTuple):
    """The texts of the classes 0, 1, ….

    Attributes:
        texts: as a figure shows them.
        fonts: the families to draw them with, in order.
        numbered: whether the texts are numbers, as no font of the system has the names, or they cannot be shortened.
    """

    texts: tuple[str, ...]
    fonts: tuple[str, ...]
    numbered: bool


@functools.lru_cache(maxsize=8)
def drawable(names: tuple[str, ...]) -> ClassNames:
    """The names if fonts of the system have all of their characters, or else numbers.

    Long names are shortened in the middle. If that makes some of them equal, all names become numbers.
    """
    visible = tuple(_visible(name) for name in names)
    texts = tuple(map(_shortened, visible))
    characters = {ord(character) for text in texts for character in text}
    fonts = _fonts(characters)
    if fonts is None or not _shapes(characters) or len(set(texts)) < len(set(visible)):
        return ClassNames(tuple(map(str, range(len(names)))), (DEFAULT,), True)
    return ClassNames(texts, fonts, False)


def write_legend(names: Sequence[str], folder: Path) -> None:
    """Write the names by their numbers to ``classes.txt``, where figures have numbers; once."""
    if not drawable(tuple(names)).numbered:
        return
    text = "".join(f"{number}\t{name}\n" for number, name in enumerate(names))
    path = folder / FILE
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        with atomic_write(path, "wb") as file:
            file.write(text.encode())


def _visible(name: str) -> str:
    """A name without what has no glyph: signs that join or choose others, and any white space but single blanks."""
    kept = (c for c in " ".join(name.split()) if unicodedata.category(c) not in ("Cf", "Cc") and not _selects(c))
    return "".join(kept) or "?"


def columns(text: str) -> int:
    """The width of a text in columns; Chinese characters and emoji take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _shortened(text: str) -> str:
    """A text of at most ``MAX_COLUMNS``: the beginning and the end of a longer one."""
    if columns(text) <= MAX_COLUMNS:
        return text
    start, end = text, text
    while columns(start) > MAX_COLUMNS * 2 // 3:
        start = start[:-1]
    while columns(end) > MAX_COLUMNS - columns(start) - 1:
        end = end[1:]
    return f"{start.rstrip()}…{end.lstrip()}"


def _selects(character: str) -> bool:
    return 0xFE00 <= ord(character) <= 0xFE0F


def _shapes(characters: set[int]) -> bool:
    """Return True if matplotlib can join the letters of the scripts of these characters."""
    import matplotlib

    if matplotlib.__version_info__[:2] >= (3, 11):
        return True
    return not any(unicodedata.name(chr(code), "").startswith(SHAPED) for code in characters)


def _fonts(characters: set[int]) -> tuple[str, ...] | None:
    """Families that have all characters, the default first and few others; None where the system has no such."""
    missing = characters - _characters_of(DEFAULT)
    fonts = [DEFAULT]
    if not missing:
        return tuple(fonts)
    families = {family: missing & _characters_of(family) for family in _families()}
    while missing:
        best = max(families, key=lambda family: len(families[family] & missing), default=None)
        if best is None or not families[best] & missing:
            return None
        missing -= families[best]
        fonts.append(best)
    return tuple(fonts)


def _families() -> list[str]:
    """Families of the system; without those of formulas, those that draw boxes, and those of colors alone."""
    unfit = re.compile(r"Last ?Resort|^STIX|^cm[a-z]+10$|Color|Math")
    return sorted(name for name in _files() if name != DEFAULT and not unfit.search(name))


@functools.cache
def _files() -> dict[str, str]:
    """The file of each family that has upright letters of normal weight; of others matplotlib would log a warning."""
    from matplotlib import font_manager

    entries = font_manager.fontManager.ttflist
    weights = font_manager.weight_dict
    return {
        entry.name: entry.fname
        for entry in entries
        if entry.style == "normal" and weights.get(str(entry.weight), entry.weight) == weights["normal"]
    }


@functools.cache
def _characters_of(family: str) -> frozenset[int]:
    """The characters of a family; none if matplotlib cannot draw with its file."""
    from matplotlib import ft2font

    try:
        font = ft2font.FT2Font(_files()[family])
        return frozenset(font.get_charmap()) if font.scalable else frozenset()
    except (KeyError, OSError, RuntimeError, ValueError):
        return frozenset()
