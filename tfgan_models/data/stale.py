"""Temporary folders that killed runs left."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

STALE_SECONDS = 3600


def remove_stale(folders: Iterable[Path]) -> None:
    """Remove those in which nothing has been written for an hour: nobody is at work in them any more."""
    for folder in folders:
        with contextlib.suppress(OSError):
            newest = max(path.stat().st_mtime for path in [folder, *folder.rglob("*")])
            if time.time() - newest > STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
