"""Formats of pictures that can be read, and what to do with files in some formats that cannot."""

from __future__ import annotations

import contextlib
import functools
import importlib

from PIL import Image

from tfgan_models.data.archive import AnyFile

_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AVIF = (b"avif", b"avis")
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\xfd7zXZ\x00")
RAW = "pictures in a camera's raw format: export them as JPEG or TIFF"
# Pillow would read the small preview at the beginning of these files.
RAW_ENDINGS = frozenset({".3fr", ".arw", ".cr2", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".nef", ".nrw"}) | frozenset(
    {".orf", ".pef", ".raw", ".rw2", ".sr2", ".srf", ".srw"}
)


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


def remedy(path: AnyFile) -> str | None:
    """The kind of a file that Pillow does not recognize, and what to do with it; None for other files."""
    with path.open("rb") as file:
        start = file.read(132)
    if start[128:] == b"DICM":
        return "DICOM files: convert them to 16-bit PNG or TIFF"
    if start.startswith(b"version https://git-lfs"):
        return "pointers of Git LFS in place of files: run git lfs pull"
    if start.startswith(b"FUJIFILMCCD-RAW") or start[4:11] == b"ftypcrx":
        return RAW
    if start.startswith(_ARCHIVES):
        return "archives: unpack them"
    return _phone_format(start[:64])


def _phone_format(start: bytes) -> str | None:
    """The kind of a file in the container of HEIC and AVIF, and the package that reads it."""
    if start[4:8] != b"ftyp":
        return None
    brands = {start[8:12], *(start[i : i + 4] for i in range(16, 64, 4))}
    if start[8:12] in _AVIF or (brands.intersection(_AVIF) and start[8:12] not in _HEIC[:6]):
        return "AVIF pictures, which this Pillow cannot read: install the wheel of pillow from PyPI"
    if brands.intersection(_HEIC):
        return "HEIC pictures, which need more: pip install 'tfgan_models[heic]'"
    return None
