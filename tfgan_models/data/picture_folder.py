"""A folder of images, such as another program's samples, read without cropping or resizing."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from tfgan_models.data.findings import decide_reading, inspect_pictures, notes
from tfgan_models.data.folder_files import list_files
from tfgan_models.data.formats import picture_endings
from tfgan_models.data.layout import TEXT
from tfgan_models.data.picture import NOT_PICTURES, USUAL, Unreadable, read_header, read_picture
from tfgan_models.data.plan import Request
from tfgan_models.data.reading import Reading, check_background, check_range
from tfgan_models.data.utils import user_path
from tfgan_models.errors import InputError


def list_pictures(folder: str | os.PathLike, left_out: Collection[str] = ()) -> list[str]:
    """List the images below a folder by their relative paths.

    Files that are not images and do not have the ending of an image, such as notes.txt, are left out. Their number is
    printed on stderr. Damaged images are listed.

    Args:
        folder: path of the folder.
        left_out: relative paths of files to leave out without a line on stderr.

    Raises:
        InputError: the folder cannot be read, or has no images.
    """
    root = user_path(os.fspath(folder))
    names, others = [], []
    for file in list_files(root):
        if file.path not in left_out:
            (names if _may_be_picture(root, file.path) else others).append(file.path)
    if not names:
        problem = "has no pictures: give another" if others else "is empty: give a folder of pictures"
        raise InputError(f"the folder {str(root)!r} {problem}")
    if others:
        one = "1 file is not a picture and was left out, it is"
        several = f"{len(others)} files are not pictures and were left out, the first is"
        print(f"{os.fspath(folder)}: {one if len(others) == 1 else several} {others[0]!r}", file=sys.stderr)
    return names


def _may_be_picture(root: Path, name: str) -> bool:
    ending = PurePosixPath(name).suffix.lower()
    if ending in picture_endings() - TEXT:
        return True  # even if it is damaged
    try:
        read_header(root / name)
    except Unreadable as error:
        return str(error) != NOT_PICTURES
    return True


def read_pictures(
    folder: str | os.PathLike, channels: int, names: list[str] | None = None, reading: Reading = USUAL
) -> dict[str, np.ndarray]:
    """Read all images below a folder, which must be squares of one size.

    Args:
        folder: path of the folder.
        channels: 1 or 3.
        names: paths to read, relative to the folder, in this order; by default those of ``list_pictures``.
        reading: the result of ``choose_reading``.

    Returns:
        uint8 ``[size, size, channels]`` by the relative path, in the order of the paths.

    Raises:
        InputError: the folder has no images, one cannot be read, or sizes differ.
    """
    root = user_path(os.fspath(folder))
    if names is None:
        names = list_pictures(folder)
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
    folders: Mapping[str, Sequence[str]],
    background: str | None = None,
    range: Sequence[float] | str | None = None,
) -> Reading:
    """Choose one reading for the pictures of several folders: as given, and by the pictures where nothing is given.

    Choices that are made by the pictures are printed on stderr, each in one line.

    Args:
        folders: the relative paths of the images, by the path of their folder.
        background, range: as in ``sources.load``.

    Raises:
        InputError: an argument cannot be used.
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
        for path in (user_path(folder) / name for folder, names in folders.items() for name in names):
            with contextlib.suppress(Unreadable):  # ``read_pictures`` then names the file in its error.
                headers.append(read_header(path))
                paths.append(path)
        name = " and ".join(folders)
        findings = inspect_pictures(paths, headers, name)
    reading = decide_reading(request, findings)
    for note in notes(findings, request, reading, name):
        print(note, file=sys.stderr)
    return reading


def all_gray(folder: str | os.PathLike, names: Sequence[str]) -> bool:
    """Return True if all these images below a folder are gray."""
    root = user_path(os.fspath(folder))
    try:
        return all(read_header(root / name).gray for name in names)
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
