"""List and clear the sets in the cache of images."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tfgan_models.errors import InputError

TEMPORARY = ".writing-"  # begins the names of folders that are being written or removed
# The files of a set. A folder with any other file is not ours, and is never touched.
FILES = {"about.json", "digests.json", "images.npy", "labels.npy", "attributes.npy", "encoded.npy", "ends.npy"}


class CachedSet(NamedTuple):
    """A set in the cache.

    Attributes:
        folder: its folder.
        count: number of images.
        shape: height, width and channels of an image.
        encoding: ``"png"``, or empty for arrays.
        bytes: size of all files.
        made: time at which it was made, in seconds since 1970.
    """

    folder: Path
    count: int
    shape: tuple[int, ...]
    encoding: str
    bytes: int
    made: float

    def __str__(self) -> str:
        """One line: size, number and shape of the images, date and name."""
        height, width, channels = self.shape
        images = f"{self.count:,} pictures of {width}×{height}×{channels}{f' as {self.encoding}' * bool(self.encoding)}"
        date = time.strftime("%Y-%m-%d", time.localtime(self.made))
        return f"{in_words(self.bytes):>10}  {date}  {self.folder.name}: {images}"


def in_words(size: float) -> str:
    """A number of bytes in MB or GB."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def list_sets(cache_dir: Path) -> list[CachedSet]:
    """List the sets in a cache, the largest first. Everything else in the folder is left out.

    Raises:
        InputError: the folder cannot be read. One that does not exist is empty.
    """
    try:
        folders = [entry for entry in cache_dir.iterdir() if entry.is_dir() and not entry.is_symlink()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"cannot read the image cache {str(cache_dir)!r}: {error.strerror}; give another") from error
    sets = [found for folder in folders if (found := read_set(folder)) is not None]
    return sorted(sets, key=lambda found: (-found.bytes, found.folder.name))


def read_set(folder: Path) -> CachedSet | None:
    """Describe the set in a folder; None if the folder is not a set that this package has made."""
    try:
        entries = list(folder.iterdir())
        if folder.name.startswith(".") or any(entry.name not in FILES or not _is_file(entry) for entry in entries):
            return None
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        arrays = about["arrays"]
        if "ends" in arrays:
            (count,), shape = arrays["ends"]["shape"], about["image_shape"]
        else:
            count, *shape = arrays["images"]["shape"]
        height, width, channels = map(int, shape)
        size = sum(entry.stat().st_size for entry in entries)
        made = (folder / "about.json").stat().st_mtime
        return CachedSet(folder, int(count), (height, width, channels), about.get("encoding", ""), size, made)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def remove_sets(sets: Iterable[CachedSet]) -> None:
    """Remove sets. Runs that have them open can go on, since the files exist as long as they are open.

    Raises:
        InputError: a file cannot be removed.
    """
    for found in sets:
        # Aside in one step first, so that no run finds half a set. The name is that of unfinished sets, which are
        # removed later if this is killed.
        aside = found.folder.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
        try:
            os.rename(found.folder, aside)
            for name in FILES:
                with contextlib.suppress(FileNotFoundError):
                    (aside / name).unlink()
            aside.rmdir()
        except FileNotFoundError:
            continue  # another process was first
        except OSError as error:
            raise InputError(f"cannot remove {str(found.folder)!r}: {error.strerror}; remove it yourself") from error


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
