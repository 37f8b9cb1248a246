"""Zip and tar archives of pictures as sources."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tfgan_models.data.archive_files import Kind, open_archive, state
from tfgan_models.data.archive_labels import labels_of_files
from tfgan_models.data.folder import Pictures, plan_pictures
from tfgan_models.data.folder_labels import FolderOptions, no_labels
from tfgan_models.data.plan import Plan, Request
from tfgan_models.data.utils import user_path

_PATTERN = re.compile(r"[*?\[]")


def plan_archive(kind: Kind, pattern: str, request: Request, options: FolderOptions, cache_dir: Path | None) -> Plan:
    """Plan to read all images in archives, as those of the folder into which they would be unpacked.

    The archives are read in place. They are opened only if the images or the findings about them are not in the cache.

    Args:
        kind: format of the archives.
        pattern: as for ``open_archive``.
        request, options, cache_dir: as for ``plan_pictures``.

    Raises:
        InputError: the archives cannot be read, or have a file that is refused.
    """
    archive = open_archive(kind, pattern)
    several = len(archive.archives) > 1
    pictures = Pictures(
        root=archive,
        kind=kind,
        name=archive_name(pattern),
        title=f"the archives {pattern!r}" if several else f"the archive {os.fspath(archive.archives[0])!r}",
        # Version 2 of the names in zip archives reads UTF-8 without its flag.
        identity={"source": kind, "archives": state(archive), "layout": options.layout}
        | ({"names": 2} if kind == "zip" else {}),
        files=lambda: archive.files,
        labels=(lambda *arguments: labels_of_files(archive.labels, *arguments)) if kind == "tar" else no_labels,
    )
    return plan_pictures(pictures, request, options, cache_dir)


def archive_name(pattern: str) -> str:
    """The name of archives: that of the file without its ending, or that of the folder of several."""
    path = Path(os.path.realpath(user_path(pattern)))
    name = path.name
    for ending in (".gz", ".bz2", ".xz", ".tgz", ".tar", ".zip"):
        name = name.removesuffix(ending)
    if not _PATTERN.search(name):
        return name
    plain = [part for part in path.parent.parts if not _PATTERN.search(part)]
    return _PATTERN.split(name)[0].rstrip("-_.0123456789") or plain[-1]
