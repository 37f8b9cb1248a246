"""Formats of pictures that can be read, and the packages to install for two that may need more."""

from __future__ import annotations

import contextlib
import functools
import importlib
from pathlib import Path

from PIL import Image

_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AVIF = (b"avif", b"avis")


@functools.cache
def formats() -> list[str]:
    """The names of all formats to try, with HEIC where its plug-in is installed."""
    Image.init()
    # An installed plug-in may still lack its library.
    with contextlib.suppress(Exception):
        importlib.import_module("pillow_heif").register_heif_opener()
    # To read PostScript, Pillow runs another program, which must not run on pictures from unknown sources.
    return [name for name in Image.ID if name != "EPS"]


@functools.cache
def picture_endings() -> frozenset[str]:
    """The endings of files in these formats, in lower case, such as ``.jpg``."""
    known = formats()
    return frozenset(ending for ending, name in Image.registered_extensions().items() if name in known)


def remedy(path: Path) -> str | None:
    """The kind of a file that Pillow does not recognize, and the package that reads it; None for other files."""
    with path.open("rb") as file:
        start = file.read(64)
    if start[4:8] != b"ftyp":
        return None
    brands = {start[8:12], *(start[i : i + 4] for i in range(16, 64, 4))}
    if start[8:12] in _AVIF or (brands.intersection(_AVIF) and start[8:12] not in _HEIC[:6]):
        return "AVIF pictures, which this Pillow cannot read: install the wheel of pillow from PyPI"
    if brands.intersection(_HEIC):
        return "HEIC pictures, which need more: pip install 'tfgan_models[heic]'"
    return None
