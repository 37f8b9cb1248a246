"""A folder of images, such as another program's samples, read without cropping or resizing."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfgan_models.data.findings import decide, look, notes
from tfgan_models.data.folder_files import list_files
from tfgan_models.data.picture import USUAL, Unreadable, read_header, read_picture
from tfgan_models.data.plan import Request
from tfgan_models.data.reading import Reading, check_background, check_range
from tfgan_models.data.utils import user_path
from tfgan_models.errors import InputError


def read_pictures(
    folder: str | os.PathLike, channels: int, names: list[str] | None = None, reading: Reading = USUAL
) -> dict[str, np.ndarray]:
    """Read all images below a folder, which must be squares of one size.

    Args:
        folder: path of the folder.
        channels: 1 or 3.
        names: paths to read, relative to the folder, in this order; all by default.
        reading: the result of ``choose_reading``.

    Returns:
        uint8 ``[size, size, channels]`` by the relative path, in the order of the paths.

    Raises:
        InputError: the folder has no images, one cannot be read, or sizes differ.
    """
    root = user_path(os.fspath(folder))
    if names is None:
        names = [file.path for file in list_files(root)]
        if not names:
            raise InputError(f"the folder {str(root)!r} is empty: give a folder of pictures")
    size = _size(root / names[0])
    pictures = {}
    for name in names:
        if (other_size := _size(root / name)) != size:
            raise InputError(
                f"{str(root / name)!r} has {_text(other_size)} pixels, {names[0]!r} {_text(size)}: "
                "give pictures of one size"
            )
        try:
            pictures[name] = read_picture(root / name, size[0], channels, reading)
        except Unreadable as error:
            raise InputError(f"{str(root / name)!r}: {error}") from error
    return pictures


def choose_reading(
    folders: Sequence[str | os.PathLike],
    background: str | None = None,
    range: Sequence[float] | str | None = None,
) -> Reading:
    """How the pictures of all these folders are read: as given, and else as what they have in common needs it.

    What is decided for the user is printed on stderr, a line for each decision.

    Args:
        folders: their paths.
        background, range: as in ``sources.load``.

    Raises:
        InputError: a folder cannot be read, or a value is none that can be given.
    """
    request = Request(
        "train",
        8,
        background=None if background is None else check_background(background),
        ranges=check_range(range),
    )
    paths, headers = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, about odd metadata
        for root in (user_path(os.fspath(folder)) for folder in folders):
            for file in list_files(root):
                with contextlib.suppress(Unreadable):  # The reading that follows says which file it is.
                    headers.append(read_header(root / file.path))
                    paths.append(root / file.path)
        name = " and ".join(os.fspath(folder) for folder in folders)
        findings = look(paths, headers, name)
    reading = decide(request, findings)
    for note in notes(findings, request, reading, name):
        print(note, file=sys.stderr)
    return reading


def all_gray(folder: str | os.PathLike) -> bool:
    """Return whether every image below a folder is gray.

    Raises:
        InputError: the folder cannot be read.
    """
    root = user_path(os.fspath(folder))
    try:
        return all(read_header(root / file.path).gray for file in list_files(root))
    except Unreadable:
        return False  # ``read_pictures`` then names the file in its error


def _size(path: Path) -> tuple[int, int]:
    if not path.exists():
        raise InputError(f"there is no picture {str(path)!r}")
    try:
        size = read_header(path).size
    except Unreadable as error:
        raise InputError(f"{str(path)!r} cannot be read as a picture: move it out of the folder") from error
    if size[0] != size[1]:
        raise InputError(f"{str(path)!r} has {_text(size)} pixels: give square pictures")
    return size


def _text(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
