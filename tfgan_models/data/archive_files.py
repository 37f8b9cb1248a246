"""Archives that are read like a folder."""

from __future__ import annotations

import functools
import glob
import hashlib
import itertools
import os
from pathlib import Path
from typing import Literal

from tfgan_models.data.archive import Member, visible, without_folders_around
from tfgan_models.data.folder_files import SYSTEM, File, is_output
from tfgan_models.data.formats import picture_endings
from tfgan_models.data.tar_archive import tar_members
from tfgan_models.data.utils import user_path
from tfgan_models.data.zip_archive import zip_members
from tfgan_models.errors import InputError

Kind = Literal["zip", "tar"]
READERS = {"zip": zip_members, "tar": tar_members}
LABELS = (".cls", ".json")  # endings of the files with labels of a picture, in the layout of webdataset


class Archive:
    """The files of archives as those of a folder: ``archive / "cats/1.png"``. Folders around all of them are left out.

    Hidden files, and folders of the system, of runs, exports and evaluations are left out, as in a folder. Where the
    archives are in several folders, these folders count as around their files: ``train/`` and ``test/`` are splits.

    Args:
        kind: format of the archives.
        archives: their paths.
    """

    def __init__(self, kind: Kind, archives: tuple[Path, ...]):
        self.kind, self.archives = kind, archives

    def __truediv__(self, path: str) -> Member:
        """Return the file of a path."""
        return self.members[path]

    @functools.cached_property
    def members(self) -> dict[str, Member]:
        """All files by their path, sorted.

        Raises:
            InputError: an archive cannot be read, has a file that is refused, or a path is in two archives.
        """
        found: dict[str, Member] = {}
        place: dict[str, Path] = {}
        folders = _folders(self.archives)
        for archive in self.archives:
            inside = {folders[archive] + member.path: member for member in READERS[self.kind](archive)}
            if twice := sorted(inside.keys() & found.keys()):
                raise InputError(
                    f"the archives {str(place[twice[0]])!r} and {str(archive)!r} both have {twice[0]!r}: give archives "
                    "whose files have different names, or put them into folders such as train/ and test/"
                )
            found |= inside
            place |= dict.fromkeys(inside, archive)
        paths = sorted(visible(found, lambda name, names: name.casefold() in SYSTEM or is_output(names)))
        around = len(without_folders_around(paths))
        return {path[around:]: found[path] for path in paths}

    @functools.cached_property
    def files(self) -> tuple[File, ...]:
        """All files that may be pictures, sorted by path. In tar files, those that belong to a picture are left out."""
        seen: set[object] = set()
        files = []
        for path, member in self.members.items():
            if self.kind == "zip" or is_picture(path) or _key(path)[0] not in self._keys:
                files.append(File(path, member.size, 0, further=member.read in seen))
                seen.add(member.read)
        return tuple(files)

    @functools.cached_property
    def labels(self) -> dict[str, dict[str, Member]]:
        """The files ``key.cls`` and ``key.json`` of each picture ``key.jpg`` that has one, by their ending."""
        found: dict[str, dict[str, Member]] = {}
        for path, member in self.members.items():
            key, ending = _key(path)
            if ending in LABELS and self.kind == "tar":
                found.setdefault(key, {})[ending] = member
        return {path: found[key] for path in self.members if is_picture(path) and (key := _key(path)[0]) in found}

    @functools.cached_property
    def _keys(self) -> set[str]:
        return {_key(path)[0] for path in self.members if is_picture(path)}

    def sample(self, count: int) -> list[Member]:
        """Pictures by the endings of their names: evenly spaced ones, or the first ones of a tar file."""
        if self.kind == "zip":
            pictures = [self / file.path for file in self.files if not file.further and is_picture(file.path)]
            return pictures[:: max(1, len(pictures) // count)]
        members = (member for member in READERS[self.kind](self.archives[0]) if is_picture(member.path))
        return list(itertools.islice(members, count))


def open_archive(kind: Kind, pattern: str) -> Archive:
    """Open archives, whose files are listed when they are first needed.

    Args:
        kind: format of the archives.
        pattern: path; of tar files also a pattern, such as ``shards/*.tar`` or ``shards/**/*.tar``.

    Raises:
        InputError: there is no such file.
    """
    if not pattern:
        raise InputError(f"the source '{kind}:' has no file: give {kind}:{'PATH' if kind == 'zip' else 'PATTERN'}")
    path = user_path(pattern)
    paths = [path]
    if kind == "tar" and not path.exists():
        paths = [Path(name) for name in glob.glob(os.fspath(path), recursive=True) if not os.path.isdir(name)]
    if not paths or (kind == "zip" and not path.exists()):
        what = "that fits" if kind == "tar" else "at"
        raise InputError(f"there is no file {what} {pattern!r}: give {kind}: with the path of an archive")
    for file in paths:
        if not file.exists():
            raise InputError(f"{str(file)!r} is a broken link: remove it, or give a pattern that leaves it out")
    if path.is_dir():
        raise InputError(f"{kind}:{pattern} is a folder: give folder:{pattern}, or {kind}: with the path of an archive")
    return _open(kind, tuple(sorted({(file.resolve(), *_state(file)) for file in paths})))


def state(archive: Archive) -> str:
    """A hash of the paths, sizes and times of archives, which are not opened for it."""
    states = [(os.fspath(path), *_state(path)) for path in archive.archives]
    return hashlib.sha256(repr(states).encode(errors="surrogateescape")).hexdigest()


def is_picture(path: str) -> bool:
    """Return True if a file has the ending of a picture."""
    return os.path.splitext(path)[1].lower() in picture_endings()


@functools.lru_cache(maxsize=2)
def _open(kind: Kind, states: tuple[tuple[Path, int, int], ...]) -> Archive:
    """Open archives in a state; both splits and the size of the pictures need the same."""
    return Archive(kind, tuple(path for path, *_ in states))


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _folders(archives: tuple[Path, ...]) -> dict[Path, str]:
    """The folder of each archive relative to the folder that contains all of them; empty, or with a slash behind it."""
    above = Path(os.path.commonpath([path.parent for path in archives]))
    return {path: "".join(f"{part}/" for part in path.parent.relative_to(above).parts) for path in archives}


def _key(path: str) -> tuple[str, str]:
    """The key of a file and the ending of its name, in the layout of webdataset: a name is cut at its first dot."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.partition(".")
    return f"{folder}{slash}{stem}", f"{dot}{ending}".lower()
